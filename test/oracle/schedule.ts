/** Providers that a schedule runs on. `own` is a profile of the application's. */
export type ProfileName = 'openai' | 'azure' | 'xai' | 'vercel' | 'own'

export type ReplayName = 'never' | 'safe' | 'unanswered'

/** How a socket ends. `half-open`: it stays, and nothing is read or written any more. */
export type EndName = 'fin' | 'rst' | 'half-open' | 'close'

/** What the endpoint is like, from its first connection to its last. */
export interface Dialect {
  /**
   * `echo`: lanes, labelled. `silent`: `stream_id` is ignored, one answer after the other, none labelled.
   * `refuse`: `stream_id` is a 400 without a label. `junk`: labelled with a name that nobody asked for.
   */
  readonly lanes: 'echo' | 'silent' | 'refuse' | 'refuse-detail' | 'junk'
  /** `own`: one a response. `connection`: one for all of a connection. `changing`: another in each event. */
  readonly ids: 'own' | 'connection' | 'changing' | 'none'
  /** Whether `previous_response_id` is ever known. */
  readonly remembers: boolean
  /** The connection ends after each `error` frame. */
  readonly closesOnError: boolean
  /** The connection ends with this code after each answer; null: it stays. */
  readonly closesAfterAnswer: number | null
  /** `response.done` instead of `response.completed`. */
  readonly endsWithDone: boolean
  /** The terminal event's `output` is empty though items came. */
  readonly emptyOutput: boolean
  /** How frames are cut into TCP segments and fragments. */
  readonly bytes: 'whole' | 'fragments' | 'segments'
}

/** What comes of one upgrade. */
export interface DialPlan {
  readonly kind:
    | 'accept'
    | 'refuse'
    | 'stalled-refusal'
    | 'hang'
    | 'fin'
    | 'rst'
    | 'garbage'
    | 'wrong-accept'
    | 'close-at-once'
  readonly status?: number
  readonly code?: number
  readonly afterMs?: number
}

/** What comes of one create, in the order in which the server takes them up. */
export interface AnswerPlan {
  readonly kind: 'text' | 'calls' | 'incomplete' | 'failed' | 'refuse' | 'silent' | 'hang' | 'truncated-calls'
  readonly refusal?: RefusalName
  /** How an `error` frame is written. */
  readonly shape?: ErrorShape
  readonly reasoning?: boolean
  /** Before the first event, and before each further one, in ms. */
  readonly firstMs?: number
  readonly eachMs?: number
  readonly keepalives?: number
  readonly omitsCreated?: boolean
  readonly repeats?: 'created' | 'terminal' | 'item'
  readonly terminal?: TerminalShape
  /** A notice that the connection is too old goes out just before the first event. */
  readonly notice?: boolean
  /** Put in before the event of this number. */
  readonly inject?: { readonly at: number; readonly what: InjectName }
  /** The connection ends after this share of the answer's events, in the middle of a frame where `torn`. */
  readonly cut?: {
    readonly share: number
    readonly torn: boolean
    readonly how: EndName
    readonly code?: number
  }
}

export type RefusalName =
  | 'not-found'
  | 'age'
  | 'rate-limit'
  | 'overloaded'
  | 'server-error'
  | 'unauthorized'
  | 'quota'
  | 'context-length'
  | 'bad-request'

export type ErrorShape = 'nested' | 'flat' | 'detail' | 'untyped' | 'bare' | 'text' | 'numbers' | 'headers'

export type TerminalShape =
  | 'whole'
  | 'no-response'
  | 'null-response'
  | 'no-id'
  | 'no-status'
  | 'bad-output'
  | 'odd-fields'
  | 'error-then-failed'
  | 'error-only'
  | 'untyped-error'

export type InjectName =
  | 'keepalive'
  | 'unknown-type'
  | 'rate-limits'
  | 'ping'
  | 'broken-json'
  | 'binary'
  | 'no-type'
  | 'null'
  | 'item-without-item'
  | 'item-null'
  | 'delta-without-fields'
  | 'unknown-steer'
  | 'prototype'
  | 'bad-utf8'
  | 'reserved-bits'
  | 'masked'
  | 'own-event'

/** What happens next. `who` counts conversations; forks are added behind the others. */
export type Step =
  | { readonly do: 'ask'; readonly who: number; readonly with: 'respond' | 'run' | 'read' }
  | { readonly do: 'cancel' | 'abort' | 'fork' | 'warm' | 'leave'; readonly who: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cut'; readonly how: EndName; readonly code?: number }
  | { readonly do: 'notice' | 'stray' | 'ping' | 'connect' | 'retry' | 'close' | 'wake' }

export interface ConversationPlan {
  readonly replay: ReplayName
  readonly store: boolean
  readonly tools: boolean
  readonly lane?: string
}

/** One run from beginning to end, as plain data: what a seed stands for, and what is shrunk. */
export interface Schedule {
  readonly seed: number
  readonly profile: ProfileName
  readonly httpFallback: boolean
  readonly dialect: Dialect
  readonly conversations: readonly ConversationPlan[]
  readonly steps: readonly Step[]
  readonly dials: readonly DialPlan[]
  readonly answers: readonly AnswerPlan[]
  readonly endsWith: 'close' | 'stop'
}

export const POLITE: Dialect = Object.freeze({
  lanes: 'echo',
  ids: 'own',
  remembers: true,
  closesOnError: false,
  closesAfterAnswer: null,
  endsWithDone: false,
  emptyOutput: false,
  bytes: 'whole',
})

export const ACCEPT: DialPlan = Object.freeze({ kind: 'accept' })
export const ANSWER: AnswerPlan = Object.freeze({ kind: 'text' })
