import { expect, it } from 'vitest'
import { codeIn, tableRows, textOf } from './markdown.ts'

/** The members of the union, as its source has them: a type leaves nothing to ask at run time. */
const codes = [...textOf('src/protocol/errors.ts').matchAll(/^ {2}\| '(ERR_[A-Z_]+)'$/gm)].map(
  ([, code]) => code,
)

it('docs/errors.md has one row for each code, in the order of the union, and advice in each', () => {
  expect(codes.length).toBeGreaterThan(20)
  const rows = tableRows(textOf('docs/errors.md')).filter(([first]) => first?.startsWith('`ERR_'))
  expect(rows.map(([code = '']) => codeIn(code)[0])).toEqual(codes)
  for (const row of rows) expect(row.filter((cell) => cell !== '')).toHaveLength(4)
})
