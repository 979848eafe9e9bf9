// What the wire's documentation says about endings. Written from that, not from the charts: the two are compared.

/** What an ending means: try again, ask for another key, or stop. */
export interface ModelVerdict {
  readonly next: 'retry' | 'renew' | 'stop'
  readonly error: string
}

/** The same may work later. */
export const retry = (error: string): ModelVerdict => ({ next: 'retry', error })
const stop = (error: string): ModelVerdict => ({ next: 'stop', error })

const OUT_OF_MONEY = [
  'insufficient_quota',
  'credit_balance_exhausted',
  'usage_limit_reached',
  'usage_not_included',
]

/** A refused upgrade, by its HTTP status. */
export function verdictOnStatus(status: number, code: string | undefined): ModelVerdict {
  if (status === 401) return { next: 'renew', error: 'ERR_UNAUTHORIZED' }
  if (status === 429 && code !== undefined && (OUT_OF_MONEY.includes(code) || code.startsWith('billing'))) {
    return stop('ERR_QUOTA')
  }
  switch (status) {
    case 404:
    case 405:
    case 426:
    case 501:
      return stop('ERR_TRANSPORT_UNAVAILABLE')
    case 408:
    case 409:
    case 429:
      return retry('ERR_UPGRADE_REFUSED')
    default:
      if (status < 300) return stop('ERR_TRANSPORT_UNAVAILABLE')
      return status < 500 ? stop('ERR_UPGRADE_REFUSED') : retry('ERR_UPGRADE_REFUSED')
  }
}

/** A line that ended, by its close code; `heard` is whether any message had come. */
export function verdictOnClose(code: number, heard: boolean): ModelVerdict {
  if (code === 4402) return stop('ERR_QUOTA')
  if (code === 1008 && !heard) return stop('ERR_TRANSPORT_UNAVAILABLE')
  const temporary = code === 1001 || code === 1005 || code === 1006 || (code >= 1011 && code <= 1015)
  return temporary ? retry('ERR_CONNECTION_LOST') : stop('ERR_CONNECTION_LOST')
}
