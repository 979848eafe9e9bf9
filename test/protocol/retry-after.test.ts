import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HeaderValue, parseRetryAfter } from '../../src/protocol/index.ts'

const NOW = Date.UTC(1994, 10, 6, 8, 49, 37)

describe('parseRetryAfter', () => {
  it.each<[string, Record<string, HeaderValue>, number | null]>([
    ['no header', {}, null],
    ['another header', { 'content-type': '5' }, null],
    ['seconds', { 'retry-after': '5' }, 5000],
    ['fractions of a second', { 'retry-after': '1.5' }, 1500],
    ['seconds as a number', { 'retry-after': 2 }, 2000],
    ['spaces around', { 'retry-after': ' 7 ' }, 7000],
    ['zero', { 'retry-after': '0' }, 0],
    ['negative seconds', { 'retry-after': '-3' }, 0],
    ['ms', { 'retry-after-ms': '250' }, 250],
    ['fractions of a ms, rounded up', { 'retry-after-ms': '0.2' }, 1],
    ['negative ms', { 'retry-after-ms': -1 }, 0],
    ['ms before seconds', { 'retry-after': '9', 'retry-after-ms': '30' }, 30],
    ['seconds where ms are nonsense', { 'retry-after': '9', 'retry-after-ms': 'soon' }, 9000],
    ['the first of a list', { 'retry-after': ['4', '8'] }, 4000],
    ['an empty list', { 'retry-after': [] }, null],
    ['capitals', { 'Retry-After': '4' }, 4000],
    ['IMF-fixdate', { 'retry-after': 'Sun, 06 Nov 1994 08:50:37 GMT' }, 60_000],
    ['RFC 850 date', { 'retry-after': 'Sunday, 06-Nov-94 08:49:40 GMT' }, 3000],
    ['asctime date', { 'retry-after': 'Sun Nov  6 08:49:38 1994' }, 1000],
    ['a date in the past', { 'retry-after': 'Sun, 06 Nov 1994 08:00:00 GMT' }, 0],
    ['ms as Azure writes them', { 'x-ms-retry-after-ms': '250', 'retry-after': '9' }, 250],
    [
      'a date by a clock that is an hour ahead of ours',
      { 'retry-after': 'Sun, 06 Nov 1994 09:50:37 GMT', date: 'Sun, 06 Nov 1994 09:49:37 GMT' },
      60_000,
    ],
    ['words', { 'retry-after': 'soon' }, null],
    ['nothing', { 'retry-after': '' }, null],
    ['undefined', { 'retry-after': undefined }, null],
    ['a boolean', { 'retry-after': true }, null],
    ['a number with a unit', { 'retry-after': '5s' }, null],
    ['an exponent', { 'retry-after': '1e3' }, null],
    ['hexadecimal', { 'retry-after': '0x10' }, null],
    ['not a number', { 'retry-after': Number.NaN }, null],
    ['infinity', { 'retry-after': Number.POSITIVE_INFINITY }, null],
    ['more digits than a number holds', { 'retry-after': '9'.repeat(400) }, null],
    ['a date as JavaScript prints it', { 'retry-after': '1994-11-06T08:50:37Z' }, null],
    ['a day that is none', { 'retry-after': 'Sun, 31 Feb 1999 08:50:37 GMT' }, null],
  ])('%s', (_name, headers, expected) => {
    expect(parseRetryAfter(headers, NOW)).toBe(expected)
  })

  it('is null or a whole number of ms that a wait can be', () => {
    const text = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    )
    const value = fc.oneof(text, fc.array(text), fc.double(), fc.boolean(), fc.constant(undefined))
    const names = fc.constantFrom('retry-after', 'Retry-After-Ms', 'x')
    const now = fc.date({ noInvalidDate: true }).map((date) => date.getTime())
    fc.assert(
      fc.property(fc.dictionary(names, value), now, (headers, nowMs) => {
        const wait = parseRetryAfter(headers, nowMs)
        expect(wait === null || (Number.isFinite(wait) && wait >= 0 && Number.isInteger(wait))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('waits until any date that HTTP can write', () => {
    const second = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(second, fc.nat(1_000_000_000), (date, aheadMs) => {
        const at = Math.floor(date.getTime() / 1000) * 1000
        const headers = { 'retry-after': new Date(at).toUTCString() }
        expect(parseRetryAfter(headers, at - aheadMs)).toBe(aheadMs)
      }),
    )
  })
})
