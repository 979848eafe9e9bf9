import { isCredentialName } from '../protocol/credential-names.ts'
import { BadOptionError } from '../protocol/errors.ts'
import { isFieldValue, isToken } from '../protocol/http-syntax.ts'
import type { TransportOptions } from '../protocol/transport.ts'

/** What the opening handshake sets itself (RFC 6455 section 4.1), or what would change the framing of the request. */
const HANDSHAKE_HEADER =
  /^(connection|upgrade|content-length|transfer-encoding|expect|te|trailer|sec-websocket-.*)$/i

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
    // Without its scheme as well, and each cookie by itself.
    if (isCredentialName(name)) found.push(value, ...value.split(/[\s;,=]/))
  }
  for (const url of [options.url, proxy?.mode === 'explicit-proxy' ? proxy.url : '']) {
    if (!URL.canParse(url)) continue
    const { username, password, searchParams } = new URL(url)
    found.push(username, password, decoded(username), decoded(password))
    for (const [name, value] of searchParams) if (isCredentialName(name)) found.push(value)
  }
  return found
}

/** True when the upgrade request would carry a credential. */
export function carriesCredential(options: TransportOptions): boolean {
  if (options.auth.mode !== 'provider-default' || options.credential !== null) return true
  const { username, password } = new URL(options.url)
  if (username !== '' || password !== '') return true
  return Object.keys(options.headers).some((name) => isCredentialName(name))
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
  if (!isToken(name)) throw new BadOptionError(path, 'has a name that is not a header name (RFC 9110)')
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
