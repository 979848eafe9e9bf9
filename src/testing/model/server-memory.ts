/** A response that the server could continue, as the client is to know it. */
interface Latest {
  /** Counts turns from 1. */
  readonly turn: number
  readonly lane: string | null
  readonly stored: boolean
}

/** What the server remembers of the turns that were sent. */
export class ServerMemory {
  #turns = 0
  #latest: Latest | null = null

  /** The turn that the next one may continue, or null. */
  get continues(): number | null {
    return this.#latest?.turn ?? null
  }

  /** A turn was sent. */
  begin(): void {
    this.#turns += 1
  }

  /** The newest turn has completed. */
  keep(lane: string | null, stored: boolean): void {
    this.#latest = { turn: this.#turns, lane, stored }
  }

  /** A failure on a lane takes the lane's latest response out of the connection's memory. */
  evict(lane: string | null, stored: boolean): void {
    if (this.#latest?.lane === lane && (stored || !this.#latest.stored)) this.#latest = null
  }

  /** The connection is gone, and its memory with it. */
  forgetUnstored(): void {
    if (this.#latest?.stored === false) this.#latest = null
  }
}
