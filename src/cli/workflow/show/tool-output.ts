import { counted } from '../../counted.ts'
import type { ReadOutput } from '../tools/read-lines.ts'
import type { SearchOutput } from '../tools/search-files.ts'

/** What a tool of the workflow gave the model, in a few words for people. */
export function describeOutput(output: unknown): string {
  const value = JSON.parse(String(output)) as SearchOutput | ReadOutput | { readonly error: string }
  if ('error' in value) return `failed: ${value.error}`
  if ('hits' in value) return `${counted(value.total, 'line')} in ${counted(value.files, 'file')}`
  return `${counted(value.lines.length, 'line')} of ${value.path}`
}
