import type { HoldlineErrorCode } from '../../src/protocol/errors.ts'
import type { Remedy } from './refusal-verdict.ts'

/** What helps a turn that could not be sent, by the code under which it could not. What is not here: nothing. */
const REMEDIES: Partial<Record<HoldlineErrorCode, Remedy>> = {
  ERR_UNAUTHORIZED: 'renew',
  ERR_CREDENTIAL_PROVIDER: 'renew',
  ERR_CONNECT_TIMEOUT: 'back-off',
  ERR_DIAL_FAILED: 'back-off',
  ERR_CONNECTION_LOST: 'back-off',
  ERR_HALF_OPEN: 'back-off',
  ERR_RETRIES_EXHAUSTED: 'back-off',
  ERR_BACKPRESSURE: 'back-off',
  ERR_AGE_LIMIT: 'fresh-connection',
  ERR_NOT_OPEN: 'fresh-connection',
  ERR_FRAME_TOO_LARGE: 'compact',
}

/** The advice for the application: a turn that could not be sent has waited for a connection already. */
export function unsentVerdict(code: HoldlineErrorCode | null): Remedy {
  return (code !== null && REMEDIES[code]) || 'none'
}
