import type { HoldlineErrorCode } from '../src/protocol/errors.ts'

/**
 * What an ending means for the connection.
 *
 * - `retry`: the same attempt may succeed later; it costs one retry of the budget.
 * - `renew`: the credential was refused; a new one may be accepted.
 * - `final`: trying again would end the same way.
 */
export type VerdictKind = 'retry' | 'renew' | 'final'

/** A verdict with the error code under which the ending is reported. */
export interface Verdict {
  readonly kind: VerdictKind
  readonly code: HoldlineErrorCode
}

export const verdict = (kind: VerdictKind, code: HoldlineErrorCode): Verdict => ({ kind, code })
