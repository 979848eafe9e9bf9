import { callIdOf, isAsyncCall, notRunAnswer } from '../../protocol/calls.ts'
import type { InputItem, OutputItem } from '../../protocol/index.ts'
import type { CallInHistory, History } from './history.ts'

/**
 * Where a call is that the model waits for.
 *
 * | state | what is known |
 * | --- | --- |
 * | `open` | nothing has run for it: `run()` does, or it is yours to answer |
 * | `needs-approval` | its tool runs once you `approve` it |
 * | `approved` | `run()` runs its tool |
 * | `running` | its tool has begun and has not ended |
 * | `interrupted` | its tool had begun when the process ended: nobody knows whether it ran, and it is not run again |
 * | `answered` | its output is there, and the model has not answered it yet |
 */
export type CallState = 'open' | 'needs-approval' | 'approved' | 'running' | 'interrupted' | 'answered'

/** A call of the model's that is not over: it has no output, or one that was not delivered. */
export interface OpenCall {
  /** The `call_id`; of an `mcp_approval_request`, its `id`. */
  readonly callId: string
  readonly state: CallState
  /** The call as the model made it. */
  readonly item: OutputItem
  /** The server takes further input before it is answered. */
  readonly isAsync: boolean
  /** What will be delivered with the next turn, if it is there. */
  readonly output: InputItem | null
}

/** What is known of a call beside what the history says. */
export type CallMark = Extract<CallState, 'needs-approval' | 'approved' | 'running' | 'interrupted'>

/** A call that is running, in this process. */
export interface RunningCall {
  /** Settles when the call is over: its output is history then. Never rejects. */
  readonly done: Promise<void>
  readonly stop: (reason: unknown) => void
}

const INTERRUPTED =
  'The tool was started, and interrupted before it gave its output. Nobody knows how far it came. It is not run again.'
const NOT_RUN = 'The tool did not run: the user said something else first.'

/** The calls of a conversation that are not over, and what is known of each. No call is run twice. */
export class Calls {
  readonly #history: History
  readonly #marks = new Map<string, CallMark>()
  readonly #running = new Map<string, RunningCall>()
  /** Calls that were answered in place of their tool, which may still give its own output. */
  readonly #placeholders = new Set<string>()

  /** @param marks what was saved: a call that was running then has been interrupted */
  constructor(history: History, marks: Readonly<Record<string, CallMark>> = {}) {
    this.#history = history
    for (const [callId, mark] of Object.entries(marks)) {
      this.#marks.set(callId, mark === 'running' ? 'interrupted' : mark)
    }
  }

  list(): OpenCall[] {
    return this.#history.calls().map((call) => ({
      ...call,
      isAsync: isAsyncCall(call.item),
      state: this.#stateOf(call),
    }))
  }

  find(callId: string): OpenCall | undefined {
    return this.list().find((call) => call.callId === callId)
  }

  running(callId: string): RunningCall | undefined {
    return this.#running.get(callId)
  }

  /** All that are running now. */
  get allRunning(): RunningCall[] {
    return [...this.#running.values()]
  }

  mark(callId: string, mark: CallMark | null): void {
    if (mark === null) this.#marks.delete(callId)
    else this.#marks.set(callId, mark)
  }

  /** A tool begins. From here on nothing else runs for the call. Returns a function that says it is over. */
  begin(callId: string, stop: RunningCall['stop']): () => void {
    this.#marks.set(callId, 'running')
    let over: (() => void) | undefined
    const done = new Promise<void>((resolve) => {
      over = resolve
    })
    this.#running.set(callId, { done, stop })
    return () => {
      this.#running.delete(callId)
      over?.()
    }
  }

  /** What a tool gave. Nobody waits for it any more when the call was answered otherwise. */
  keep(callId: string, output: InputItem): void {
    const call = this.find(callId)
    if (call === undefined || (call.output !== null && !this.#placeholders.has(callId))) return
    this.#placeholders.delete(callId)
    this.#history.answerLate(output)
  }

  /** What is to be saved. Of calls that are over nothing is. */
  marks(): Record<string, CallMark> {
    const open = new Set(this.#history.openCalls().keys())
    for (const callId of this.#marks.keys()) if (!open.has(callId)) this.#marks.delete(callId)
    return Object.fromEntries(this.#marks)
  }

  /** The output that a call gets which had begun and can never end. */
  answerInterrupted({ item }: OpenCall): void {
    this.#give(item, INTERRUPTED)
  }

  /**
   * Answers every call that holds the next message up: what has begun as interrupted, all else as not run.
   *
   * Returns the calls to which no answer in words exists.
   */
  answerAll(withAsync = false): OutputItem[] {
    const isStarted = (callId: string): boolean => {
      const mark = this.#marks.get(callId)
      return mark === 'running' || mark === 'interrupted'
    }
    return this.list()
      .filter(({ output, isAsync }) => output === null && (withAsync || !isAsync))
      .filter(({ callId, item }) => !this.#give(item, isStarted(callId) ? INTERRUPTED : NOT_RUN))
      .map(({ item }) => item)
  }

  #give(item: OutputItem, reason: string): boolean {
    const answer = notRunAnswer(item, reason)
    if (answer === null) return false
    this.#history.answer(answer)
    this.#placeholders.add(callIdOf(item) ?? '')
    return true
  }

  #stateOf({ callId, output }: CallInHistory): CallState {
    return output === null ? (this.#marks.get(callId) ?? 'open') : 'answered'
  }
}
