import { formatEntry, formatHeader } from '../../src/recording/parse.ts'
import type { EntryOf, RecordingEntry } from '../../src/recording/format.ts'
import { type World, WorldBuilder, entriesOf } from '../view/world.ts'

/** What a viewer needs to begin with, and the number of the entry that comes next. */
export interface BufferStart {
  readonly charts: readonly EntryOf<'chart'>[]
  readonly base: readonly RecordingEntry[]
  readonly first: number
}

/**
 * Keeps the newest entries. Those that fall out are counted, and what they changed is kept as the world that the
 * remaining ones begin in, so a viewer who comes late still sees every actor.
 */
export class EntryBuffer {
  readonly #limit: number
  readonly #charts: EntryOf<'chart'>[] = []
  #entries: RecordingEntry[] = []
  /** Number of the first entry that is kept; entries are counted from 0. */
  #first = 0
  #base = new WorldBuilder()
  #dropped = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get first(): number {
    return this.#first
  }

  get next(): number {
    return this.#first + this.#entries.length
  }

  /** Entries that are no longer kept. */
  get dropped(): number {
    return this.#dropped
  }

  push(entry: RecordingEntry): void {
    if (entry.kind === 'chart') this.#charts.push(entry)
    else this.#entries.push(entry)
    // Cut in chunks: taking the first one off each time would move the whole list each time.
    if (this.#entries.length > this.#limit * 1.1) this.#cut(this.#entries.length - this.#limit)
  }

  /** Entries from a number on, `limit` at most. Ask `first` before: older ones are gone. */
  from(number: number, limit: number): readonly RecordingEntry[] {
    const start = Math.max(0, number - this.#first)
    return this.#entries.slice(start, start + limit)
  }

  start(): BufferStart {
    return { charts: this.#charts, base: entriesOf(this.#world()), first: this.#first }
  }

  /** Everything that is kept, as the text of a recording. */
  toText(header: { readonly startedAt: string | null; readonly title: string }): string {
    const { charts, base } = this.start()
    const from = base[0]?.at ?? this.#entries[0]?.at ?? 0
    const lines = [...charts.map((chart) => ({ ...chart, at: 0 })), ...base, ...this.#entries]
    // A recording begins at 0, whatever was dropped before it.
    return [
      formatHeader(header),
      ...lines.map((entry) => formatEntry({ ...entry, at: Math.max(0, entry.at - from) })),
      '',
    ].join('\n')
  }

  #world(): World {
    return { ...this.#base.snapshot(), dropped: this.#dropped }
  }

  #cut(count: number): void {
    for (const entry of this.#entries.slice(0, count)) this.#base.play(entry)
    this.#entries = this.#entries.slice(count)
    this.#first += count
    this.#dropped += count
  }
}
