import type { LossPhase, SocketLoss } from '../../machines/socket-contract.ts'
import { isHoldlineError } from '../protocol/errors.ts'

/** RFC 6455 section 7.1.5: there was no close frame. */
const NO_CLOSE_FRAME = 1006

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

/** What `ws` and the proxy agent say without a code. Constant texts, so they can be shown. */
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

/** Errors with which `ws` ends a connection itself, and the close code that it sends for each. */
const PROTOCOL_FAULTS: Readonly<Record<string, readonly [code: number, reason: string]>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: [1009, 'The server sent a message larger than maxPayloadBytes.'],
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: [1009, 'The server sent a message larger than maxPayloadBytes.'],
  WS_ERR_TOO_MANY_BUFFERED_PARTS: [1008, 'The server sent a message in too many parts.'],
  WS_ERR_INVALID_UTF8: [1007, 'The server sent text that is not UTF-8.'],
}

/** Node's code of an error, or null. Never its message: that can hold what a peer or a user wrote. */
export function errnoOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' && /^[A-Z0-9_]{1,64}$/.test(error.code) ? error.code : null
}

/** A loss before there was a connection: by an error of ours, of Node's, or of `ws`. */
export function dialLoss(error: unknown): SocketLoss {
  if (isHoldlineError(error)) return ownLoss('dial', error)
  const errno = errnoOf(error)
  const base = { phase: 'dial', code: NO_CLOSE_FRAME, errno, heard: false } as const
  if (errno !== null && CERTIFICATE_CODES.has(errno)) {
    const reason = `The peer's certificate was not accepted (${errno}).`
    return { ...base, reason, error: 'ERR_CERTIFICATE' }
  }
  if (error instanceof Error && KNOWN_FAULTS.has(error.message)) {
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
    code: NO_CLOSE_FRAME,
    reason: known ? error.message : 'The socket actor failed. The connection was given up.',
    errno: known ? errnoOf(error.cause) : errnoOf(error),
    error: known ? error.code : 'ERR_CHART_FAILED',
    heard,
  }
}

/** A close that came before anything was dialed. */
export function undialedLoss(): SocketLoss {
  const reason = 'Closed before a connection was dialed.'
  return { phase: 'closing', code: NO_CLOSE_FRAME, reason, errno: null, error: null, heard: false }
}

/** What the close event of `ws` says, and what was learned on the way there. */
interface CloseReport {
  readonly phase: 'open' | 'closing'
  readonly code: number
  readonly reason: string
  /** The first error of the WebSocket or of the TCP socket under it, or null. */
  readonly error: unknown
  readonly heard: boolean
}

/** A loss of a connection that was open. */
export function closeLoss({ phase, code, reason, error, heard }: CloseReport): SocketLoss {
  const errno = errnoOf(error)
  const base = { phase, errno, error: null, heard }
  // `ws` reports 1006 for connections that it ended itself; the peer got the fitting code.
  const fault = code === NO_CLOSE_FRAME && errno?.startsWith('WS_ERR_') ? protocolFault(errno) : null
  if (fault !== null) return { ...base, code: fault[0], reason: fault[1] }
  if (reason !== '' || code !== NO_CLOSE_FRAME) return { ...base, code, reason }
  const how = errno === null ? '' : ` (${errno})`
  return { ...base, code, reason: `The connection ended without a close frame${how}.` }
}

function protocolFault(errno: string): readonly [code: number, reason: string] {
  return PROTOCOL_FAULTS[errno] ?? [1002, `The server broke the WebSocket protocol (${errno}).`]
}
