import * as v from 'valibot'
import { REPLAY_POLICIES, type ReplayPolicy } from '../../../machines/turn/resend.ts'
import { MAX_DELAY_MS } from '../../protocol/options/delay-range.ts'
import { parseOptions } from '../../protocol/options/parse.ts'
import { BadOptionError } from '../../protocol/errors.ts'
import { isLaneName } from '../../protocol/index.ts'
import type { ResponseCreateEvent } from '../../protocol/index.ts'
import { type AnyTool, checkTools } from '../tools/index.ts'
import type { HistoryItem } from './history.ts'

/** What can be given up before it is done. */
export interface AbortOptions {
  /** Cancels it. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
}

export interface RespondOptions extends AbortOptions {
  /**
   * Settings for this turn only, as `tool_choice`. They are read when it is sent. Only another `model` makes the turn
   * send its history.
   */
  readonly settings?: Partial<RequestSettings> | undefined
}

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
  /**
   * Tools made by `defineTool`, which `run` executes; and objects as the API takes them, for tools that the server
   * runs (`{ type: 'web_search' }`), and for functions whose calls you answer yourself. Default: none.
   */
  readonly tools?: readonly AnyTool[] | undefined
  /** Whether the server keeps the responses. Default: false. */
  readonly store?: boolean | undefined
  /** Settings that this version does not know, sent as they are. Default: none. */
  readonly extraSettings?: Readonly<Record<string, unknown>> | undefined
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
  /**
   * What a new message does with calls that have no output: `answer` tells the model that they did not run, `refuse`
   * throws `ERR_BAD_INPUT`. Outputs that are there go with the message. Default: `answer`.
   */
  readonly onOpenCalls?: 'answer' | 'refuse' | undefined
  /** A name of its own, of 1 to 256 characters, which survives `save`. Default: a random one. */
  readonly id?: string | undefined
  /** What was said before, as the API takes it. Default: nothing. */
  readonly history?: readonly HistoryItem[] | undefined
  /** The stored response that it goes on from. Default: none. */
  readonly from?: string | undefined
}

/** A conversation's options, checked, with their defaults. */
export interface ConversationSettings {
  readonly request: Readonly<Record<string, unknown>> & { readonly model: string; readonly store: boolean }
  readonly tools: readonly AnyTool[]
  readonly lane: string | null
  readonly replay: ReplayPolicy
  readonly limits: { readonly firstEventMs: number | null; readonly interEventMs: number | null }
  readonly maxBufferedEvents: number
  readonly onOpenCalls: 'answer' | 'refuse'
  readonly id: string | null
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

const laneName = v.optional(
  v.custom<string>(
    (value) => typeof value === 'string' && isLaneName(value),
    'must be 1 to 256 characters of A-Z, a-z, 0-9, "_", "." and "-"',
  ),
)

const modelName = v.pipe(v.string(), v.minLength(1, 'must not be empty'))

const optionsSchema = v.looseObject({
  model: modelName,
  tools: v.optional(v.array(v.unknown())),
  store: v.optional(v.boolean()),
  extraSettings: v.optional(v.record(v.string(), v.unknown())),
  lane: laneName,
  replay: v.optional(v.picklist(REPLAY_POLICIES)),
  firstEventTimeoutMs: v.optional(timeout),
  eventTimeoutMs: v.optional(timeout),
  maxBufferedEvents: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1, 'must be at least 1'))),
  onOpenCalls: v.optional(v.picklist(['answer', 'refuse'])),
  id: v.optional(v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(256))),
  history: v.optional(v.array(v.looseObject({}))),
  from: v.optional(v.pipe(v.string(), v.minLength(1, 'must not be empty'))),
})

/** Fields of `response.create` that are settings. Everything else is refused by its name, misspellings included. */
const SETTINGS: ReadonlySet<string> = new Set([
  'model',
  'store',
  'instructions',
  'tool_choice',
  'parallel_tool_calls',
  'include',
  'context_management',
  'reasoning',
  'text',
  'temperature',
  'top_p',
  'top_logprobs',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'prompt',
  'safety_identifier',
  'user',
  'truncation',
  'stream_options',
  'access_programs',
  'image',
  'moderation',
] satisfies (keyof RequestSettings)[])

/** Fields that a conversation fills itself. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'input',
  'previous_response_id',
  'stream_id',
  'generate',
  'conversation',
  'stream',
  'background',
])

/** @throws {BadOptionError} with the path of what is no setting, or cannot be sent */
function checkSettings(settings: object, path?: string): void {
  for (const name of Object.keys(settings)) {
    if (OWN_FIELDS.has(name)) throw new BadOptionError(at(path, name), 'is filled by the conversation itself')
    if (!SETTINGS.has(name)) throw new BadOptionError(at(path, name), 'is not a known option')
  }
  checkJson(settings, path)
}

/** Settings that this version does not know: those that it knows have their own checks, and their own place. */
function checkExtra(settings: object): void {
  const path = 'extraSettings'
  for (const name of Object.keys(settings)) {
    if (OWN_FIELDS.has(name)) throw new BadOptionError(at(path, name), 'is filled by the conversation itself')
    if (SETTINGS.has(name) || name === 'tools') {
      throw new BadOptionError(at(path, name), `is a known option: give it as "${name}"`)
    }
  }
  checkJson(settings, path)
}

function checkJson(settings: object, path = 'options'): void {
  try {
    JSON.stringify(settings)
  } catch {
    throw new BadOptionError(path, 'cannot be written as JSON: it holds a cycle or a BigInt')
  }
}

function at(path: string | undefined, name: string): string {
  return path === undefined ? name : `${path}.${name}`
}

const signal = v.optional(v.instance(AbortSignal, 'must be an AbortSignal'))

const respondSchema = v.strictObject({
  signal,
  settings: v.optional(v.looseObject({ model: v.optional(modelName) })),
})

/**
 * Checks what a turn is told beside its input.
 *
 * @throws {BadOptionError} with the path of what is not known, or cannot be sent
 */
export function checkRespondOptions(options: RespondOptions): void {
  const { settings } = parseOptions(respondSchema, options)
  if (settings !== undefined) checkSettings(settings, 'settings')
}

const abortSchema = v.strictObject({ signal })

/** @throws {BadOptionError} with the path */
export function checkAbortOptions(options: AbortOptions): void {
  parseOptions(abortSchema, options)
}

const forkSchema = v.strictObject({ lane: laneName })

/** @throws {BadOptionError} with the path */
export function checkForkOptions(options: { readonly lane?: string | undefined }): void {
  parseOptions(forkSchema, options)
}

/** @throws {BadOptionError} with the option's path */
export function conversationSettings(options: ConversationOptions): ConversationSettings {
  parseOptions(optionsSchema, options)
  const {
    tools,
    lane,
    replay,
    firstEventTimeoutMs,
    eventTimeoutMs,
    maxBufferedEvents,
    extraSettings,
    onOpenCalls,
    id,
    history: _history,
    from: _from,
    ...request
  } = options
  checkSettings(request)
  checkTools(tools ?? [])
  checkJson(tools ?? [], 'tools')
  checkExtra(extraSettings ?? {})
  return {
    request: { ...includeOf(options), ...request, ...extraSettings, store: options.store ?? false },
    tools: tools ?? [],
    lane: lane ?? null,
    replay: replay ?? CONVERSATION_DEFAULTS.replay,
    limits: {
      firstEventMs: limit(firstEventTimeoutMs ?? CONVERSATION_DEFAULTS.firstEventTimeoutMs),
      interEventMs: limit(eventTimeoutMs ?? CONVERSATION_DEFAULTS.eventTimeoutMs),
    },
    maxBufferedEvents: maxBufferedEvents ?? CONVERSATION_DEFAULTS.maxBufferedEvents,
    onOpenCalls: onOpenCalls ?? 'answer',
    id: id ?? null,
  }
}

/** What is not stored can be sent again only with its reasoning. */
function includeOf({ store, include }: ConversationOptions): Pick<RequestSettings, 'include'> {
  return store === true || include !== undefined ? {} : { include: ['reasoning.encrypted_content'] }
}

function limit(value: number | false): number | null {
  return value === false ? null : value
}
