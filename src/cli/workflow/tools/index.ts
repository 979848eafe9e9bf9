import { readLines } from './read-lines.ts'
import { searchFiles } from './search-files.ts'
import type { Tool } from './tool.ts'

/** The tools of the workflow. Both only read, and only this package's own sources. */
export const TOOLS: readonly Tool[] = [searchFiles, readLines]
