import type { Turn } from '../script/types.ts'
import type { ModelRequest } from './request.ts'
import { textOf } from './request.ts'
import type { Item } from './wire.ts'

/**
 * What the server answers where the script has no turn for a request. It is called when the request starts.
 * A function that throws ends the request in an `error` frame of status 500.
 */
export type Model = (request: ModelRequest) => Turn

/** Longest part of an input that the default answer repeats, in characters. */
const LONGEST_ECHO = 2000

/**
 * The default model: repeats what it was told last. `You said: hi`, or, after tools, `The tool said: 42`. The same
 * input always gives the same answer.
 */
export const echoModel: Model = ({ input, context }) => {
  const outputs = input.filter((item) => 'output' in item)
  if (outputs.length > 0) {
    const said = outputs.map((item) => clip(textOf(item['output']))).join('; ')
    return { text: `The tool said: ${said}` }
  }
  const last = context.findLast((item) => item['role'] === 'user')
  return { text: last === undefined ? 'You said nothing.' : `You said: ${clip(textOf(last['content']))}` }
}

function clip(text: string): string {
  return text.length > LONGEST_ECHO ? `${text.slice(0, LONGEST_ECHO)}…` : text
}

/** The text that a turn's `match.input` is looked for in: the last user message, or the last tool outputs. */
export function lastWords(items: readonly Item[]): string {
  const last = items.findLast((item) => item['role'] === 'user' || 'output' in item)
  return last === undefined ? '' : textOf(last['output'] ?? last['content'])
}

/** A token count that grows with the text: four characters of JSON are one token. */
export function tokensOf(value: unknown): number {
  const json = JSON.stringify(value) ?? ''
  return Math.ceil(json.length / 4)
}
