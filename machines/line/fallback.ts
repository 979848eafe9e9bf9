import type { HoldlineErrorCode } from '../../src/protocol/errors.ts'
import type { ConnectionMoved, FallbackSettings } from './types.ts'

/** Endings after which HTTP may do what a WebSocket could not: no connection came about, for no final reason. */
const UNREACHABLE: ReadonlySet<HoldlineErrorCode> = new Set<HoldlineErrorCode>([
  'ERR_DIAL_FAILED',
  'ERR_CONNECT_TIMEOUT',
  'ERR_UPGRADE_REFUSED',
  'ERR_TRANSPORT_UNAVAILABLE',
])

/** Statuses of a refused upgrade that say something of this transport, or of nothing for long. */
const TRANSIENT_STATUS = 500

/**
 * Whether turns should go over HTTP from now on.
 *
 * At once when the endpoint says that it has no WebSocket (426, 404, 405, 501, or 1008 before a frame); after
 * repeated failed attempts too. Never for a refused credential, a spent quota, a policy or a certificate: HTTP
 * would fare no better.
 */
export function shouldFallBack(
  settings: FallbackSettings | null,
  snapshot: ConnectionMoved['snapshot'],
  failedDials: number,
): boolean {
  if (settings === null) return false
  const { closedBecause, lastCloseInfo } = snapshot.context
  if (closedBecause === 'ERR_TRANSPORT_UNAVAILABLE') return true
  if (closedBecause !== null && closedBecause !== 'ERR_RETRIES_EXHAUSTED') return false
  if (lastCloseInfo?.phase !== 'dial' || lastCloseInfo.error === null) return false
  if (!UNREACHABLE.has(lastCloseInfo.error)) return false
  const { httpStatus } = lastCloseInfo
  if (httpStatus !== null && httpStatus < TRANSIENT_STATUS) return false
  return closedBecause !== null || failedDials >= settings.afterAttempts
}
