import type { TurnOutcome, TurnResult } from '../../../machines/turn/types.ts'
import type { InputItem, ServerEvent, TurnResponse } from '../../protocol/index.ts'
import type { ConversationInput } from './history.ts'
import { EventQueue } from './event-queue.ts'
import { alreadyRead } from './refusals.ts'
import type { Steer } from './steer.ts'

/** What a turn can ask of its conversation. */
export interface TurnHost {
  cancel(turn: Turn): void
  steer(turn: Turn, input: ConversationInput): Steer
  progress(turn: Turn): TurnResult['progress']
}

/**
 * One turn of a conversation: its events as they come, and its response.
 *
 * Reading the events is optional. Nobody is told of a failure who neither reads them nor waits for `response`.
 *
 * @example
 * ```ts
 * const turn = conversation.respond('Say hello.')
 * for await (const event of turn) {
 *   if (event.type === 'response.output_text.delta') process.stdout.write(event.delta)
 * }
 * const { usage } = await turn.response
 * ```
 */
export class Turn implements AsyncIterable<ServerEvent> {
  readonly id: string
  /** What it adds to the history, as items. After a `TurnError` it can be given to `respond` again. */
  readonly input: readonly InputItem[]
  /**
   * The response, completed or incomplete (see its `status`).
   *
   * Rejects with a `TurnError`, which says how far the turn came and whether sending it again is safe.
   */
  readonly response: Promise<TurnResponse>
  readonly #host: TurnHost
  /** The queue of every reader: one, or two after `tee`. */
  #queues: readonly EventQueue<ServerEvent>[]
  #isRead = false
  #outcome: TurnOutcome | null = null
  #resolve: (response: TurnResponse) => void = () => {}
  #reject: (error: unknown) => void = () => {}

  /** Made by `conversation.respond`. */
  constructor(id: string, input: readonly InputItem[], host: TurnHost, maxBufferedEvents: number) {
    this.id = id
    this.input = input
    this.#host = host
    this.#queues = [new EventQueue(maxBufferedEvents, () => this.cancel())]
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Who only reads the events must not be ended by a rejection that nobody waits for.
    this.response.catch(() => {})
  }

  /** Null while the turn is under way. */
  get outcome(): TurnOutcome | null {
    return this.#outcome
  }

  /**
   * How far its present sending has come; `queued`: nothing of it has left. Of a turn that is over, see the
   * `progress` of its `TurnError`.
   */
  get progress(): TurnResult['progress'] {
    return this.#host.progress(this)
  }

  /** Gives the turn up. What the server still sends of it reaches nobody; the next turn starts clean. */
  cancel(): void {
    this.#host.cancel(this)
  }

  /**
   * Puts a message into the running response. The server may end the response early and go on with a successor,
   * which belongs to this turn.
   *
   * @throws {HoldlineError} `ERR_NOT_STEERABLE` before the response has begun, after the turn, and where the
   * endpoint has no steering; `ERR_BAD_INPUT` for anything but user messages
   */
  steer(input: ConversationInput): Steer {
    return this.#host.steer(this, input)
  }

  /**
   * Each event of the turn, from its first to its terminal one, for one reader. Leaving the loop before that cancels
   * the turn. A reader that falls more than `maxBufferedEvents` behind gets `ERR_SLOW_CONSUMER`; the turn goes on.
   *
   * @throws {TurnError} after the last event, when the turn has no response: what `response` rejects with
   * @throws {HoldlineError} `ERR_ALREADY_READ` for a second reader; see `tee`
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ServerEvent, undefined> {
    this.#lock()
    return this.#queues[0] as EventQueue<ServerEvent>
  }

  /**
   * Two readers in the place of one: each gets every event, and the error, and may fall behind by as much as one. The
   * turn is cancelled when both have left early.
   *
   * @throws {HoldlineError} `ERR_ALREADY_READ` when the turn has a reader
   */
  tee(): [AsyncIterableIterator<ServerEvent, undefined>, AsyncIterableIterator<ServerEvent, undefined>] {
    this.#lock()
    const [queue] = this.#queues as readonly [EventQueue<ServerEvent>]
    let readers = 2
    const branches = queue.split(() => {
      readers -= 1
      if (readers === 0) this.cancel()
    })
    this.#queues = branches
    return branches
  }

  /** @internal */
  show(event: ServerEvent): void {
    for (const queue of this.#queues) queue.push(event)
  }

  /** @internal */
  settle(result: TurnResult, end: { readonly response: TurnResponse } | { readonly error: unknown }): void {
    if (this.#outcome !== null) return
    this.#outcome = result.outcome
    if ('response' in end) this.#resolve(end.response)
    else this.#reject(end.error)
    // The event that settled it is shown after the charts have moved, and is the last.
    const error = 'error' in end ? end.error : null
    queueMicrotask(() => {
      for (const queue of this.#queues) queue.end(error)
    })
  }

  #lock(): void {
    if (this.#isRead) throw alreadyRead()
    this.#isRead = true
  }
}
