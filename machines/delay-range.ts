import { MAX_DELAY_MS } from '../src/protocol/options/delay-range.ts'

/**
 * A delay as timers can hold it. `false` or `null` stands for "switched off" and becomes the longest delay; the transition
 * behind it has a guard that refuses to fire.
 */
export function delayInRange(ms: number | false | null): number {
  if (ms === false || ms === null || Number.isNaN(ms)) return MAX_DELAY_MS
  return Math.min(Math.max(ms, 0), MAX_DELAY_MS)
}
