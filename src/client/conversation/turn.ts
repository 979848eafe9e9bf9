import type { TurnOutcome, TurnResult } from '../../../machines/turn/types.ts'
import type { InputItem, ResponseObject, ServerEvent } from '../../protocol/index.ts'
import type { ConversationInput } from './history.ts'
import { EventQueue } from './event-queue.ts'
import type { Steer } from './steer.ts'

/** What a turn can ask of its conversation. */
export interface TurnHost {
  cancel(turn: Turn): void
  steer(turn: Turn, input: ConversationInput): Steer
}

/**
 * One turn of a conversation: its events as they come, and its response.
 *
 * Reading the events is optional. Who reads too slowly gets `ERR_SLOW_CONSUMER`; the turn goes on all the same.
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
  readonly response: Promise<ResponseObject>
  readonly #host: TurnHost
  readonly #events: EventQueue<ServerEvent>
  #outcome: TurnOutcome | null = null
  #resolve: (response: ResponseObject) => void = () => {}
  #reject: (error: unknown) => void = () => {}

  /** Made by `conversation.respond`. */
  constructor(id: string, input: readonly InputItem[], host: TurnHost, maxBufferedEvents: number) {
    this.id = id
    this.input = input
    this.#host = host
    this.#events = new EventQueue(maxBufferedEvents)
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

  /** Each event of the turn, from its first to its terminal one. Ends when the turn settles. One reader. */
  [Symbol.asyncIterator](): AsyncIterator<ServerEvent, undefined> {
    return this.#events
  }

  /** @internal */
  show(event: ServerEvent): void {
    this.#events.push(event)
  }

  /** @internal */
  settle(result: TurnResult, end: { readonly response: ResponseObject } | { readonly error: unknown }): void {
    if (this.#outcome !== null) return
    this.#outcome = result.outcome
    if ('response' in end) this.#resolve(end.response)
    else this.#reject(end.error)
    // The event that settled it is shown after the charts have moved, and is the last.
    queueMicrotask(() => this.#events.end())
  }
}
