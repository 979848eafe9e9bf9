import * as v from 'valibot'
import type { ControlEvent } from './server-events/index.ts'

// Loose everywhere: a field that a server adds tomorrow must not break a client of today.

const text = v.nullish(v.string())
const number = v.nullish(v.number())
const identifier = v.pipe(v.string(), v.nonEmpty())
const record = v.nullish(v.looseObject({}))

const usage = v.looseObject({
  input_tokens: number,
  input_tokens_details: v.nullish(v.looseObject({ cached_tokens: number, cache_write_tokens: number })),
  output_tokens: number,
  output_tokens_details: v.nullish(v.looseObject({ reasoning_tokens: number })),
  total_tokens: number,
  prompt_tokens: number,
  completion_tokens: number,
})

/** The fields of a response that are read, each by itself. */
export const responseFields = {
  id: identifier,
  output: v.nullish(v.array(v.looseObject({ type: v.string() }))),
  object: text,
  created_at: number,
  completed_at: number,
  status: text,
  model: text,
  usage: v.nullish(usage),
  error: v.nullish(v.looseObject({ code: text, message: text, param: text, type: text })),
  incomplete_details: v.nullish(v.looseObject({ reason: text })),
  previous_response_id: text,
  store: v.nullish(v.boolean()),
}

const response = v.looseObject(responseFields)

const envelope = { stream_id: v.optional(v.string()), sequence_number: v.optional(v.number()) }

const errorBodyFields = { type: text, code: text, message: text, param: text, headers: record }

/** The fields of an `error` frame that are read, each by itself. */
export const errorFields = {
  ...envelope,
  error: v.nullish(v.looseObject(errorBodyFields)),
  status: number,
  status_code: number,
  code: text,
  message: text,
  param: text,
  headers: record,
}

const steer = v.looseObject({ id: identifier, previous_response_id: identifier })

export { envelope as envelopeFields, errorBodyFields }

const withResponse = <const Type extends string>(type: Type) =>
  v.looseObject({ ...envelope, type: v.literal(type), response })

const byType = {
  'response.queued': withResponse('response.queued'),
  'response.created': withResponse('response.created'),
  'response.in_progress': withResponse('response.in_progress'),
  'response.completed': withResponse('response.completed'),
  'response.incomplete': withResponse('response.incomplete'),
  'response.failed': withResponse('response.failed'),
  'response.done': withResponse('response.done'),
  'response.error': v.looseObject({
    ...errorFields,
    type: v.literal('response.error'),
    response: v.nullish(response),
  }),
  error: v.looseObject({ ...errorFields, type: v.literal('error') }),
  'response.steer.accepted': v.looseObject({
    ...envelope,
    type: v.literal('response.steer.accepted'),
    steer,
  }),
  'response.steer.pending': v.looseObject({
    ...envelope,
    type: v.literal('response.steer.pending'),
    steer,
    reason: v.string(),
    required_input: v.array(
      v.looseObject({
        type: v.string(),
        call_id: v.optional(v.string()),
        name: v.optional(v.string()),
        execution: v.optional(v.string()),
        approval_request_id: v.optional(v.string()),
      }),
    ),
  }),
  'response.steer.failed': v.looseObject({
    ...envelope,
    type: v.literal('response.steer.failed'),
    steer: v.looseObject({ id: text, previous_response_id: v.string(), input: v.optional(v.unknown()) }),
    error: v.looseObject({ code: v.string(), message: text, type: text }),
  }),
} satisfies { [Type in ControlEvent['type']]: v.GenericSchema }

/**
 * The valibot schema of each event that can change a state, by its `type`. Fields that a schema does not know
 * pass.
 */
export const controlEventSchemas: ReadonlyMap<string, v.GenericSchema> = new Map(Object.entries(byType))

/** What the schemas vouch for. A type test holds it against `ControlEvent`. */
export type CheckedControlEvent = v.InferOutput<(typeof byType)[keyof typeof byType]>
