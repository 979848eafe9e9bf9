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
  readonly #events: Event[] = []
  #waiting: ((result: IteratorResult<Event, undefined>) => void)[] = []
  #failure: unknown = null
  #over = false

  constructor(limit: number) {
    this.#limit = limit
  }

  push(event: Event): void {
    if (this.#over || this.#failure !== null) return
    const reader = this.#waiting.shift()
    if (reader !== undefined) return reader({ value: event, done: false })
    if (this.#events.length < this.#limit) this.#events.push(event)
    else this.#failure = tooSlow(this.#limit)
  }

  /** No event follows. */
  end(): void {
    this.#over = true
    for (const reader of this.#waiting.splice(0)) reader({ value: undefined, done: true })
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    const event = this.#events.shift()
    if (event !== undefined) return { value: event, done: false }
    if (this.#failure !== null) throw this.#failure
    if (this.#over) return { value: undefined, done: true }
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** The reader has left: what waits for it is let go. */
  async return(): Promise<IteratorResult<Event, undefined>> {
    this.#events.length = 0
    this.end()
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
