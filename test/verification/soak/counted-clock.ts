import { type Clock, realClock } from '../../../src/testing/clock.ts'

/** Node's timers, and how many of them are set. */
export class CountedClock implements Clock {
  readonly #set = new Set<unknown>()

  get pending(): number {
    return this.#set.size
  }

  now(): number {
    return realClock.now()
  }

  setTimeout(fn: () => void, ms: number): unknown {
    const id = realClock.setTimeout(() => {
      this.#set.delete(id)
      fn()
    }, ms)
    this.#set.add(id)
    return id
  }

  clearTimeout(id: unknown): void {
    this.#set.delete(id)
    realClock.clearTimeout(id)
  }
}
