import * as v from 'valibot'
import { defineTool } from '../../../client/tools/index.ts'
import { FOLDERS, readSource, sourceFiles } from './package-files.ts'

/** Lines that one search gives back at most. */
const MOST_HITS = 40
/** Characters of a line that are given back. */
const LONGEST_LINE = 200

/** A line in which the word stands. */
export interface Hit {
  readonly path: string
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** What the model gets. `total` also counts the hits that were left out. */
export interface SearchOutput {
  readonly word: string
  readonly hits: readonly Hit[]
  readonly total: number
  readonly files: number
}

/** Finds a word in the sources of this package. */
export const searchFiles = defineTool({
  name: 'search_files',
  description: `Finds the lines of this package's sources in which a word stands. At most ${MOST_HITS} lines.`,
  schema: v.strictObject({
    word: v.pipe(
      v.string(),
      // Strict mode has no minLength, so this rule is checked without being told.
      v.check((word) => word.length >= 2, 'must have at least two characters'),
      v.description('Upper and lower case matter.'),
    ),
    folder: v.picklist(FOLDERS),
  }),
  async execute({ word, folder }, { signal }): Promise<SearchOutput> {
    const hits: Hit[] = []
    for (const path of await sourceFiles(folder)) {
      signal.throwIfAborted()
      const lines = await readSource(path)
      for (const [index, text] of lines.entries()) {
        if (text.includes(word))
          hits.push({ path, line: index + 1, text: text.trim().slice(0, LONGEST_LINE) })
      }
    }
    const files = new Set(hits.map(({ path }) => path)).size
    return { word, hits: hits.slice(0, MOST_HITS), total: hits.length, files }
  },
})
