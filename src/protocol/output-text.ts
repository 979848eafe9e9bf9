import type { OutputItem } from './output-items.ts'

/** The text of all messages of an output, as the official package's `output_text` has it. */
export function outputText(output: readonly OutputItem[]): string {
  return output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => (part.type === 'output_text' ? part.text : ''))
    .join('')
}
