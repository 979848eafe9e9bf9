import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/protocol/index.ts'

const printers: ReadonlyArray<[string, (value: unknown) => string]> = [
  ['JSON', (value) => JSON.stringify({ value })],
  ['inspect', (value) => inspect({ value }, { showHidden: true, depth: 9 })],
  ['a template', (value) => `value: ${value as string}`],
  ['structuredClone', (value) => JSON.stringify(structuredClone(value))],
  ['a spread', (value) => inspect({ ...(value as object) })],
  ['an error', (value) => inspect(new Error('no', { cause: value }))],
]

describe('a sealed value', () => {
  it.each(printers)('does not show in %s', (_name, print) => {
    const key = fc.string({ minLength: 8, unit: 'grapheme-ascii' }).map((text) => `sk-${text}`)
    fc.assert(
      fc.property(key, (value) => {
        expect(print(new Secret(value))).not.toContain(value)
        expect(print(new Secret({ value }))).not.toContain(value)
      }),
    )
  })

  it('says that it is sealed', () => {
    expect(JSON.stringify([new Secret('sk-1')])).toBe('["[redacted]"]')
    expect(inspect(new Secret('sk-1'))).toBe('[redacted]')
  })

  it('opens where it is asked to', () => {
    const options = { token: 'sk-1' }
    expect(Secret.reveal(new Secret(options))).toBe(options)
  })
})

describe('Secret.is', () => {
  it('knows the real thing', () => {
    expect(Secret.is(new Secret(null))).toBe(true)
  })

  it.each([
    [null],
    [undefined],
    ['[redacted]'],
    [{}],
    [structuredClone(new Secret('sk-1'))],
    [Object.create(Secret.prototype)],
  ])('knows %j for an imitation', (value) => {
    expect(Secret.is(value)).toBe(false)
  })
})
