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

function secureContext(tls: TlsOptions<string> | null | undefined, path: string): SecureContext | undefined {
  const { ca, cert, key, passphrase } = tls ?? {}
  if (ca === undefined && cert === undefined && key === undefined) return undefined
  try {
    return createSecureContext({ ca, cert, key, passphrase })
  } catch (error) {
    const code = errnoOf(error) ?? 'not PEM'
    throw new BadOptionError(path, `holds a certificate, key or passphrase that cannot be used (${code})`)
  }
}
