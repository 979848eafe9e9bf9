/** A create that waits for its turn. */
export interface Create {
  readonly lane: string | null
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * Starts creates in the order in which they came: one at a time on a lane, at most `inFlight` on the connection
 * (Responses WebSocket guide). The rest waits; at most `queued` of them.
 */
export class Lanes<C extends Create> {
  readonly #limits: { readonly inFlight: number; readonly queued: number }
  readonly #begin: (create: C) => boolean
  readonly #waiting: C[] = []
  readonly #busy = new Set<string | null>()
  #pumping = false

  /** `begin` says whether the create runs now; one that was refused leaves its lane free. */
  constructor(limits: { readonly inFlight: number; readonly queued: number }, begin: (create: C) => boolean) {
    this.#limits = limits
    this.#begin = begin
  }

  get idle(): boolean {
    return this.#busy.size === 0 && this.#waiting.length === 0
  }

  /** False when the queue is full. */
  add(create: C): boolean {
    if (this.#waiting.length >= this.#limits.queued) return false
    this.#waiting.push(create)
    this.#pump()
    return true
  }

  /** The lane's response is over. */
  release(lane: string | null): void {
    this.#busy.delete(lane)
    this.#pump()
  }

  /** The next create of a lane, when one waits. */
  next(lane: string | null): C | undefined {
    return this.#waiting.find((create) => create.lane === lane)
  }

  /** Everything that waits, which is then gone from the queue. */
  drain(): C[] {
    return this.#waiting.splice(0)
  }

  #pump(): void {
    // A response without delays ends inside `begin`; the loop that is under way goes on with the next one.
    if (this.#pumping) return
    this.#pumping = true
    try {
      this.#startAll()
    } finally {
      this.#pumping = false
    }
  }

  #startAll(): void {
    while (this.#busy.size < this.#limits.inFlight) {
      const index = this.#waiting.findIndex((create) => !this.#busy.has(create.lane))
      const [create] = index === -1 ? [] : this.#waiting.splice(index, 1)
      if (create === undefined) return
      this.#busy.add(create.lane)
      if (!this.#begin(create)) this.#busy.delete(create.lane)
    }
  }
}
