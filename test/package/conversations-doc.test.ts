import { expect, it } from 'vitest'
import { codeBlocks, textOf } from './markdown.ts'
import { run } from './run-program.ts'

const page = textOf('docs/conversations.md')
const programs = codeBlocks(page, 'js')
const outputs = codeBlocks(page, 'text')

it('docs/conversations.md says what each of its programs prints', () => {
  expect(programs.length).toBeGreaterThan(2)
  expect(outputs).toHaveLength(programs.length)
})

it.each(programs.map((program, index) => [index, program] as const))(
  'has programs that print what stands below them (%i)',
  (index, program) => {
    expect(run(program)).toMatchObject({ stdout: outputs[index], stderr: '', status: 0 })
  },
)
