import * as v from 'valibot'
import { defineTool } from '../../../client/tools/index.ts'
import { readSource } from './package-files.ts'

/** Lines that one call gives back at most. */
const MOST_LINES = 80

/** What the model gets: the lines `from` to `to`, without their line breaks. */
export interface ReadOutput {
  readonly path: string
  readonly from: number
  readonly to: number
  readonly lines: readonly string[]
}

const lineNumber = v.pipe(v.number(), v.integer(), v.minValue(1))

/** Reads some lines of one source file of this package. */
export const readLines = defineTool({
  name: 'read_lines',
  description: `Reads lines of one of this package's source files. At most ${MOST_LINES} lines.`,
  schema: v.strictObject({
    path: v.pipe(v.string(), v.description('As search_files gives it, such as machines/backoff.ts.')),
    from: v.pipe(lineNumber, v.description('The first line, counted from 1.')),
    to: v.pipe(lineNumber, v.description('The last line.')),
  }),
  async execute({ path, from, to }): Promise<ReadOutput> {
    const all = await readSource(path)
    const last = Math.min(to, all.length, from + MOST_LINES - 1)
    return { path, from, to: last, lines: all.slice(from - 1, last) }
  },
})
