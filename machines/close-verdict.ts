import { CloseCode } from '../src/protocol/close-codes.ts'
import type { HoldlineErrorCode } from '../src/protocol/errors.ts'
import type { SocketLoss } from './socket-contract.ts'
import { type Verdict, verdict } from './verdict.ts'

/**
 * Close codes after which a new connection may work: going away, no status, abnormal closure, internal error,
 * service restart, try again later, bad gateway, TLS handshake (RFC 6455 section 7.4.1 and the IANA registry).
 * Every other code is final, 1000 included: a server that says "done" is done.
 */
const RETRYABLE_CODES: ReadonlySet<number> = new Set([
  CloseCode.GOING_AWAY,
  CloseCode.NO_STATUS,
  CloseCode.ABNORMAL,
  CloseCode.INTERNAL_ERROR,
  CloseCode.SERVICE_RESTART,
  CloseCode.TRY_AGAIN_LATER,
  CloseCode.BAD_GATEWAY,
  CloseCode.TLS_HANDSHAKE,
])

/** Endings that the socket actor has recognised itself, and that another attempt would only repeat. */
const FINAL_ERRORS: ReadonlySet<HoldlineErrorCode> = new Set<HoldlineErrorCode>([
  'ERR_BAD_OPTION',
  'ERR_CREDENTIAL_MISSING',
  'ERR_CERTIFICATE',
  'ERR_PROXY_REFUSED',
  'ERR_PRIVATE_ADDRESS',
  'ERR_INSECURE_URL',
  'ERR_NO_SOCKET',
])

/** Judges a socket that ended in any other way than by a refused upgrade. */
export function closeVerdict(loss: SocketLoss): Verdict {
  if (loss.error !== null) {
    return verdict(FINAL_ERRORS.has(loss.error) ? 'final' : 'retry', loss.error)
  }
  if (loss.code === CloseCode.OUT_OF_CREDITS) return verdict('final', 'ERR_QUOTA')
  // Some routes answer 101 and then close with 1008 at once: a refused upgrade in disguise.
  if (loss.code === CloseCode.POLICY_VIOLATION && !loss.heard)
    return verdict('final', 'ERR_TRANSPORT_UNAVAILABLE')
  return verdict(RETRYABLE_CODES.has(loss.code) ? 'retry' : 'final', 'ERR_CONNECTION_LOST')
}
