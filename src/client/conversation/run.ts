import type { ResendReason } from '../../../machines/turn/resend.ts'
import type { ServerEvent, TurnResponse, UsageInfo } from '../../protocol/index.ts'
import type { RunToolCallsOptions, ToolEvent } from '../tools/index.ts'
import type { OpenCall } from './calls.ts'
import { EventQueue } from './event-queue.ts'
import type { RequestSettings } from './options.ts'
import { alreadyRead } from './refusals.ts'
import type { OutputSchema, StructuredAnswer } from './structured-output.ts'
import type { Turn } from './turn.ts'

/** Options of `conversation.run`: how tools run, and how long the loop may go on. */
export interface RunOptions extends Omit<RunToolCallsOptions, 'onTool' | 'clock'> {
  /** Turns that may ask for tools, one after the other, before the loop is ended. Default: 32. */
  readonly maxRounds?: number | undefined
  /**
   * What the answer has to fit: a schema of zod 4, valibot, ArkType, …, or a plain JSON Schema, of an object. The model
   * is told to keep to it, and `output` of the result has the answer, parsed and checked. Default: none.
   */
  readonly output?: OutputSchema | undefined
  /** Settings of every turn of this run, as `tool_choice`. Default: those of the conversation. */
  readonly settings?: Partial<RequestSettings> | undefined
  /** Is given each turn as it starts. What it throws cancels the turn, and ends the run. */
  readonly onTurn?: ((turn: Turn) => void) | undefined
  /**
   * Hears when tools start and finish. What it returns is waited for before a tool starts, so that `save()` can be
   * written first; what it throws then keeps the tool from starting, and ends the run.
   */
  readonly onTool?: ((event: ToolEvent) => unknown) | undefined
}

/** What happens in a run, in its order: every event of its turns, and what Holdline adds. */
export type RunEvent =
  | ServerEvent
  | ToolEvent
  | { readonly type: 'turn.started'; readonly turnId: string }
  | { readonly type: 'turn.resent'; readonly turnId: string; readonly reason: ResendReason }

interface AnyResult {
  /** Tokens of all turns of the run, as counted by the server; null where it counted none. */
  readonly usage: UsageInfo | null
  /** The text of the last response. */
  readonly text: string
  /** Turns that were run. */
  readonly turns: number
  /** Calls that are not over. Of a `completed` run: those of async tools that are still running. */
  readonly openCalls: readonly OpenCall[]
}

/** The answer by a schema: `output`, or else `refusal`. Without a schema there is no output. */
export type RunAnswer<Output> = [Output] extends [never]
  ? { readonly output: null; readonly refusal: string | null }
  : StructuredAnswer<Output>

/** What came of a run. `Output` is what its schema gives; never without one. */
export type RunResult<Output = never> =
  | (AnyResult &
      RunAnswer<Output> & {
        /** The model asks for nothing more. */
        readonly status: 'completed'
        /** The last response. */
        readonly response: TurnResponse
      })
  | (AnyResult & {
      readonly output: null
      readonly refusal: null
      /** Calls wait for you: approve, refuse or answer them, and `run()` goes on. */
      readonly status: 'paused'
      /** The last response of this run; null when it had no turn. */
      readonly response: TurnResponse | null
    })

/** How the loop of a run tells what happens. */
export interface RunSink {
  readonly push: (event: RunEvent) => void
  /** Fires when the run is given up. */
  readonly signal: AbortSignal
}

/**
 * One run under way: its events as they come, and its result.
 *
 * It is a promise, and can be read as well.
 *
 * @example
 * ```ts
 * const run = conversation.run('What is the weather in Bern?')
 * for await (const event of run) {
 *   if (event.type === 'response.output_text.delta') process.stdout.write(event.delta)
 *   if (event.type === 'tool.started') console.log(`(${event.name})`)
 * }
 * const { text, openCalls } = await run
 * ```
 */
export class Run<Output = never> implements AsyncIterable<RunEvent>, Promise<RunResult<Output>> {
  readonly [Symbol.toStringTag] = 'Run'
  readonly #events: EventQueue<RunEvent>
  readonly #abort = new AbortController()
  readonly #result: Promise<RunResult<Output>>
  #isRead = false

  /** Made by `conversation.run`. */
  constructor(
    loop: (sink: RunSink) => Promise<RunResult<Output>>,
    given: AbortSignal | undefined,
    maxBufferedEvents: number,
  ) {
    // The loop refuses anything else.
    const signal = given instanceof AbortSignal ? given : undefined
    this.#events = new EventQueue(maxBufferedEvents, () => this.cancel())
    const onAbort = (): void => this.cancel(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted === true) onAbort()
    const sink = { push: (event: RunEvent) => this.#events.push(event), signal: this.#abort.signal }
    this.#result = loop(sink).finally(() => signal?.removeEventListener('abort', onAbort))
    // Who only reads the events must not be ended by a rejection that nobody waits for.
    this.#result.then(
      () => this.#events.end(),
      (error: unknown) => this.#events.end(error),
    )
  }

  /**
   * Gives the run up: cancels its turn, and tells running tools to stop. What a tool still gives is kept, and
   * `conversation.run()` goes on from there.
   */
  cancel(reason: unknown = new DOMException('The run was cancelled.', 'AbortError')): void {
    this.#abort.abort(reason)
  }

  /**
   * Each event of the run, for one reader. Leaving the loop early cancels the run. A reader that falls more than
   * `maxBufferedEvents` behind gets `ERR_SLOW_CONSUMER`; the run goes on.
   *
   * @throws what the run rejects with, after the last event
   * @throws {HoldlineError} `ERR_ALREADY_READ` for a second reader
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<RunEvent, undefined> {
    if (this.#isRead) throw alreadyRead()
    this.#isRead = true
    return this.#events
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a run is awaited for its result
  then<Value = RunResult<Output>, Other = never>(
    onResult?: ((result: RunResult<Output>) => Value | PromiseLike<Value>) | null,
    onError?: ((error: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<Value | Other> {
    return this.#result.then(onResult, onError)
  }

  catch<Other = never>(
    onError?: ((error: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<RunResult<Output> | Other> {
    return this.#result.catch(onError)
  }

  finally(onEnd?: (() => void) | null): Promise<RunResult<Output>> {
    return this.#result.finally(onEnd)
  }
}
