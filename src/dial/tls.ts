import { X509Certificate, createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { type PeerCertificate, type SecureContext, checkServerIdentity, createSecureContext } from 'node:tls'
import { BadOptionError } from '../protocol/errors.ts'
import type { TlsOptions } from '../protocol/transport.ts'
import { errnoOf } from './failure.ts'

/** What `tls.connect` takes from us. Holds no PEM text: that is read into the secure context at once. */
export interface TlsConnectOptions {
  readonly rejectUnauthorized: true
  readonly secureContext?: SecureContext
  readonly servername?: string
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined
}

/**
 * `rejectUnauthorized` is always said, so that `NODE_TLS_REJECT_UNAUTHORIZED=0` changes nothing.
 *
 * @param name the host name that the certificate must be for, where Node cannot know it itself
 * @throws BadOptionError when a certificate or key cannot be read
 */
export function tlsConnectOptions(
  tls: TlsOptions<string> | null | undefined,
  path: string,
  name: string | undefined = tls?.serverName,
): TlsConnectOptions {
  const context = secureContext(tls, path)
  return {
    rejectUnauthorized: true,
    ...(context === undefined ? {} : { secureContext: context }),
    ...(name === undefined ? {} : identity(name)),
  }
}

function identity(name: string): Pick<TlsConnectOptions, 'servername' | 'checkServerIdentity'> {
  return {
    // RFC 6066 section 3: no IP addresses in SNI. The empty string keeps Node from guessing a name.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  }
}

/**
 * Certificates and keys, ready for a handshake; undefined where none is given.
 *
 * @throws BadOptionError for the first that cannot be used, by its path
 */
export function secureContext(
  tls: TlsOptions<string> | null | undefined,
  path: string,
): SecureContext | undefined {
  const { ca, cert, key, passphrase } = tls ?? {}
  if (ca === undefined && cert === undefined && key === undefined) return undefined
  // OpenSSL takes any text for a list of authorities, and finds none in it.
  if (ca !== undefined)
    attempt(`${path}.ca`, 'holds no certificate that can be read', () => checkCertificates(ca))
  if (cert !== undefined)
    attempt(`${path}.cert`, 'holds no certificate that can be read', () => checkCertificates(cert))
  if (key !== undefined) checkKey(key, passphrase, path)
  return attempt(path, 'holds a certificate and a key that do not belong together', () =>
    createSecureContext({ ca, cert, key, passphrase }),
  )
}

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

function checkCertificates(text: string): void {
  const found = text.match(CERTIFICATE) ?? []
  if (found.length === 0) throw new Error('none')
  // Throws for one that cannot be read.
  found.forEach((one) => new X509Certificate(one))
}

function checkKey(key: string, passphrase: string | undefined, path: string): void {
  try {
    createPrivateKey({ key, passphrase })
  } catch (error) {
    const code = errnoOf(error)
    const isLocked =
      code === 'ERR_MISSING_PASSPHRASE' || /BAD_DECRYPT|INTERRUPTED_OR_CANCELLED/.test(code ?? '')
    const problem = isLocked ? 'does not open the private key' : 'holds no private key that can be read'
    throw new BadOptionError(
      `${path}.${isLocked ? 'passphrase' : 'key'}`,
      `${problem} (${code ?? 'not PEM'})`,
    )
  }
}

function attempt<Result>(path: string, problem: string, task: () => Result): Result {
  try {
    return task()
  } catch (error) {
    throw new BadOptionError(path, `${problem} (${errnoOf(error) ?? 'not PEM'})`)
  }
}
