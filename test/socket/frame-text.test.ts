import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shownText } from '../../src/socket/frame-text.ts'
import { createScrub } from '../../src/dial/scrub.ts'

const asItIs = (text: string) => text

describe('the text of a frame', () => {
  test.each([
    ['{"type":"response.create","input":"hi"}', '{"type":"response.create","input":"hi"}'],
    ['{ "usage": { "input_tokens": 12 } }', '{"usage":{"input_tokens":12}}'],
    ['{"id":"resp_0123456789abcdef0123456789abcdef0123456789abcdef"}', null],
    ['{"text":"the secret is out, a risk-free token of basic trust"}', null],
    ['not JSON \\ at all', null],
  ])('is shown: %s', (text, shown) => {
    expect(shownText(text, asItIs)).toBe(shown ?? text)
  })

  test.each([
    ['a key in prose', '{"text":"use sk-proj-0123456789 for it"}', '{"text":"use [redacted] for it"}'],
    ['a field by its name', '{"headers":{"x":"abc"},"n":1}', '{"headers":{"x":"[redacted]"},"n":1}'],
    ['numbers too', '{"password":1234}', '{"password":"[redacted]"}'],
    ['a scheme', '{"text":"Authorization: Bearer abcdef"}', '{"text":"Authorization: [redacted]"}'],
    ['a JSON Web Token', '{"text":"eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.AbC-d_e"}', '{"text":"[redacted]"}'],
    [
      'arguments of a tool',
      '{"arguments":"{\\"api_key\\":\\"hunter22\\"}"}',
      '{"arguments":"{\\"api_key\\":\\"[redacted]\\"}"}',
    ],
    [
      'a piece of arguments',
      '{"delta":"\\"apiKey\\": \\"hunter22\\""}',
      '{"delta":"\\"apiKey\\": \\"[redacted]\\""}',
    ],
    ['base64', JSON.stringify({ image: 'iVBORw0KGgo1'.repeat(9) }), '{"image":"[redacted]"}'],
    ['broken JSON', '{"text":"sk\\u002dproj-0123456789', '{"text":"[redacted]'],
  ])('hides %s', (_, text, shown) => {
    expect(shownText(text, asItIs)).toBe(shown)
  })

  test('that is nested without end is cut off', () => {
    expect(shownText(`${'['.repeat(80)}"deep"${']'.repeat(80)}`, asItIs)).not.toContain('deep')
    expect(shownText('['.repeat(200_000), asItIs)).not.toBeUndefined()
  })
})

/** How a text may be written in JSON: all of it escaped, or as PHP does it. */
const spellings: ((text: string) => string)[] = [
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  (text) => text.replaceAll(/./gs, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
]

const MARK = '@mark@'
/** JSON in which the mark stands in a text, a name, or a text that is JSON again. */
const marked: fc.Arbitrary<unknown> = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(fc.string(), fc.string()).map(([before, after]) => `${before}${MARK}${after}`),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant(`a${MARK}`)), tie('tree'), { maxKeys: 3 }),
    tie('tree').map((inner) => JSON.stringify(inner)),
  ),
})).tree

test('a known secret is not shown where a part of it looks like a key', () => {
  const secret = '_000000AA"!!!!!!!'
  const text = JSON.stringify([JSON.stringify([secret, `Pk${secret}`])]).slice(0, -1)
  expect(shownText(text, createScrub([secret]))).not.toContain('!!!!!!!')
})

test('no known secret is shown, wherever it stands and however it is spelled', () => {
  const key = fc.stringMatching(/^[!-~]{8,60}$/).filter((text) => !/[@\\]/.test(text))
  fc.assert(
    fc.property(marked, key, fc.constantFrom(...spellings), fc.nat(), (value, secret, spell, cut) => {
      const json = JSON.stringify(value).replaceAll(MARK, spell(secret))
      const text = cut % 3 === 0 ? json.slice(0, -1) : json
      const shown = shownText(text, createScrub([secret]))
      let plain = shown ?? ''
      // What a reader would make of it, however often it was packed.
      for (let round = 0; round < 12; round += 1) {
        expect(plain).not.toContain(secret)
        plain = plain
          .replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
            String.fromCharCode(Number.parseInt(code, 16)),
          )
          .replaceAll(/\\(["/\\])/g, '$1')
      }
    }),
    { numRuns: 2_000 },
  )
})
