import { expect, it } from 'vitest'
import { delayInRange } from '../../machines/delay-range.ts'
import { MAX_DELAY_MS } from '../../src/protocol/options/delay-range.ts'

// A timer set for longer fires after 1 ms; one set for NaN or less than 0 fires at once.
it.each<[number | false | null, number]>([
  [0, 0],
  [1_500, 1_500],
  [-1, 0],
  [MAX_DELAY_MS, MAX_DELAY_MS],
  [MAX_DELAY_MS + 1, MAX_DELAY_MS],
  [Infinity, MAX_DELAY_MS],
  [-Infinity, 0],
  [Number.NaN, MAX_DELAY_MS],
  [false, MAX_DELAY_MS],
  [null, MAX_DELAY_MS],
])('%s becomes %i', (given, delay) => {
  expect(delayInRange(given)).toBe(delay)
})
