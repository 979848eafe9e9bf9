import type { IncomingHttpHeaders } from 'node:http'
import type { Settings } from './settings.ts'

/** Header names whose value may be a credential. */
const SECRET_NAME = /auth|key|token|cookie|secret|session|password/i

/** Whether the request brings an accepted key. `keys` null accepts any, but not none. */
export function authorized(
  headers: IncomingHttpHeaders,
  keys: readonly string[] | null,
  settings: Pick<Settings, 'authHeader' | 'authPrefix'>,
): boolean {
  const given = headers[settings.authHeader]
  if (typeof given !== 'string') return false
  // RFC 9110 section 11.1: the scheme's name is case-insensitive.
  const prefix = given.slice(0, settings.authPrefix.length)
  if (prefix.toLowerCase() !== settings.authPrefix.toLowerCase()) return false
  const key = given.slice(prefix.length)
  return keys === null ? key.trim().length > 0 : keys.includes(key)
}

/** The headers without the values that may be credentials. */
export function redacted(
  headers: IncomingHttpHeaders,
  settings: Pick<Settings, 'authHeader'>,
): IncomingHttpHeaders {
  const safe = Object.entries(headers).map(([name, value]) => {
    const secret = name === settings.authHeader || (SECRET_NAME.test(name) && name !== 'sec-websocket-key')
    return [name, secret ? '[redacted]' : value] as const
  })
  return Object.fromEntries(safe)
}
