import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseWaitHint } from '../../src/protocol/index.ts'

describe('parseWaitHint', () => {
  it.each([
    ['Rate limit reached for m. Please try again in 20s.', 20_000],
    ['Please try again in 320ms. Visit https://example.com', 320],
    ['Please try again in 1.2s', 1200],
    ['Please try again in 1m26.4s.', 86_400],
    ['please TRY AGAIN in 6h0m0s.', 21_600_000],
    ['try again in 35 seconds', 35_000],
    ['try again in 1 minute 5 seconds.', 65_000],
    ['try again in 2 hours', 7_200_000],
    ['try again in 12 milliseconds', 12],
    ['try again in 0.4ms', 1],
  ])('"%s" is %i ms', (message, expected) => {
    expect(parseWaitHint(message)).toBe(expected)
  })

  it.each([
    [''],
    ['Please try again later.'],
    ['try again in a moment'],
    ['try again in 20'],
    ['try again in 20 sheep'],
    ['wait 20s'],
    ['try again in -5s'],
    [`try again in ${'9'.repeat(400)}s`],
  ])('"%s" names no wait', (message) => {
    expect(parseWaitHint(message)).toBeNull()
  })

  it('is null or a whole number of ms, never negative', () => {
    const words = fc.constantFrom(
      'try again in ',
      '1',
      '0',
      '.',
      '5',
      'm',
      's',
      'ms',
      'h',
      ' ',
      'x',
      '9'.repeat(310),
    )
    const message = fc.array(words, { maxLength: 12 }).map((parts) => `try again in ${parts.join('')}`)
    fc.assert(
      fc.property(message, (text) => {
        const wait = parseWaitHint(text)
        expect(wait === null || (Number.isInteger(wait) && wait >= 0)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
