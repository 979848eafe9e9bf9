import { HoldlineError } from '../../protocol/errors.ts'

/**
 * Events that wait for one reader, up to a bound.
 *
 * A reader that falls behind gets `ERR_SLOW_CONSUMER` after what waits for it; nobody else is held up, and nothing
 * is dropped in silence. When nobody reads at all, the bound ends the keeping, and a reader that comes later is
 * told so at once.
 */
export class EventQueue<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #limit: number
  readonly #onLeave: () => void
  readonly #events: Event[] = []
  #waiting: ((
    result: IteratorResult<Event, undefined> | Promise<IteratorResult<Event, undefined>>,
  ) => void)[] = []
  #failure: unknown = null
  #over = false

  /** @param onLeave the reader has left before the end */
  constructor(limit: number, onLeave: () => void = () => {}) {
    this.#limit = limit
    this.#onLeave = onLeave
  }

  push(event: Event): void {
    if (this.#over || this.#failure !== null) return
    const reader = this.#waiting.shift()
    if (reader !== undefined) return reader({ value: event, done: false })
    if (this.#events.length < this.#limit) this.#events.push(event)
    else this.#failure = tooSlow(this.#limit)
  }

  /** No event follows. With an error, the reader gets that after the last event, once. */
  end(error: unknown = null): void {
    if (this.#over) return
    this.#over = true
    this.#failure ??= error
    const [first, ...rest] = this.#waiting.splice(0)
    first?.(this.next())
    for (const reader of rest) reader({ value: undefined, done: true })
  }

  /** What waits here goes on to two readers in its place, and what is still to come to both of them. */
  split(onLeave: () => void): [EventQueue<Event>, EventQueue<Event>] {
    const branch = (): EventQueue<Event> => {
      const queue = new EventQueue<Event>(this.#limit, onLeave)
      for (const event of this.#events) queue.push(event)
      queue.#failure = this.#failure
      queue.#over = this.#over
      return queue
    }
    return [branch(), branch()]
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    const event = this.#events.shift()
    if (event !== undefined) return { value: event, done: false }
    if (this.#failure !== null) {
      const failure = this.#failure
      this.#failure = null
      this.#over = true
      throw failure
    }
    if (this.#over) return { value: undefined, done: true }
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** The reader has left: what waits for it is let go. */
  async return(): Promise<IteratorResult<Event, undefined>> {
    const isEarly = !this.#over
    this.#events.length = 0
    this.#failure = null
    this.end()
    if (isEarly) this.#onLeave()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

function tooSlow(limit: number): HoldlineError {
  return new HoldlineError(
    'ERR_SLOW_CONSUMER',
    `${limit} events of the turn waited to be read, and one more came. Later events are not kept for this reader; ` +
      'the turn goes on, and turn.response settles. Read faster, or raise maxBufferedEvents.',
  )
}
