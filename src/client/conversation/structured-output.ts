import type { StandardSchemaV1 } from '@standard-schema/spec'
import { BadOptionError } from '../../protocol/errors.ts'
import type { OutputMessage, TurnResponse } from '../../protocol/index.ts'
import { jsonSchemaOf } from '../schema/json-schema.ts'
import {
  type JsonSchema,
  type TypedSchema,
  checkedBy,
  isJsonSchema,
  isStandardSchema,
} from '../schema/schema.ts'
import { fitsStrictMode } from '../schema/strict-mode.ts'
import { OutputError, type OutputIssue } from './output-error.ts'

/** What an answer can be asked to fit: a schema of zod 4, valibot, ArkType, …, or a plain JSON Schema. */
export type OutputSchema = TypedSchema | JsonSchema

/** What an answer is that fits a schema; unknown with a plain JSON Schema. */
export type OutputOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : unknown

/** An answer that fits, or what the model said instead. */
export type StructuredAnswer<Output> =
  | { readonly output: Output; readonly refusal: null }
  | { readonly output: null; readonly refusal: string }

/** An answer by a schema: what is asked of the model, and how its answer is read. */
export interface StructuredOutput {
  /** `text.format` of the request (Structured outputs guide). */
  readonly format: object
  /** @throws {OutputError} when the answer is no JSON, or does not fit */
  readonly read: (response: TurnResponse) => Promise<StructuredAnswer<unknown>>
}

/**
 * Prepares for an answer by a schema.
 *
 * @throws {BadOptionError} when it is no schema, is not one of an object, or cannot be told as JSON Schema
 */
export function structuredOutput(given: OutputSchema): StructuredOutput {
  if (!isStandardSchema(given) && !isJsonSchema(given)) {
    throw new BadOptionError(
      'output',
      'must be a schema of zod, valibot or another library, or a JSON Schema',
    )
  }
  const schema = jsonSchemaOf(given, 'output')
  if (schema['type'] !== 'object') throw new BadOptionError('output', 'must be a schema of an object')
  const check = isStandardSchema(given) ? given : checkedBy(schema)
  return {
    format: { type: 'json_schema', name: 'output', schema, strict: fitsStrictMode(schema) },
    read: (response) => readAnswer(response, check),
  }
}

async function readAnswer(
  response: TurnResponse,
  check: StandardSchemaV1,
): Promise<StructuredAnswer<unknown>> {
  const refusal = refusalIn(response)
  if (refusal !== null) return { output: null, refusal }
  const content = answerOf(response)?.content ?? []
  const text = content.map((part) => (part.type === 'output_text' ? part.text : '')).join('')
  const result = await check['~standard'].validate(parsed(text, response))
  if (result.issues === undefined) return { output: result.value, refusal: null }
  const issues = result.issues.map(issueOf)
  throw new OutputError('does not fit its schema', text, response, issues)
}

/** What the model says instead of an answer, or null. */
export function refusalIn(response: TurnResponse): string | null {
  const refusal = answerOf(response)?.content.find((part) => part.type === 'refusal')
  return refusal?.type === 'refusal' ? refusal.refusal : null
}

/** Remarks on the way to it are no answer. */
function answerOf({ output }: TurnResponse): OutputMessage | undefined {
  return output.findLast(
    (item): item is OutputMessage => item.type === 'message' && item.phase !== 'commentary',
  )
}

function parsed(text: string, response: TurnResponse): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const why = response.incomplete_details?.reason ?? response.status
    const cut = response.status === 'incomplete' ? `was cut short (${String(why)})` : null
    throw new OutputError(cut ?? (text === '' ? 'has no text' : 'is no JSON'), text, response)
  }
}

function issueOf({ path = [], message }: StandardSchemaV1.Issue): OutputIssue {
  return { path: path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'), message }
}
