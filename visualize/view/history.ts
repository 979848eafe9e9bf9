import type { RecordingEntry } from '../../src/recording/format.ts'
import { type World, WorldBuilder } from './world.ts'

const EVERY = 1000
/** Entries that a page keeps; the oldest tenth goes when there are more. */
const DEFAULT_LIMIT = 100_000

/** Everything recorded, and the world at any point of it. */
export class History {
  readonly #limit: number
  #entries: RecordingEntry[] = []
  #builder = new WorldBuilder()
  /** `#worlds[n]` is the world before entry `n * EVERY`. */
  #worlds: World[] = [new WorldBuilder().snapshot()]
  #last: World | null = null
  #first = 0

  constructor(limit: number = DEFAULT_LIMIT) {
    this.#limit = limit
  }

  get entries(): readonly RecordingEntry[] {
    return this.#entries
  }

  /** The number of the first entry that is kept; entries are counted from 0. */
  get first(): number {
    return this.#first
  }

  /** The number of the entry that comes next. */
  get next(): number {
    return this.#first + this.#entries.length
  }

  get startAt(): number {
    return this.#entries[0]?.at ?? 0
  }

  get endAt(): number {
    return this.#entries.at(-1)?.at ?? 0
  }

  add(entries: readonly RecordingEntry[]): void {
    for (const entry of entries) {
      this.#builder.play(entry)
      this.#entries.push(entry)
      if (this.#entries.length % EVERY === 0) this.#worlds.push(this.#builder.snapshot())
    }
    if (entries.length > 0) this.#last = null
    if (this.#entries.length > this.#limit) this.#forget()
  }

  /** The world after the last entry. */
  get latest(): World {
    this.#last ??= this.#builder.snapshot()
    return this.#last
  }

  /** The world before the entry of a number. */
  worldBefore(number: number): World {
    const count = Math.max(0, number - this.#first)
    if (count >= this.#entries.length) return this.latest
    const from = Math.floor(count / EVERY)
    const builder = new WorldBuilder(this.#worlds[from])
    for (const entry of this.#entries.slice(from * EVERY, count)) builder.play(entry)
    return builder.snapshot()
  }

  /** The entry of a number. */
  entry(number: number): RecordingEntry | undefined {
    return this.#entries[number - this.#first]
  }

  /** The number of the first entry that is later than a time. */
  numberAt(at: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.at ?? 0) <= at) low = middle + 1
      else high = middle
    }
    return this.#first + low
  }

  #forget(): void {
    const chunks = Math.ceil((this.#limit * 0.1) / EVERY)
    this.#entries = this.#entries.slice(chunks * EVERY)
    this.#worlds = this.#worlds.slice(chunks)
    this.#first += chunks * EVERY
  }
}
