import * as v from 'valibot'
import { closeCode, connectionFault, errorFormSchema, milliseconds } from './faults.ts'
import { turn } from './turn.ts'

const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
const positive = v.pipe(v.number(), v.integer(), v.minValue(1))
const flag = v.boolean()
const period = v.nullable(v.pipe(milliseconds, v.minValue(1)))

/** How many upgrades in a row this entry answers before it is used up. Default 1. */
const times = v.optional(positive)
/** Milliseconds before the answer. Default 0. */
const delayMs = v.optional(milliseconds)

/** How one upgrade is answered: as the first of these keys says that the entry has, else it is accepted. */
export const upgradeForms = {
  status: v.strictObject({
    /** Any HTTP status but 101. */
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    /** Of the HTTP answer, over its own `content-type` and `content-length`. Default none. */
    headers: v.optional(v.record(v.string(), v.union([v.string(), v.number()]))),
    /** Sent as it is when a string, else as JSON. Default empty. */
    body: v.optional(v.union([v.string(), v.record(v.string(), v.unknown())])),
    delayMs,
    times,
  }),
  /** Takes the request and never answers. */
  stall: v.strictObject({ stall: v.literal(true), times }),
  /** Resets the TCP connection. */
  reset: v.strictObject({ reset: v.literal(true), delayMs, times }),
  accept: v.strictObject({
    accept: v.optional(v.literal(true)),
    /** Faults that strike right after the 101, one after the other. Default none. */
    faults: v.optional(v.array(connectionFault)),
    /** To add to the 101. Default none. */
    headers: v.optional(v.record(v.string(), v.string())),
    delayMs,
    times,
  }),
} as const

function upgradeSchemaFor(input: unknown): (typeof upgradeForms)[keyof typeof upgradeForms] {
  if (typeof input !== 'object' || input === null) return upgradeForms.accept
  if ('status' in input) return upgradeForms.status
  if ('stall' in input) return upgradeForms.stall
  return 'reset' in input ? upgradeForms.reset : upgradeForms.accept
}

export const upgradeAnswer = v.lazy(upgradeSchemaFor)

const limits = v.strictObject({
  /**
   * Lanes (`stream_id`). False refuses the field with an unlabelled 400, as a generation-1 service does; `ignored`
   * takes no notice of it and labels nothing, as many gateways do. Default: the mode's.
   */
  lanes: v.optional(v.union([flag, v.literal('ignored')], 'must be true, false or "ignored"')),
  /** What the connection remembers: the latest response of each lane, or of the connection. Default: the mode's. */
  memory: v.optional(v.picklist(['lane', 'connection'])),
  /** Responses that run at once on a connection. Default: the mode's. */
  inFlight: v.optional(positive),
  /** Distinct lane names of a connection; one more is `websocket_stream_limit_reached`. Default 32. */
  laneNames: v.optional(whole),
  /** Creates that wait on a connection; one more is refused with `websocket_queue_full`. Default 1024. */
  queued: v.optional(positive),
  /** Largest inbound message, in bytes. A larger one is answered with close code 1009. Default: the mode's. */
  maxFrameBytes: v.optional(positive),
  /** Largest HTTP body, in bytes. A larger one is answered with 413. Default 64 MiB. */
  maxBodyBytes: v.optional(positive),
  /** Bytes that may wait for a client that does not read, before it is disconnected. Default 64 MiB. */
  maxBufferedBytes: v.optional(positive),
  /** Open connections; one more upgrade is answered with 503. Default 1024. */
  connections: v.optional(positive),
  /** Responses kept for `store: true`, over all connections; the oldest goes first. Default 10000. */
  stored: v.optional(whole),
  /** Closes the connection (1011) after each `error` frame. Default: the mode's. */
  closesOnError: v.optional(flag),
  /** Closes the connection (1008) when a create names another model than the first. Default: the mode's. */
  oneModel: v.optional(flag),
  /** Closes the connection (1001) after so many ms without a frame, ping or pong. Null: never. Default: the mode's. */
  idleMs: v.optional(period),
  /** `response.failed` evicts the parent, as an `error` frame does. Default true. */
  failedEvicts: v.optional(flag),
})

const age = v.strictObject({
  /** Life of a connection, in ms. Null: no limit. Default: the mode's. */
  maxMs: v.optional(period),
  /** When `websocket_connection_limit_reached` is sent: at once when idle, in answer to the next create, or both. Default: the mode's. */
  announce: v.optional(v.picklist(['idle', 'next-create', 'both', 'none'])),
  /** Milliseconds from the announcement to the close. Default: the mode's. */
  graceMs: v.optional(milliseconds),
  /** Of the close at the limit. Default: the mode's. */
  closeCode: v.optional(closeCode),
  /** Whether responses that run at the limit are finished first. Default `finish`. */
  running: v.optional(v.picklist(['finish', 'cut'])),
})

const steering = v.strictObject({
  /** Whether `response.steer` is known. Default: the mode's. */
  enabled: v.optional(flag),
  /** Models that can be steered; `*` is all. Default `["gpt-6-astra"]`. */
  models: v.optional(v.array(v.string())),
  /** Steers that may wait for one response. Default 8. */
  maxPending: v.optional(positive),
  /** `interrupt` ends the response at the next output item, `late` lets it finish. Default `interrupt`. */
  path: v.optional(v.picklist(['interrupt', 'late'])),
  /** Refuses every steer with this code. Null: none. Default null. */
  failWith: v.optional(v.nullable(v.string())),
  /** Accepts steers and then fails to start the successor (`successor_creation_failed`). Default false. */
  successorFails: v.optional(flag),
})

/** Everything about the server that plain JSON can say. Every field has a default. */
export const scriptSchema = v.strictObject({
  /** The service that it behaves like: gives the defaults of what follows. Default `openai`. */
  mode: v.optional(v.picklist(['openai', 'generation-1', 'vercel'])),
  /** Default 0: any that is free. `holdline serve`: 8787. */
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535))),
  /** Address or name to listen on. Default 127.0.0.1. */
  host: v.optional(v.pipe(v.string(), v.nonEmpty())),
  /** The keys that are accepted. Null: any, but not none. Default null. */
  apiKey: v.optional(
    v.nullable(v.union([v.string(), v.array(v.string())], 'must be a string, a list of strings or null')),
  ),
  /** Which header holds the key. Default `authorization`. */
  authHeader: v.optional(v.pipe(v.string(), v.nonEmpty(), v.toLowerCase())),
  /** What stands before the key. Default `Bearer `. */
  authPrefix: v.optional(v.string()),
  /** Sub-protocols that the server speaks; one that it does not is left unanswered. Default none. */
  subprotocols: v.optional(v.array(v.string())),

  /** What `GET …/models` lists. A request may name any. Default `["gpt-5.4", "gpt-6-astra"]`. */
  models: v.optional(v.array(v.pipe(v.string(), v.nonEmpty()))),

  /** What names a response in its events: an id of its own, one for the whole connection, or another in each event. Default `response`. */
  responseIds: v.optional(v.picklist(['response', 'connection', 'event'])),
  handshake: v.optional(
    v.strictObject({
      /** Of every 101. Default none. */
      headers: v.optional(v.record(v.string(), v.string())),
      /** Says `limits.maxFrameBytes` in `x-codex-websocket-max-message-bytes`. Default false. */
      frameLimit: v.optional(flag),
    }),
  ),

  limits: v.optional(limits),
  age: v.optional(age),
  ping: v.optional(
    v.strictObject({
      /** Milliseconds between two pings. Null: none. Default null. */
      everyMs: v.optional(period),
      /** Milliseconds to wait for the pong before close 1011 "keepalive ping timeout". Default 20000. */
      pongDeadlineMs: v.optional(milliseconds),
    }),
  ),
  warmup: v.optional(
    v.strictObject({
      /** Sends `response.created` for a warm-up too. Default false. */
      created: v.optional(flag),
    }),
  ),
  steering: v.optional(steering),
  /** The form of all error frames, unless one says otherwise. */
  errors: v.optional(errorFormSchema),
  /** How upgrades are answered, in order; the rest is accepted. */
  upgrades: v.optional(v.array(upgradeAnswer)),
  /** What requests are answered with: each takes the first entry that fits and is not used up. */
  turns: v.optional(v.array(turn)),
  /** Answers where no turn is left. Default: text made from the input. */
  default: v.optional(turn),
})
