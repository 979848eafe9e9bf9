import type { LossPhase, SocketLoss } from '../../machines/socket-contract.ts'
import { CloseCode } from '../protocol/close-codes.ts'
import { isHoldlineError } from '../protocol/errors.ts'

/** Node and OpenSSL codes that say: the peer showed a certificate, and it was not accepted. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CRL_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'CRL_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** OpenSSL's codes for a peer that wants a certificate of ours, or does not accept the one that it got. */
const OWN_CERTIFICATE =
  /^ERR_SSL_(?:TLSV13_ALERT_CERTIFICATE_REQUIRED|TLSV1_ALERT_UNKNOWN_CA|SSLV3_ALERT_(?:BAD|NO|UNSUPPORTED)_CERTIFICATE|SSLV3_ALERT_CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN))$/

/** What `ws` and the proxy agents say without a code. Constant texts, so they can be shown. */
const KNOWN_FAULTS: ReadonlySet<string> = new Set([
  'Invalid Sec-WebSocket-Accept header',
  'Invalid Sec-WebSocket-Extensions header',
  'Invalid Upgrade header',
  'No header received from proxy CONNECT response',
  'Proxy connection ended before receiving CONNECT response',
  'Server indicated an extension that was not requested',
  'Server sent a Sec-WebSocket-Extensions header but no extension was requested',
  'Server sent a subprotocol but none was requested',
  'Server sent an invalid subprotocol',
  'Server sent no subprotocol',
])

/** What `socks` says: constant texts, and names of its own for what the proxy answered. */
const SOCKS_FAULT = /^Socks[45] [\w -]{1,80}$/

/** Node's code of an error, or null. Never its message: that can hold what a peer or a user wrote. */
export function errnoOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' && /^[A-Z0-9_]{1,64}$/.test(error.code) ? error.code : null
}

/** A loss before there was a connection: by an error of ours, of Node's, or of `ws`. */
export function dialLoss(error: unknown): SocketLoss {
  if (isHoldlineError(error)) return ownLoss('dial', error)
  const errno = errnoOf(error)
  const base = { phase: 'dial', code: CloseCode.ABNORMAL, errno, heard: false } as const
  if (errno !== null && CERTIFICATE_CODES.has(errno)) {
    const reason = `The peer's certificate was not accepted (${errno}).`
    return { ...base, reason, error: 'ERR_CERTIFICATE' }
  }
  if (errno !== null && OWN_CERTIFICATE.test(errno)) {
    const reason = `The peer asks for a client certificate, or did not accept ours (${errno}).`
    return { ...base, reason, error: 'ERR_CERTIFICATE' }
  }
  if (error instanceof Error && (KNOWN_FAULTS.has(error.message) || SOCKS_FAULT.test(error.message))) {
    return { ...base, reason: `Dialing failed: ${error.message}.`, error: 'ERR_DIAL_FAILED' }
  }
  const reason = errno === null ? 'Dialing failed.' : `Dialing failed (${errno}).`
  return { ...base, reason, error: 'ERR_DIAL_FAILED' }
}

/** A loss by a rule or a failure of ours. Anything that is no Holdline error is a bug, and says so. */
export function ownLoss(phase: LossPhase, error: unknown, heard = false): SocketLoss {
  const known = isHoldlineError(error)
  return {
    phase,
    code: CloseCode.ABNORMAL,
    reason: known ? error.message : 'The socket actor failed. The connection was given up.',
    errno: known ? errnoOf(error.cause) : errnoOf(error),
    error: known ? error.code : 'ERR_CHART_FAILED',
    heard,
  }
}
