import * as v from 'valibot'
import type { InputContentPart } from '../../protocol/index.ts'
import { CallProblem } from './call-problem.ts'

/** What stands in `output` of a `function_call_output`. */
export type CallOutput = string | readonly InputContentPart[]

/** Characters that the Responses API takes as the output of one call. */
export const MAX_OUTPUT_CHARS = 10_485_760

const text = v.nullish(v.string())

// Loose: a field that the server takes tomorrow has to get through today.
const partsSchema = v.pipe(
  v.array(
    v.variant('type', [
      v.looseObject({ type: v.literal('input_text'), text: v.string() }),
      v.looseObject({ type: v.literal('input_image'), image_url: text, file_id: text }),
      v.looseObject({ type: v.literal('input_file'), file_data: text, file_id: text, file_url: text }),
    ]),
  ),
  v.minLength(1),
)

/**
 * What a tool gave, as the output of its call. A string stays, content parts stay parts, all else becomes JSON.
 * Throws a `CallProblem` when it cannot be written as JSON, or is longer than the API takes.
 */
export function outputOf(value: unknown): CallOutput {
  if (typeof value === 'string') return withinLimit(value)
  const json = withinLimit(serialised(value ?? null))
  if (!Array.isArray(value)) return json
  // Parts are read back from the JSON: what is sent is then exactly what was measured, and nobody else holds it.
  const copy: unknown = JSON.parse(json)
  return v.is(partsSchema, copy) ? (copy as readonly InputContentPart[]) : json
}

function serialised(value: unknown): string {
  const problem = 'The tool ran, but what it gave cannot be written as JSON and was left out.'
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch {
    throw new CallProblem('unserialisable', problem)
  }
  // The type of JSON.stringify hides that functions and symbols give undefined.
  if (json === undefined) throw new CallProblem('unserialisable', problem)
  return json
}

function withinLimit(output: string): string {
  if (output.length <= MAX_OUTPUT_CHARS) return output
  throw new CallProblem(
    'too-long',
    `The tool ran, but its output of ${output.length} characters was left out: ${MAX_OUTPUT_CHARS} are allowed. ` +
      'Ask for less at a time.',
  )
}
