import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLaneName } from '../../src/protocol/index.ts'

describe('isLaneName', () => {
  it.each(['a', 'main', 'Lane-1_b.c', '.', '__proto__', 'x'.repeat(256)])('takes %s', (name) => {
    expect(isLaneName(name)).toBe(true)
  })

  it.each([
    '',
    ' ',
    'a b',
    'a\n',
    'ä',
    'a/b',
    'a:b',
    'x'.repeat(257),
    null,
    undefined,
    1,
    ['a'],
    new String('a'),
  ])('refuses %j', (name) => {
    expect(isLaneName(name)).toBe(false)
  })

  it('decides character by character', () => {
    const allowed = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-')
    const name = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: fc.constantFrom(...allowed), maxLength: 300 }),
    )
    fc.assert(
      fc.property(name, (text) => {
        const expected =
          text.length >= 1 && text.length <= 256 && Array.from(text).every((char) => allowed.has(char))
        expect(isLaneName(text)).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })
})
