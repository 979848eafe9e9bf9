/** The longest delay that timers can hold: 2^31 - 1 ms, about 24.8 days. A longer one would fire at once. */
export const MAX_DELAY_MS = 2_147_483_647

/**
 * A delay as timers can hold it. `null` stands for "switched off" and becomes the longest delay; the transition
 * behind it has a guard that refuses to fire.
 */
export function delayInRange(ms: number | null): number {
  if (ms === null || Number.isNaN(ms)) return MAX_DELAY_MS
  return Math.min(Math.max(ms, 0), MAX_DELAY_MS)
}
