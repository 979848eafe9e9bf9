import type { HoldlineErrorCode } from '../../src/protocol/errors.ts'
import type { CloseInfo, ConnectionNews } from '../connection/types.ts'
import type { FallbackSettings } from './types.ts'

/** Endings after which HTTP may do what a WebSocket could not: no connection came about, for no final reason. */
const UNREACHABLE: ReadonlySet<HoldlineErrorCode> = new Set<HoldlineErrorCode>([
  'ERR_DIAL_FAILED',
  'ERR_CONNECT_TIMEOUT',
  'ERR_UPGRADE_REFUSED',
  'ERR_TRANSPORT_UNAVAILABLE',
])

/** What a gateway without WebSockets can answer as well as a policy: a POST tells at once which of the two it was. */
const NO_ROUTE_OR_POLICY = 403

/** Statuses of a refused upgrade that say something of this transport, or of nothing for long. */
const TRANSIENT_STATUS = 500

/**
 * Whether turns should go over HTTP from now on.
 *
 * At once when the endpoint says that it has no WebSocket (426, 404, 405, 501, or 1008 before a frame), or may mean
 * that (403, which frameworks answer to an upgrade that they have no route for); after repeated failed attempts too.
 * Never for a refused credential, a spent quota or a certificate: HTTP would fare no better.
 *
 * @param failedDials attempts that failed before this one, since the connection was open
 */
export function shouldFallBack(
  settings: FallbackSettings | null,
  news: ConnectionNews,
  failedDials: number,
): boolean {
  if (settings === null) return false
  if (news.type === 'connection.lost') {
    return failedDials + 1 >= settings.afterAttempts && news.retry !== null && isUnreachable(news.closeInfo)
  }
  if (news.type !== 'connection.closed') return false
  if (news.because === 'ERR_TRANSPORT_UNAVAILABLE') return true
  if (news.because === 'ERR_UPGRADE_REFUSED') {
    return settings.onForbidden !== false && news.closeInfo?.httpStatus === NO_ROUTE_OR_POLICY
  }
  return news.because === 'ERR_RETRIES_EXHAUSTED' && isUnreachable(news.closeInfo)
}

function isUnreachable(closeInfo: CloseInfo | null): boolean {
  if (closeInfo?.phase !== 'dial' || closeInfo.error === null) return false
  if (!UNREACHABLE.has(closeInfo.error)) return false
  return closeInfo.httpStatus === null || closeInfo.httpStatus >= TRANSIENT_STATUS
}
