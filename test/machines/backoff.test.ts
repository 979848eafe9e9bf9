import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BackoffPolicy, backoffDelayMs, retryDelayMs } from '../../machines/backoff.ts'
import { CONNECTION_DEFAULTS } from '../../machines/index.ts'

const TABLE: BackoffPolicy = { delaysMs: CONNECTION_DEFAULTS.backoffDelaysMs, jitter: 'none' }

describe('backoffDelayMs', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 16_000],
    [6, 16_000],
    [400, 16_000],
  ])('retry %i waits %i ms by the default table', (attempt, delay) => {
    expect(backoffDelayMs(attempt, TABLE, () => 0.99)).toBe(delay)
  })

  it.each([
    [0, 1_000],
    [0.5, 875],
    [0.999_999, 750],
  ])('takes up to a quarter off: drawing %d gives %i ms', (drawn, delay) => {
    expect(backoffDelayMs(1, { ...TABLE, jitter: 'quarter' }, () => drawn)).toBe(delay)
  })

  it('stays between three quarters of the table and the table, whatever the source gives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -3, max: 50 }),
        fc.array(fc.nat(2_000_000), { minLength: 1 }),
        fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -1, 2, Infinity, -Infinity)),
        (attempt, delaysMs, drawn) => {
          const base = backoffDelayMs(attempt, { delaysMs, jitter: 'none' }, () => drawn)
          const delay = backoffDelayMs(attempt, { delaysMs, jitter: 'quarter' }, () => drawn)
          expect(delaysMs).toContain(base)
          expect(delay).toBeGreaterThanOrEqual(Math.floor(base * 0.75))
          expect(delay).toBeLessThanOrEqual(base)
        },
      ),
    )
  })
})

describe('retryDelayMs', () => {
  const bounds = { floorMs: 100, retryAfterMs: null, maxRetryAfterMs: 60_000 }

  it.each([
    ['the table', 1, bounds, 1_000],
    ['the floor, when the table is lower', 1, { ...bounds, floorMs: 5_000 }, 5_000],
    ['what the server asked for, when it is more', 1, { ...bounds, retryAfterMs: 30_000 }, 30_000],
    ['the table, when the server asked for less', 3, { ...bounds, retryAfterMs: 10 }, 4_000],
    ['the cap of what the server asked for', 1, { ...bounds, retryAfterMs: 3_600_000 }, 60_000],
    [
      'the table, when the cap is lower than it',
      5,
      { ...bounds, retryAfterMs: 9e9, maxRetryAfterMs: 5 },
      16_000,
    ],
  ])('is %s', (_, attempt, given, delay) => {
    expect(retryDelayMs(attempt, TABLE, given, () => 0)).toBe(delay)
  })
})
