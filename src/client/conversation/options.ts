import * as v from 'valibot'
import { parseOptions } from '../../../machines/connection/resolve-input.ts'
import { MAX_DELAY_MS } from '../../../machines/delay-range.ts'
import type { ReplayPolicy } from '../../../machines/turn/resend.ts'
import { BadOptionError } from '../../protocol/errors.ts'
import { isLaneName } from '../../protocol/index.ts'
import type { ResponseCreateEvent } from '../../protocol/index.ts'
import type { Tool } from '../tools/index.ts'

/** Fields of `response.create` that a conversation fills itself. */
type OwnField =
  | 'type'
  | 'input'
  | 'previous_response_id'
  | 'stream_id'
  | 'generate'
  | 'tools'
  | 'conversation'

/** Settings of every request, as the API names them. Each is sent with every turn: the server inherits none. */
export type RequestSettings = Omit<ResponseCreateEvent, OwnField>

/** Options of `connection.conversation`: settings of the requests, and how the conversation behaves. */
export interface ConversationOptions extends RequestSettings {
  readonly model: string
  /** Tools made by `defineTool`, which `run` executes. Default: none. */
  readonly tools?: readonly Tool[] | undefined
  /** Tools that the server runs, or that you answer yourself, as the API takes them. Default: none. */
  readonly hostedTools?: readonly NonNullable<ResponseCreateEvent['tools']>[number][] | undefined
  /** Whether the server keeps the responses. Default: false. */
  readonly store?: boolean | undefined
  /** The name of the lane (`stream_id`) that it would like. Default: the default lane, else a name of its own. */
  readonly lane?: string | undefined
  /** Which turns are sent again by themselves. Default: `safe`, those that provably did not run. */
  readonly replay?: ReplayPolicy | undefined
  /** From a create, or the last keepalive, to the first event, in ms. False: no limit. Default: 90 000. */
  readonly firstEventTimeoutMs?: number | false | undefined
  /** Between two events of a response, in ms. False: no limit. Default: 900 000. */
  readonly eventTimeoutMs?: number | false | undefined
  /** Events of a turn that may wait for their reader. Default: 10 000. */
  readonly maxBufferedEvents?: number | undefined
}

/** A conversation's options, checked, with their defaults. */
export interface ConversationSettings {
  readonly request: Readonly<Record<string, unknown>> & { readonly model: string; readonly store: boolean }
  readonly tools: readonly Tool[]
  readonly hostedTools: readonly unknown[]
  readonly lane: string | null
  readonly replay: ReplayPolicy
  readonly limits: { readonly firstEventMs: number | null; readonly interEventMs: number | null }
  readonly maxBufferedEvents: number
}

export const CONVERSATION_DEFAULTS = Object.freeze({
  replay: 'safe' as const,
  /** Servers send a keepalive about every 30 s while a request is parked. */
  firstEventTimeoutMs: 90_000,
  /** A live response can be silent for more than eight minutes while the model thinks. */
  eventTimeoutMs: 900_000,
  maxBufferedEvents: 10_000,
})

const timeout = v.union(
  [v.literal(false), v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_DELAY_MS))],
  `must be a number of ms from 1 to ${MAX_DELAY_MS}, or false`,
)

const optionsSchema = v.looseObject({
  model: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
  tools: v.optional(
    v.array(v.custom<Tool>((value) => typeof value === 'object' && value !== null, 'must be a tool')),
  ),
  hostedTools: v.optional(v.array(v.looseObject({ type: v.string() }))),
  store: v.optional(v.boolean()),
  lane: v.optional(
    v.custom<string>(
      (value) => typeof value === 'string' && isLaneName(value),
      'must be 1 to 256 characters of A-Z, a-z, 0-9, "_", "." and "-"',
    ),
  ),
  replay: v.optional(v.picklist(['never', 'safe', 'unanswered'])),
  firstEventTimeoutMs: v.optional(timeout),
  eventTimeoutMs: v.optional(timeout),
  maxBufferedEvents: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1, 'must be at least 1'))),
})

/** Fields that people may try, and that a conversation has to fill itself. */
const OWN_FIELDS = [
  'type',
  'input',
  'previous_response_id',
  'stream_id',
  'generate',
  'conversation',
  'stream',
  'background',
]

/** @throws {BadOptionError} with the option's path */
export function conversationSettings(options: ConversationOptions): ConversationSettings {
  parseOptions(optionsSchema, options)
  for (const field of OWN_FIELDS) {
    if (field in options) throw new BadOptionError(field, 'is filled by the conversation itself')
  }
  const {
    tools,
    hostedTools,
    lane,
    replay,
    firstEventTimeoutMs,
    eventTimeoutMs,
    maxBufferedEvents,
    ...request
  } = options
  return {
    request: { ...request, store: options.store ?? false },
    tools: tools ?? [],
    hostedTools: hostedTools ?? [],
    lane: lane ?? null,
    replay: replay ?? CONVERSATION_DEFAULTS.replay,
    limits: {
      firstEventMs: limit(firstEventTimeoutMs ?? CONVERSATION_DEFAULTS.firstEventTimeoutMs),
      interEventMs: limit(eventTimeoutMs ?? CONVERSATION_DEFAULTS.eventTimeoutMs),
    },
    maxBufferedEvents: maxBufferedEvents ?? CONVERSATION_DEFAULTS.maxBufferedEvents,
  }
}

function limit(value: number | false): number | null {
  return value === false ? null : value
}
