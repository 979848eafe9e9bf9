/** What runs down in a connection. A name is due at one time or not at all. */
export type Deadline =
  | 'connect'
  | 'close'
  | 'backoff'
  | 'floor'
  | 'ping'
  | 'pong'
  | 'grace'
  | 'stable'
  | 'ripe'
  | 'ending'
  | 'expiry'
  /** What a server does late. */
  | 'server'

/** Time, and what is due in it. Plain numbers: nothing here waits. */
export class Deadlines {
  readonly #due = new Map<Deadline, number>()
  #now = 0

  /** In ms from the beginning. */
  get now(): number {
    return this.#now
  }

  /** When the next thing happens by itself, or null. */
  get next(): number | null {
    return this.#due.size === 0 ? null : Math.min(...this.#due.values())
  }

  has(name: Deadline): boolean {
    return this.#due.has(name)
  }

  set(name: Deadline, ms: number): void {
    this.#due.set(name, this.#now + ms)
  }

  drop(...names: readonly Deadline[]): void {
    for (const name of names) this.#due.delete(name)
  }

  clear(): void {
    this.#due.clear()
  }

  /** Lets `ms` pass, and says what comes due, in order; what is set meanwhile takes part. */
  pass(ms: number, fire: (name: Deadline) => void): void {
    const until = this.#now + ms
    for (;;) {
      const first = [...this.#due].toSorted(([, a], [, b]) => a - b)[0]
      if (first === undefined || first[1] > until) break
      this.#now = first[1]
      this.#due.delete(first[0])
      fire(first[0])
    }
    this.#now = until
  }
}
