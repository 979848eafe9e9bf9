/**
 * How long to wait before each retry.
 *
 * - `delaysMs`: the wait before retry 1, 2, …; the last entry serves every later retry.
 * - `jitter`: `quarter` takes up to a quarter off each delay, so that clients which lost their connections
 *   together do not come back together; `none` gives the table exactly.
 */
export interface BackoffPolicy {
  readonly delaysMs: readonly number[]
  readonly jitter: 'quarter' | 'none'
}

/** Gives a number in [0, 1), as `Math.random` does. */
export type RandomSource = () => number

/** The largest share of a delay that jitter takes off. */
const JITTER_SHARE = 0.25

/** The wait in ms before retry number `attempt`, counted from 1. */
export function backoffDelayMs(attempt: number, policy: BackoffPolicy, random: RandomSource): number {
  const row = Math.min(Math.max(attempt, 1), policy.delaysMs.length) - 1
  const base = policy.delaysMs[row] ?? 0
  if (policy.jitter === 'none') return base
  return Math.round(base * (1 - JITTER_SHARE * unit(random())))
}

/** What a wait depends on besides the table. All in ms. */
export interface RetryBounds {
  /** The shortest time between two attempts. */
  readonly floorMs: number
  /** What the server asked for with `Retry-After`, or null. */
  readonly retryAfterMs: number | null
  /** The most of it that is honoured. */
  readonly maxRetryAfterMs: number
}

/** The backoff delay, lengthened to the floor and to what the server asked for (up to its cap). */
export function retryDelayMs(
  attempt: number,
  policy: BackoffPolicy,
  bounds: RetryBounds,
  random: RandomSource,
): number {
  const asked = Math.min(bounds.retryAfterMs ?? 0, bounds.maxRetryAfterMs)
  return Math.max(backoffDelayMs(attempt, policy, random), bounds.floorMs, asked)
}

/** An injected source may be a careless one; a delay must not become NaN or negative for it. */
function unit(value: number): number {
  if (Number.isNaN(value)) return 0
  return Math.min(Math.max(value, 0), 1)
}
