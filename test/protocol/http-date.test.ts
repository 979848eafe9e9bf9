import { describe, expect, it } from 'vitest'
import { parseHttpDate } from '../../src/protocol/http-date.ts'

const NOW = Date.UTC(2026, 10, 22)

describe('parseHttpDate', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    // A leap second is the start of the next minute.
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    // Two digits: at most 50 years ahead.
    ['Sunday, 22-Nov-76 00:00:00 GMT', Date.UTC(2076, 10, 22)],
    ['Tuesday, 22-Nov-77 00:00:00 GMT', Date.UTC(1977, 10, 22)],
  ])('%s', (text, expected) => {
    expect(parseHttpDate(text, NOW)).toBe(expected)
  })

  it.each([
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Thu, 29 Feb 2023 00:00:00 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'sun, 06 nov 1994 08:49:37 gmt',
    '1994-11-06',
    'soon 1',
    '',
  ])('refuses %s', (text) => {
    expect(parseHttpDate(text, NOW)).toBeNull()
  })
})
