import type { RefusalVerdict, Remedy } from './refusal-verdict.ts'

/**
 * Which turns are sent again by themselves.
 *
 * - `never`: none.
 * - `repair`: those of `safe` that only the connection can mend, and that wait for nothing: a chain that the server has
 *   forgotten, an aged socket, a lane, a key. Rate limits and failures of the server are left to whoever asked.
 * - `safe`: those that provably did not run, because the server refused them with a code that says so.
 * - `unanswered`: also those whose connection was lost before the server sent any event of them. Such a turn
 *   may have run, and may be paid for twice.
 */
export type ReplayPolicy = (typeof REPLAY_POLICIES)[number]

export const REPLAY_POLICIES = ['never', 'repair', 'safe', 'unanswered'] as const

/** Why a turn is sent again. */
export type ResendReason = Exclude<Remedy, Unhelped> | 'unanswered'

/** What sending the same turn again does not help against: the application has to change something. */
type Unhelped = 'none' | 'compact' | 'drop-field' | 'drop-reasoning' | 'drop-ids'

/** How often a turn was sent again, by reason. */
export type ResendCounts = Readonly<Partial<Record<ResendReason, number>>>

/** How often one turn may be sent again for each reason. */
export const RESEND_LIMITS: Readonly<Record<ResendReason, number>> = Object.freeze({
  replay: 1,
  'fresh-connection': 1,
  'another-lane': 1,
  renew: 1,
  wait: 3,
  'back-off': 2,
  unanswered: 1,
})

/** The wait before a resend for `back-off`, and for `wait` without a hint of the server's, in ms. */
export const BACK_OFF_MS = Object.freeze([1_000, 4_000, 8_000])

/** The most of a server's wait that a turn waits for by itself, in ms. What asks for more is surfaced. */
export const MAX_WAIT_MS = 60_000

/** A refusal that is the first answer may be followed by a resend: the policy allows it, and the code is safe. */
export function mayResendRefused(
  policy: ReplayPolicy,
  { remedy, safe }: RefusalVerdict,
  counts: ResendCounts,
): boolean {
  if (policy === 'never' || !safe || !isHelped(remedy)) return false
  return (policy !== 'repair' || !isWaitedFor(remedy)) && withinLimit(counts, remedy)
}

/** A turn that was sent and never answered may be sent again, if the policy takes that risk. */
export function mayResendUnanswered(policy: ReplayPolicy, counts: ResendCounts): boolean {
  return policy === 'unanswered' && withinLimit(counts, 'unanswered')
}

export function countResend(counts: ResendCounts, reason: ResendReason): ResendCounts {
  return { ...counts, [reason]: (counts[reason] ?? 0) + 1 }
}

/** The wait before a resend, in ms. Null: the server asks for more than is waited for. */
export function resendDelayMs(
  reason: ResendReason,
  counts: ResendCounts,
  askedMs: number | null,
): number | null {
  if (!isWaitedFor(reason)) return 0
  const own = BACK_OFF_MS[Math.min(counts[reason] ?? 0, BACK_OFF_MS.length - 1)] ?? 0
  const delay = Math.max(askedMs ?? 0, askedMs !== null && reason === 'wait' ? 0 : own)
  return delay > MAX_WAIT_MS ? null : delay
}

function isWaitedFor(reason: ResendReason): boolean {
  return reason === 'wait' || reason === 'back-off'
}

function isHelped(remedy: Remedy): remedy is Exclude<Remedy, Unhelped> {
  return remedy in RESEND_LIMITS
}

function withinLimit(counts: ResendCounts, reason: ResendReason): boolean {
  return (counts[reason] ?? 0) < RESEND_LIMITS[reason]
}
