import { isQuotaCode } from './quota-codes.ts'
import type { UpgradeRefusal } from './socket-contract.ts'
import { type Verdict, verdict } from './verdict.ts'

/** Statuses with which an endpoint says that it has no WebSocket for us. 426 says it outright. */
const NO_WEBSOCKET: ReadonlySet<number> = new Set([404, 405, 426, 501])

/** Statuses below 500 that are worth another attempt. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 409, 429])

/**
 * Judges a refused upgrade by its HTTP status, and never by the close code 1006 that comes with it.
 *
 * | status | verdict |
 * | --- | --- |
 * | 401 | `renew`, `ERR_UNAUTHORIZED` |
 * | 404, 405, 426, 501, any 2xx | `final`, `ERR_TRANSPORT_UNAVAILABLE` |
 * | 408, 409, 5xx | `retry`, `ERR_UPGRADE_REFUSED` |
 * | 429 | `retry`, unless the body says that the quota is gone: `final`, `ERR_QUOTA` |
 * | 3xx and every other 4xx | `final`, `ERR_UPGRADE_REFUSED` (a redirect is never followed with a credential) |
 */
export function upgradeVerdict({ status, code }: UpgradeRefusal): Verdict {
  if (status === 401) return verdict('renew', 'ERR_UNAUTHORIZED')
  if (NO_WEBSOCKET.has(status) || (status >= 200 && status < 300)) {
    return verdict('final', 'ERR_TRANSPORT_UNAVAILABLE')
  }
  if (status === 429 && code !== null && isQuotaCode(code)) return verdict('final', 'ERR_QUOTA')
  if (TRANSIENT.has(status) || status >= 500) return verdict('retry', 'ERR_UPGRADE_REFUSED')
  return verdict('final', 'ERR_UPGRADE_REFUSED')
}
