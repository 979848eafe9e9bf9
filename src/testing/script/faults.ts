import * as v from 'valibot'

/** A whole number of milliseconds from 0 to what Node's `setTimeout` takes. */
export const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1))
const count = v.pipe(v.number(), v.integer(), v.minValue(1))

/** Codes that RFC 6455 section 7.4 allows in a close frame. */
export const closeCode = v.pipe(
  v.number(),
  v.integer(),
  v.check(
    (code) =>
      (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999),
    'must be a code that a close frame may carry (RFC 6455 section 7.4)',
  ),
)

/** The `reason` of a close frame: at most 123 bytes (RFC 6455 section 5.5). */
const closeReason = v.pipe(v.string(), v.maxBytes(123))

/** The wire form of an `error` frame. */
const errorForm = {
  /**
   * `nested` as api.openai.com sends it, `flat` as on SSE, `detail` as the ChatGPT route does, `untyped` as some
   * gateways do: nested, without `type`. Default `nested`.
   */
  shape: v.optional(v.picklist(['nested', 'flat', 'detail', 'untyped'])),
  /** Under which name the HTTP-like status travels, if at all. Default `status`. */
  statusField: v.optional(v.picklist(['status', 'status_code', 'none'])),
  /** Where `headers` go. Default `error`: inside the error object. */
  headersIn: v.optional(v.picklist(['error', 'top', 'both'])),
}

/** An `error` frame that the script asks for. */
const errorFrameSchema = v.strictObject({
  /** HTTP-like status. Default 500. */
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599))),
  /** Default `server_error` for a 5xx status, else null. */
  code: v.optional(v.nullable(v.string())),
  /** Default: a sentence that goes with the code. */
  message: v.optional(v.string()),
  /** Default `server_error` for a 5xx status, else `invalid_request_error`. */
  type: v.optional(v.string()),
  /** Default null. */
  param: v.optional(v.nullable(v.string())),
  /** Such as `{ "retry-after-ms": 1500 }`. Default none. */
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
  ...errorForm,
})
type ErrorFrameEntries = typeof errorFrameSchema
/** An interface, so that declarations name it instead of repeating all that it holds. So are the ones below. */
export interface ErrorFrameSchema extends ErrorFrameEntries {}
export const errorFrame: ErrorFrameSchema = errorFrameSchema

/** The form of the error frames that the server sends of its own accord. */
export const errorFormSchema = v.strictObject(errorForm)

/** Where in a turn a fault strikes. */
const points = [
  'request',
  'created',
  'in-progress',
  'delta',
  'item',
  'before-terminal',
  'after-terminal',
] as const
export const faultPoint = v.picklist(points)

const at = {
  at: faultPoint,
  /** Which delta or which item, counted from 1 over the whole response. Default 1. For `delta` and `item` only. */
  nth: v.optional(count),
}

const variants = {
  /** A close frame. `code`: default 1011. `reason`: default empty. */
  close: { do: v.literal('close'), code: v.optional(closeCode), reason: v.optional(closeReason) },
  /** Ends TCP without a close frame; `reset`: by a reset. Default false. */
  terminate: { do: v.literal('terminate'), reset: v.optional(v.boolean()) },
  /** Nothing goes out, for `ms`. Default: for ever. Later all that was held back. */
  silence: { do: v.literal('silence'), ms: v.optional(milliseconds) },
  /** Nothing is read, for `ms`. Default: for ever. */
  stopReading: { do: v.literal('stop-reading'), ms: v.optional(milliseconds) },
  /** Goes on after `ms`. */
  delay: { do: v.literal('delay'), ms: milliseconds },
  /** An `error` frame, which ends the response. */
  error: { do: v.literal('error'), error: v.optional(errorFrame) },
  /** An `error` frame, and `lateMs` later (default 0) a `response.failed` for the same response. */
  doubleTerminal: {
    do: v.literal('double-terminal'),
    lateMs: v.optional(milliseconds),
    error: v.optional(errorFrame),
  },
  /** An event (default `response.failed`) of another response (default: of the last one). */
  staleEvent: {
    do: v.literal('stale-event'),
    event: v.optional(v.string()),
    responseId: v.optional(v.string()),
  },
  /** An event of a type that nobody knows. Default `response.unheard_of`. */
  unknownEvent: { do: v.literal('unknown-event'), event: v.optional(v.string()) },
  /** An event `keepalive`. */
  keepalive: { do: v.literal('keepalive') },
  /** A binary message of so many bytes. Default 16. */
  binary: {
    do: v.literal('binary'),
    bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 26))),
  },
  /** A text message that is no JSON. Default: an event, cut off. */
  brokenJson: { do: v.literal('broken-json'), text: v.optional(v.string()) },
  /** An event of at least so many bytes. */
  oversized: {
    do: v.literal('oversized'),
    bytes: v.pipe(v.number(), v.integer(), v.minValue(64), v.maxValue(2 ** 27)),
  },
  /** Leaves out so many sequence numbers. Default 1. */
  sequenceGap: { do: v.literal('sequence-gap'), by: v.optional(count) },
  /** Never sends `response.created`. Strikes at `request`. */
  omitCreated: { do: v.literal('omit-created') },
  /** The terminal event has an empty `output`. */
  emptyOutput: { do: v.literal('empty-output') },
  /** The terminal event is called `response.done`. */
  doneDialect: { do: v.literal('done-dialect') },
} as const

/** A fault of a connection, for an upgrade's `faults` and for a running server. */
const connectionFaultSchema = v.variant('do', [
  v.strictObject(variants.close),
  v.strictObject(variants.terminate),
  v.strictObject(variants.silence),
  v.strictObject(variants.stopReading),
  v.strictObject(variants.delay),
  v.strictObject(variants.error),
  v.strictObject(variants.staleEvent),
  v.strictObject(variants.unknownEvent),
  v.strictObject(variants.keepalive),
  v.strictObject(variants.binary),
  v.strictObject(variants.brokenJson),
  v.strictObject(variants.oversized),
])
type ConnectionFaultVariants = typeof connectionFaultSchema
export interface ConnectionFaultSchema extends ConnectionFaultVariants {}
export const connectionFault: ConnectionFaultSchema = connectionFaultSchema

/** A fault of a turn: what goes wrong, and `at` which point. */
const turnFaultSchema = v.variant('do', [
  v.strictObject({ ...at, ...variants.close }),
  v.strictObject({ ...at, ...variants.terminate }),
  v.strictObject({ ...at, ...variants.silence }),
  v.strictObject({ ...at, ...variants.stopReading }),
  v.strictObject({ ...at, ...variants.delay }),
  v.strictObject({ ...at, ...variants.error }),
  v.strictObject({ ...at, ...variants.doubleTerminal }),
  v.strictObject({ ...at, ...variants.staleEvent }),
  v.strictObject({ ...at, ...variants.unknownEvent }),
  v.strictObject({ ...at, ...variants.keepalive }),
  v.strictObject({ ...at, ...variants.binary }),
  v.strictObject({ ...at, ...variants.brokenJson }),
  v.strictObject({ ...at, ...variants.oversized }),
  v.strictObject({ ...at, ...variants.sequenceGap }),
  v.strictObject({ ...at, ...variants.omitCreated }),
  v.strictObject({ ...at, ...variants.emptyOutput }),
  v.strictObject({ ...at, ...variants.doneDialect }),
])
type TurnFaultVariants = typeof turnFaultSchema
export interface TurnFaultSchema extends TurnFaultVariants {}
export const turnFault: TurnFaultSchema = turnFaultSchema
