import { expect, it } from 'vitest'
import { HoldlineError, type HoldlineErrorCode } from '../../src/protocol/errors.ts'
import { textOf } from './markdown.ts'

/** The members of the union, as its source has them: a type leaves nothing to ask at run time. */
const codes = [...textOf('src/protocol/errors.ts').matchAll(/^ {2}\| '(ERR_[A-Z_]+)'$/gm)].map(
  ([, code]) => code as HoldlineErrorCode,
)
const sections = textOf('docs/errors.md').split(/^### /m).slice(1)

it('docs/errors.md has one section for each code, in the order of the union', () => {
  expect(codes.length).toBeGreaterThan(20)
  expect(sections.map((section) => section.split('\n')[0])).toEqual(codes)
})

it.each(sections)('says what happened, what was not done, what is done, and what to do: %s', (section) => {
  const [, , happened = '', , ...rest] = section.trimEnd().split('\n')
  expect(happened.length).toBeGreaterThan(20)
  const points = rest.join('\n').split(/^- /m).slice(1)
  expect(points.map((point) => point.split(':')[0])).toEqual(['**Not done**', '**By itself**', '**To do**'])
})

it.each(codes)('is where the help of an error leads: %s', (code) => {
  const [file, anchor] = new HoldlineError(code, '').help.split('#')
  expect(file).toBe('docs/errors.md')
  // The anchor that a heading gets.
  expect(anchor).toBe(code.toLowerCase())
})
