import * as v from 'valibot'
import { closeCode, connectionFault, errorFormSchema, milliseconds } from './faults.ts'
import { turn } from './turn.ts'

const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
const positive = v.pipe(v.number(), v.integer(), v.minValue(1))
const flag = v.boolean()
const period = v.nullable(v.pipe(milliseconds, v.minValue(1)))

/** How one upgrade is answered. Its first key decides: `status`, `stall`, `reset`, else it is accepted. */
const refusal = v.strictObject({
  /** Any HTTP status but 101. */
  status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number()]))),
  /** Sent as it is when a string, else as JSON. */
  body: v.optional(v.union([v.string(), v.record(v.string(), v.unknown())])),
  delayMs: v.optional(milliseconds),
  times: v.optional(positive),
})
const stall = v.strictObject({ stall: v.literal(true), times: v.optional(positive) })
const reset = v.strictObject({
  reset: v.literal(true),
  delayMs: v.optional(milliseconds),
  times: v.optional(positive),
})
const accept = v.strictObject({
  accept: v.optional(v.literal(true)),
  /** Faults that strike right after the 101, one after the other. */
  faults: v.optional(v.array(connectionFault)),
  headers: v.optional(v.record(v.string(), v.string())),
  delayMs: v.optional(milliseconds),
  times: v.optional(positive),
})

function upgradeSchemaFor(input: unknown): typeof refusal | typeof stall | typeof reset | typeof accept {
  if (typeof input !== 'object' || input === null) return accept
  if ('status' in input) return refusal
  if ('stall' in input) return stall
  return 'reset' in input ? reset : accept
}

export const upgradeAnswer = v.lazy(upgradeSchemaFor)

const limits = v.strictObject({
  /** Lanes (`stream_id`). False refuses the field, as a generation-1 service does. */
  lanes: v.optional(flag),
  /** What the connection remembers: the latest response of each lane, or of the connection. */
  memory: v.optional(v.picklist(['lane', 'connection'])),
  /** Responses that run at once on a connection. */
  inFlight: v.optional(positive),
  /** Distinct lane names of a connection. */
  laneNames: v.optional(whole),
  /** Creates that wait on a connection; one more is refused with `websocket_queue_full`. Default 1024. */
  queued: v.optional(positive),
  /** Largest inbound message, in bytes. A larger one is answered with close code 1009. */
  maxFrameBytes: v.optional(positive),
  /** Largest HTTP body, in bytes. A larger one is answered with 413. Default 64 MiB. */
  maxBodyBytes: v.optional(positive),
  /** Bytes that may wait for a client that does not read, before it is disconnected. Default 64 MiB. */
  maxBufferedBytes: v.optional(positive),
  /** Open connections; one more upgrade is answered with 503. Default 1024. */
  connections: v.optional(positive),
  /** Responses kept for `store: true`, over all connections; the oldest goes first. Default 10000. */
  stored: v.optional(whole),
  /** Closes the connection (1011) after each `error` frame. */
  closesOnError: v.optional(flag),
  /** Closes the connection (1008) when a create names another model than the first. */
  oneModel: v.optional(flag),
  /** Closes the connection (1001) after so many ms without a frame, ping or pong. Null: never. */
  idleMs: v.optional(period),
  /** `response.failed` evicts the parent, as an `error` frame does. Default true. */
  failedEvicts: v.optional(flag),
})

const age = v.strictObject({
  /** Life of a connection, in ms. Null: no limit. */
  maxMs: v.optional(period),
  /** When `websocket_connection_limit_reached` is sent: at once when idle, in answer to the next create, or both. */
  announce: v.optional(v.picklist(['idle', 'next-create', 'both', 'none'])),
  /** Milliseconds from the announcement to the close. Default 1000. */
  graceMs: v.optional(milliseconds),
  closeCode: v.optional(closeCode),
  /** Whether responses that run at the limit are finished first. Default `finish`. */
  running: v.optional(v.picklist(['finish', 'cut'])),
})

const steering = v.strictObject({
  enabled: v.optional(flag),
  /** Models that can be steered; `*` is all. Default `["gpt-6-astra"]`. */
  models: v.optional(v.array(v.string())),
  /** Steers that may wait for one response. Default 8. */
  maxPending: v.optional(positive),
  /** `interrupt` ends the response at the next output item, `late` lets it finish. Default `interrupt`. */
  path: v.optional(v.picklist(['interrupt', 'late'])),
  /** Refuses every steer with this code. */
  failWith: v.optional(v.nullable(v.string())),
  /** Accepts steers and then fails to start the successor (`successor_creation_failed`). */
  successorFails: v.optional(flag),
})

/** Everything about the server that plain JSON can say. Every field has a default. */
export const scriptSchema = v.strictObject({
  mode: v.optional(v.picklist(['openai', 'generation-1', 'vercel'])),
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535))),
  host: v.optional(v.pipe(v.string(), v.nonEmpty())),
  apiKey: v.optional(
    v.nullable(v.union([v.string(), v.array(v.string())], 'must be a string, a list of strings or null')),
  ),
  authHeader: v.optional(v.pipe(v.string(), v.nonEmpty(), v.toLowerCase())),
  authPrefix: v.optional(v.string()),
  /** Sub-protocols that the server speaks; one that it does not is left unanswered. Default none. */
  subprotocols: v.optional(v.array(v.string())),

  limits: v.optional(limits),
  age: v.optional(age),
  ping: v.optional(
    v.strictObject({
      everyMs: v.optional(period),
      /** Milliseconds to wait for the pong before close 1011 "keepalive ping timeout". Default 20000. */
      pongDeadlineMs: v.optional(milliseconds),
    }),
  ),
  warmup: v.optional(v.strictObject({ created: v.optional(flag) })),
  steering: v.optional(steering),
  errors: v.optional(errorFormSchema),
  upgrades: v.optional(v.array(upgradeAnswer)),
  turns: v.optional(v.array(turn)),
  default: v.optional(turn),
})
