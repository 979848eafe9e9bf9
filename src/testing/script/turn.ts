import * as v from 'valibot'
import { errorFrame, milliseconds, turnFault } from './faults.ts'

const object = v.record(v.string(), v.unknown())

/** One text, or the deltas it is streamed in. */
const text = v.union([v.string(), v.array(v.string())], 'must be a string or a list of strings')

const call = v.strictObject({
  /** Of the tool. */
  name: v.pipe(v.string(), v.nonEmpty()),
  /** A JSON string as it is, its deltas, or an object to write as JSON. Default `{}`. */
  arguments: v.optional(
    v.union([v.string(), v.array(v.string()), object], 'must be a string, an object or a list of deltas'),
  ),
  /** Default: one that the server makes. */
  call_id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
})

const customCall = v.strictObject({
  /** Of the tool. */
  name: v.pipe(v.string(), v.nonEmpty()),
  /** Default empty. */
  input: v.optional(text),
  /** Default: one that the server makes. */
  call_id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
})

/** One output item, in the order in which the response holds them. */
const outputItem = v.variant('type', [
  v.strictObject({ type: v.literal('text'), text }),
  v.strictObject({ type: v.literal('refusal'), refusal: text }),
  /** `encrypted`: with `encrypted_content`. Default true. */
  v.strictObject({ type: v.literal('reasoning'), summary: text, encrypted: v.optional(v.boolean()) }),
  v.strictObject({ type: v.literal('call'), ...call.entries }),
  v.strictObject({ type: v.literal('custom-call'), ...customCall.entries }),
  v.strictObject({ type: v.literal('compaction') }),
  /** Any other item, sent as it is in `output_item.added` and `.done`. */
  v.strictObject({ type: v.literal('raw'), item: object }),
])

/** Which requests a turn answers. All fields that are given must fit. */
const match = v.strictObject({
  /** The `model` of the request. */
  model: v.optional(v.string()),
  /** A lane's name, or null for the default lane. */
  lane: v.optional(v.nullable(v.string())),
  /** Text that occurs in the last user message or tool output. */
  input: v.optional(v.string()),
  /** The turn key, see `turnKey`. */
  key: v.optional(v.string()),
  /** True for warm-ups (`generate: false`), which no other turn answers. */
  warmup: v.optional(v.boolean()),
  /** True for requests that end in a `compaction_trigger`, which no other turn answers. */
  compaction: v.optional(v.boolean()),
  /** Over which the request came. */
  transport: v.optional(v.picklist(['websocket', 'http'])),
})

/** Codes of `response.error` are an open set in practice, hence plain strings. */
const failure = v.strictObject({
  /** Default `server_error`. */
  code: v.optional(v.string()),
  /** Default `The response failed.` */
  message: v.optional(v.string()),
})

const incomplete = v.strictObject({
  /** Default `max_output_tokens`. */
  reason: v.optional(v.picklist(['max_output_tokens', 'max_messages', 'content_filter', 'steered'])),
})

const turnEntries = v.strictObject({
  match: v.optional(match),
  /** How many requests this entry answers before it is used up. Default 1. */
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Short for one `reasoning`, then one `text`, then each `call`, before `output`. */
  reasoning: v.optional(text),
  text: v.optional(text),
  calls: v.optional(v.array(call)),
  output: v.optional(v.array(outputItem)),
  /** Characters a delta, where a text is given as one string. Default 16. */
  chunk: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Milliseconds before every event after the first. Default 0. */
  delayMs: v.optional(milliseconds),
  /** Ends in `response.failed`. */
  failed: v.optional(failure),
  /** Ends in `response.incomplete`. */
  incomplete: v.optional(incomplete),
  /** Ends in an `error` frame: after the output if there is any, else instead of everything. */
  error: v.optional(errorFrame),
  /** What goes wrong in it, and where. Default none. */
  faults: v.optional(v.array(turnFault)),
  /** Says nothing of itself: a test gives the response, event by event, through `server.turnsByHand()`. */
  byHand: v.optional(v.boolean()),
})

const endings = ['failed', 'incomplete', 'error'] as const

/** What the server does for one request. */
const turnSchema = v.pipe(
  turnEntries,
  v.check(
    (given) => endings.filter((ending) => given[ending] !== undefined).length <= 1,
    'may have one of "failed", "incomplete" and "error", not several',
  ),
)
type TurnEntries = typeof turnSchema
/** An interface, so that declarations name it instead of repeating all that it holds. */
export interface TurnSchema extends TurnEntries {}
export const turn: TurnSchema = turnSchema
