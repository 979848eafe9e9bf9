import type { Tool } from '../../../client/tools/index.ts'
import { readLines } from './read-lines.ts'
import { searchFiles } from './search-files.ts'

/** The tools of the workflow. Both only read, and only this package's own sources. */
export const TOOLS: readonly Tool[] = [searchFiles, readLines]
