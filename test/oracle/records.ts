/** An item of a request or a response, as it goes over the wire. */
export type Item = Readonly<Record<string, unknown>>

/** An event that the oracle has written of an answer. */
export interface WrittenEvent {
  readonly at: number
  readonly what: 'created' | 'content' | 'terminal' | 'error'
  /** All of its bytes were handed to a socket that was not reset afterwards. */
  isDelivered: boolean
}

/** What the oracle knows of one `response.create` that reached it. */
export interface CreateRecord {
  readonly n: number
  readonly at: number
  /** The connection that it came on; null over HTTP. */
  readonly peer: number | null
  readonly lane: string | null
  /** The last item of its input, as canonical text: whose turn it is. */
  readonly key: string
  readonly isWarmUp: boolean
  readonly previousId: string | null
  readonly input: readonly Item[]
  /** What it is answered from; null where `previous_response_id` is unknown. */
  context: readonly Item[] | null
  /** What is wrong with the context, by the rules of the API. */
  problem: string | null
  /** `waiting`: behind another of its lane, or never taken up. `ran`: begun, whether or not anything was said. */
  fate: 'waiting' | 'ran' | 'refused'
  readonly events: WrittenEvent[]
  /** What a reader of every byte holds for the output; null before its terminal event. */
  output: readonly Item[] | null
  outcome: 'completed' | 'incomplete' | 'failed' | 'unclear' | null
}

/** What the driver knows of one turn. */
export interface TurnRecord {
  readonly id: string
  readonly who: number
  readonly key: string
  readonly startedAt: number
  /** The history before it, and what it adds. */
  readonly before: readonly Item[]
  readonly input: readonly Item[]
  readonly replay: 'never' | 'safe' | 'unanswered'
  wasCancelled: boolean
  /** Each time that it settled, by its promise or by what the conversation emits. */
  readonly settled: { readonly by: 'promise' | 'event'; readonly at: number; readonly outcome: string }[]
  /** The response that it resolved with. */
  response: Item | null
  error: { readonly code: string; readonly resendIsSafe: boolean | null; readonly text: string } | null
  /** Numbers of the creates whose content its reader was shown. */
  readonly seen: Set<number>
  /** The history right after it; null before it settled. */
  after: readonly Item[] | null
}

/** Everything that one schedule left to be judged. */
export interface Report {
  readonly creates: readonly CreateRecord[]
  readonly turns: readonly TurnRecord[]
  /** `call_id` of each execution of a tool, in order. */
  readonly toolRuns: readonly string[]
  /** When each upgrade, or request over HTTP, reached the oracle. */
  readonly dials: readonly { readonly at: number; readonly kind: 'upgrade' | 'http' }[]
  readonly uncaught: readonly string[]
  readonly leftBehind: readonly string[]
  /** Nothing in the schedule was hostile: then every turn completes. */
  readonly wasPolite: boolean
  /** Promises that were to settle and had not at the end, by name. */
  readonly unsettled: readonly string[]
}

/** One broken promise. */
export interface Fault {
  readonly promise: string
  readonly detail: string
}

/** JSON with sorted keys: two items are the same when these are. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}
