import type { Item } from './wire.ts'

/** A response that a later request may continue from. */
export interface Remembered {
  readonly id: string
  readonly model: string
  /** All items of the chain up to and with the response's output. */
  readonly items: readonly Item[]
  /** The response's own output. */
  readonly output: readonly Item[]
  readonly stored: boolean
}

/** Responses with `store: true`. They outlive their connection. The oldest goes when `limit` is reached. */
export class StoredResponses {
  readonly #responses = new Map<string, Remembered>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get(id: string): Remembered | undefined {
    return this.#responses.get(id)
  }

  add(response: Remembered): void {
    this.#responses.set(response.id, response)
    for (const oldest of this.#responses.keys()) {
      if (this.#responses.size <= this.#limit) return
      this.#responses.delete(oldest)
    }
  }

  /** Forgets one response, or all. */
  forget(id?: string): void {
    if (id === undefined) this.#responses.clear()
    else this.#responses.delete(id)
  }
}

/** Where the default lane's slot is kept; no lane name can be empty. */
const DEFAULT_LANE = ''

/**
 * What a connection remembers: the latest response of each lane, or (before lanes) of the connection. It is gone
 * with the connection (Responses WebSocket guide).
 */
export class ConnectionMemory {
  readonly #slots = new Map<string, Remembered>()
  readonly #perLane: boolean

  constructor(kind: 'lane' | 'connection') {
    this.#perLane = kind === 'lane'
  }

  /** The response, when it is the latest of some lane. */
  find(id: string): Remembered | undefined {
    return [...this.#slots.values()].find((response) => response.id === id)
  }

  remember(lane: string | null, response: Remembered): void {
    this.#slots.set(this.#slot(lane), response)
  }

  /** After a continuation failed: the parent is dropped when it is of the same lane, and kept when of another. */
  evict(lane: string | null, id: string): void {
    if (this.#slots.get(this.#slot(lane))?.id === id) this.#slots.delete(this.#slot(lane))
  }

  forget(): void {
    this.#slots.clear()
  }

  #slot(lane: string | null): string {
    return this.#perLane ? (lane ?? DEFAULT_LANE) : DEFAULT_LANE
  }
}
