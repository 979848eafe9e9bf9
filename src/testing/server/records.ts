import type { Outcome } from './run-context.ts'

/** One create request that the server read, over either transport. Warm-ups included, refused ones too. */
export interface RequestRecord {
  /** Time of arrival, in ms of the server's clock. */
  readonly at: number
  readonly transport: 'websocket' | 'http'
  /** The connection's id, null over HTTP. */
  readonly connection: number | null
  readonly lane: string | null
  readonly turnKey: string
  readonly warmup: boolean
  readonly model: string | null
  readonly previousResponseId: string | null
  /** Number of items in `input`. */
  readonly inputItems: number
  /** Set when it started; null while it waits, or when it was refused. */
  responseId: string | null
  /** How it ended; null while it waits or runs. */
  outcome: Outcome | null
}

/** One frame, or one HTTP event, that crossed the wire. */
export interface TranscriptEntry {
  /** Milliseconds of the server's clock. */
  readonly at: number
  /** The connection's id, null over HTTP. */
  readonly connection: number | null
  readonly direction: 'in' | 'out'
  /** The event's `type`, or `(binary)`, `(no event)`. */
  readonly type: string
  readonly lane: string | null
  /** UTF-8 bytes of the message. */
  readonly bytes: number
  /** The message itself, where the option `keepFrames` is set. */
  readonly text?: string
}

/** One attempt to open a WebSocket. */
export interface UpgradeRecord {
  readonly at: number
  /** What it was answered with: 101, another HTTP status, or null for a stall or a reset. */
  readonly status: number | null
  /** The connection's id, null when there is none. */
  readonly connection: number | null
}

/** A list that keeps the last `limit` entries and counts all. */
export class Log<Entry> {
  readonly #limit: number
  #entries: Entry[] = []
  /** Entries ever added. */
  total = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(entry: Entry): void {
    this.total += 1
    this.#entries.push(entry)
    // Trimmed in steps, since taking one from the front of a long list costs as much as taking half.
    if (this.#entries.length > this.#limit * 2) this.#trim()
  }

  all(): Entry[] {
    this.#trim()
    return [...this.#entries]
  }

  #trim(): void {
    const over = this.#entries.length - this.#limit
    if (over <= 0) return
    this.#entries = this.#entries.slice(over)
  }
}
