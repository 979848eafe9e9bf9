import { BadOptionError } from '../protocol/errors.ts'
import type { TransportOptions } from '../protocol/transport.ts'

/** RFC 9110 section 5.6.2: a token, which is what a header name is. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 section 5.5: visible characters, spaces, tabs and obs-text. No line break, no control character. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** What the opening handshake sets itself (RFC 6455 section 4.1), or what would change the framing of the request. */
const HANDSHAKE_HEADER =
  /^(connection|upgrade|content-length|transfer-encoding|expect|te|trailer|sec-websocket-.*)$/i
/** Headers that hold credentials by their name. */
const CREDENTIAL_HEADER = /auth|cookie|key|token|secret|password/i

export function isFieldValue(text: string): boolean {
  return FIELD_VALUE.test(text)
}

/**
 * The headers of the upgrade request. The auth mode's header replaces one of the same name.
 *
 * @throws BadOptionError for names and values that could not travel, without showing them
 */
export function upgradeHeaders(options: TransportOptions, key: string | null): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers)) {
    checkName(name, 'headers')
    checkValue(value, `headers.${name}`)
    headers[name] = value
  }
  const auth = authHeader(options, key)
  if (auth === null) return headers
  const [authName, authValue] = auth
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() === authName.toLowerCase()) delete headers[name]
  }
  headers[authName] = authValue
  return headers
}

/** Every secret that these options and this key can put on the wire, for `createScrub`. */
export function secretsOf(options: TransportOptions, key: string | null): string[] {
  const { auth, headers, proxy } = options
  const found = key === null ? [] : [key]
  if (auth.mode === 'authorization-bearer') found.push(auth.token)
  if (auth.mode === 'header') found.push(auth.value)
  for (const [name, value] of Object.entries(headers)) {
    if (CREDENTIAL_HEADER.test(name)) found.push(value, value.replace(/^\S+ /, ''))
  }
  for (const url of [options.url, proxy?.mode === 'explicit-proxy' ? proxy.url : '']) {
    if (!URL.canParse(url)) continue
    const { username, password, searchParams } = new URL(url)
    found.push(username, password, decoded(username), decoded(password))
    for (const [name, value] of searchParams) if (CREDENTIAL_HEADER.test(name)) found.push(value)
  }
  return found
}

/** True when the upgrade request would carry a credential. */
export function carriesCredential(options: TransportOptions): boolean {
  if (options.auth.mode !== 'provider-default' || options.credential !== null) return true
  const { username, password } = new URL(options.url)
  if (username !== '' || password !== '') return true
  return Object.keys(options.headers).some((name) => CREDENTIAL_HEADER.test(name))
}

function authHeader({ auth }: TransportOptions, key: string | null): readonly [string, string] | null {
  if (auth.mode === 'provider-default') return key === null ? null : ['Authorization', `Bearer ${key}`]
  if (auth.mode === 'authorization-bearer') {
    checkValue(auth.token, 'auth.token')
    return ['Authorization', `Bearer ${auth.token}`]
  }
  checkName(auth.headerName, 'auth.headerName')
  const value = auth.prefix === undefined ? auth.value : `${auth.prefix} ${auth.value}`
  checkValue(value, 'auth.value')
  return [auth.headerName, value]
}

function checkName(name: string, path: string): void {
  if (!TOKEN.test(name)) throw new BadOptionError(path, 'has a name that is not a header name (RFC 9110)')
  if (HANDSHAKE_HEADER.test(name))
    throw new BadOptionError(path, `sets "${name}", which the handshake sets itself`)
}

function checkValue(value: unknown, path: string): void {
  if (typeof value !== 'string') throw new BadOptionError(path, 'must be a string')
  if (!isFieldValue(value)) throw new BadOptionError(path, 'holds a line break or a control character')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
