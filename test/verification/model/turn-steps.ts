/** One thing that happens to a turn, as its conversation tells it. */
export type TurnStep =
  | { readonly do: 'dispatch' }
  /** It cannot be sent at all: its frame is too large. */
  | { readonly do: 'undeliverable' }
  | { readonly do: 'heard' }
  | { readonly do: 'created' }
  | { readonly do: 'output' }
  | {
      readonly do: 'ended'
      readonly end: 'completed' | 'incomplete' | 'failed'
      /** `response.error.code` or `incomplete_details.reason`. Default: none. */
      readonly code?: string
      /** The response waits for tool outputs. Default: false. */
      readonly waits?: boolean
    }
  | { readonly do: 'errored'; readonly code: string; readonly status: number; readonly retryAfterMs?: number }
  | { readonly do: 'cut' }
  /** What came of it cannot be read on. */
  | { readonly do: 'faulted' }
  | { readonly do: 'steer accepted' }
  /** A steer that was accepted fails. */
  | { readonly do: 'steer closed' }
  | { readonly do: 'cancel' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'next' }

/** What a turn depends on. Times in ms; `false` switches a clock off. */
export interface TurnModelOptions {
  /** Default: `safe`. */
  readonly policy?: 'never' | 'safe' | 'unanswered'
  /** Default: 90 000. */
  readonly firstEventMs?: number | false
  /** Default: 900 000. */
  readonly interEventMs?: number | false
}

/** What can be seen of a turn. */
export interface TurnView {
  readonly state: string
  readonly progress: string
  readonly outcome: string | null
  readonly fault: string | null
  readonly code: string | null
  readonly responseId: string | null
  /** Why it was put back to be sent again, each time at once, before any wait. */
  readonly requeued: readonly string[]
  /** Each time that it asked to be sent, with the reason: null for the first time, and when the last never left. */
  readonly asked: readonly (string | null)[]
  /** Times that it asked to be told of the next event. */
  readonly listened: number
  /** True when the result says that the lane may still carry events of it; null before there is a result. */
  readonly leavesTail: boolean | null
  /** True when the result says that sending it again cannot do the work twice; null before there is a result. */
  readonly resendIsSafe: boolean | null
}
