import type { Item } from './wire.ts'
import { stringField } from './wire.ts'

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

/** What a response leaves behind: a compaction in its output stands for all that came before it. */
export function chainOf(context: readonly Item[], output: readonly Item[]): readonly Item[] {
  const at = output.findLastIndex((item) => item['type'] === 'compaction')
  return at === -1 ? [...context, ...output] : output.slice(at)
}

/** A response as it was stored, with what can be asked of it later. */
export interface StoredResponse extends Remembered {
  /** As its terminal event showed it. */
  readonly response: Item
  /** Its own input, each item with an id. */
  readonly input: readonly Item[]
}

/** Responses with `store: true`. They outlive their connection. The oldest goes when `limit` is reached. */
export class StoredResponses {
  readonly #responses = new Map<string, StoredResponse>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get(id: string): StoredResponse | undefined {
    return this.#responses.get(id)
  }

  /** An item of a stored response, by the item's own id. */
  item(id: string): Item | undefined {
    for (const { items, input } of this.#responses.values()) {
      const found = [...items, ...input].find((item) => stringField(item, 'id') === id)
      if (found !== undefined) return found
    }
    return undefined
  }

  add(response: StoredResponse): void {
    this.#responses.set(response.id, response)
    for (const oldest of this.#responses.keys()) {
      if (this.#responses.size <= this.#limit) return
      this.#responses.delete(oldest)
    }
  }

  /** Forgets one response, or all. Says whether there was one. */
  forget(id?: string): boolean {
    if (id !== undefined) return this.#responses.delete(id)
    this.#responses.clear()
    return true
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
