import { BadOptionError } from '../protocol/errors.ts'

/** The HTTP scheme of each WebSocket scheme (RFC 6455 section 3). */
const SCHEMES: Readonly<Record<string, string>> = { 'ws:': 'http:', 'wss:': 'https:' }

/**
 * Where the same endpoint answers over HTTP: `ws:` becomes `http:`, `wss:` becomes `https:`, and user, host,
 * port, path and query stay.
 *
 * @example
 * ```ts
 * httpUrlOf('wss://api.openai.com/v1/responses') // 'https://api.openai.com/v1/responses'
 * ```
 *
 * @throws BadOptionError for anything that is no `ws:` or `wss:` URL
 */
export function httpUrlOf(wsUrl: string): string {
  if (!URL.canParse(wsUrl)) throw new BadOptionError('url', 'is no URL')
  const url = new URL(wsUrl)
  const scheme = SCHEMES[url.protocol]
  if (scheme === undefined) throw new BadOptionError('url', 'must be a ws: or wss: URL')
  url.protocol = scheme
  return url.href
}

/**
 * The compaction endpoint beside a Responses endpoint: `/compact` after the path, the query kept.
 *
 * @throws BadOptionError for anything that is no `ws:` or `wss:` URL
 */
export function compactUrlOf(wsUrl: string): string {
  const url = new URL(httpUrlOf(wsUrl))
  url.pathname = `${url.pathname.replace(/\/$/, '')}/compact`
  return url.href
}
