import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Why a request is not served: an HTTP status and a sentence for whoever sent it. */
export interface Refusal {
  readonly status: number
  readonly message: string
}

/**
 * Judges a request by where it says it comes from and goes to. A page from elsewhere that resolves its own name to
 * this machine still sends that name as `Host`, and its own address as `Origin`.
 */
export function refuseStranger(request: IncomingMessage, port: number): Refusal | null {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${port}`)
  const { host, origin } = request.headers
  if (host === undefined || !hosts.includes(host)) {
    return { status: 421, message: 'This page is served to this machine only, under 127.0.0.1.' }
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, message: 'Requests from other pages are not answered.' }
  }
  return null
}

/** The address that is asked for; null for one that is none. */
export function addressOf(request: IncomingMessage, port: number): URL | null {
  const base = `http://127.0.0.1:${port}`
  const path = request.url ?? '/'
  return URL.canParse(path, base) ? new URL(path, base) : null
}

/** Judges the token in the address. The comparison takes the same time whatever is wrong with it. */
export function refuseWithoutToken(url: URL, token: string): Refusal | null {
  const given = url.searchParams.get('token') ?? ''
  if (timingSafeEqual(digest(given), digest(token))) return null
  return {
    status: 401,
    message: 'Open the address as it was printed, with its token. A new one is made with every start.',
  }
}

/** Headers of every answer. `connect` is allowed to the page's own socket, and nothing else to anywhere. */
export function securityHeaders(host: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
