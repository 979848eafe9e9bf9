import type { RecordingEntry } from '../../src/recording/format.ts'
import type { ChartModel } from '../chart/model.ts'
import type { ChartLayouts } from '../chart/packaged.ts'
import { History } from '../view/history.ts'
import { type LogFilter, type LogRow, isLogged, parseFilter, passes } from '../view/log.ts'
import type { World } from '../view/world.ts'

export interface KnownChart {
  readonly model: ChartModel
  readonly layouts: ChartLayouts | null
}

/** What the page shows, and where in time it looks. Every change is told to one listener. */
export class PageModel {
  history = new History()
  readonly charts = new Map<string, KnownChart>()
  title = ''
  startedAt: string | null = null
  /** `live`: what comes in is shown at once. `file`: a recording that is complete. */
  source: 'connecting' | 'live' | 'lost' | 'file' = 'connecting'
  /** A recording that the reader opened: what the server says is not shown any more. */
  isFromDisk = false
  maySend = false
  dropped = 0

  /** Null follows the end; else the number of the entry before which the page stands. */
  #position: number | null = null
  #at = 0
  #actor: string | null = null
  /** The reader chose the actor: one that comes later does not take its place. */
  #isChosen = false
  #row: number | null = null
  #search = ''
  #onlyActor = false
  #rows: LogRow[] = []
  #shown: LogRow[] = []
  #clock = { at: 0, set: 0 }
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Forgets what was shown: another recording, or the same app after a gap. */
  reset(entries: readonly RecordingEntry[]): void {
    this.history = new History()
    this.#rows = []
    this.#position = null
    this.#row = null
    this.#isChosen = false
    this.#actor = null
    this.add(entries)
    this.#filter()
  }

  add(entries: readonly RecordingEntry[]): void {
    const start = this.history.next
    this.history.add(entries)
    const filter = this.#logFilter()
    for (const [offset, entry] of entries.entries()) {
      if (!isLogged(entry)) continue
      const row = { index: start + offset, entry }
      this.#rows.push(row)
      if (passes(entry, filter)) this.#shown.push(row)
    }
    if ((this.#rows[0]?.index ?? 0) < this.history.first) {
      this.#rows = this.#rows.filter(({ index }) => index >= this.history.first)
      this.#filter()
    }
    if (!this.#isChosen) this.#actor = this.#firstActor() ?? this.#actor
    if (entries.length > 0) this.#changed()
  }

  addChart(name: string, chart: KnownChart): void {
    this.charts.set(name, chart)
    this.#changed()
  }

  setClock(at: number): void {
    this.#clock = { at, set: performance.now() }
  }

  /** The moment that is shown, in ms of the recording. */
  get at(): number {
    if (this.#position !== null) return this.#at
    if (this.source !== 'live') return this.history.endAt
    return Math.max(this.history.endAt, this.#clock.at + performance.now() - this.#clock.set)
  }

  get isFollowing(): boolean {
    return this.#position === null
  }

  /** The number of the entry before which the page stands. */
  get position(): number {
    return this.#position ?? this.history.next
  }

  get world(): World {
    return this.history.worldBefore(this.position)
  }

  get rows(): readonly LogRow[] {
    return this.#shown
  }

  get rowCount(): number {
    return this.#rows.length
  }

  get actor(): string | null {
    return this.#actor
  }

  /** The chosen row; without one the last row before the position. */
  get row(): LogRow | null {
    if (this.#row !== null) return this.#rows.find(({ index }) => index === this.#row) ?? null
    return this.#position === null
      ? null
      : (this.#rows.findLast(({ index }) => index < this.position) ?? null)
  }

  get search(): string {
    return this.#search
  }

  get onlyActor(): boolean {
    return this.#onlyActor
  }

  follow(): void {
    this.#position = null
    this.#row = null
    this.#changed()
  }

  pause(): void {
    this.#at = this.at
    this.#position = this.history.next
    this.#changed()
  }

  /** Goes to a time of the recording. */
  seek(at: number): void {
    this.#at = Math.min(Math.max(at, this.history.startAt), this.history.endAt)
    this.#position = this.history.numberAt(this.#at)
    this.#row = null
    this.#changed()
  }

  /** Goes to the next row of the log, or the one before. */
  step(by: 1 | -1): void {
    const last =
      by === 1
        ? this.#shown.find(({ index }) => index >= this.position)
        : this.#shown.findLast(({ index }) => index < this.position - 1)
    if (last !== undefined) this.pickRow(last)
  }

  /** Goes to just after what a row tells, and shows its actor. */
  pickRow({ index, entry }: LogRow): void {
    this.#row = index
    this.#position = index + 1
    this.#at = entry.at
    if (entry.kind !== 'mark' && entry.kind !== 'dropped') {
      this.#actor = entry.actor
      this.#isChosen = true
    }
    this.#changed()
  }

  pickActor(actor: string): void {
    this.#actor = actor
    this.#isChosen = true
    if (this.#onlyActor) this.#filter()
    this.#changed()
  }

  setSearch(text: string, onlyActor: boolean): void {
    this.#search = text
    this.#onlyActor = onlyActor
    this.#filter()
    this.#changed()
  }

  #filter(): void {
    const filter = this.#logFilter()
    this.#shown = this.#rows.filter(({ entry }) => passes(entry, filter))
  }

  #logFilter(): LogFilter {
    return parseFilter(this.#search, this.#onlyActor ? this.#actor : null)
  }

  #firstActor(): string | null {
    const actors = [...this.history.latest.actors.values()]
    const found =
      actors.find(({ chart }) => chart === 'connection') ??
      actors.find(({ chart }) => chart !== null) ??
      actors[0]
    return found?.path ?? null
  }
}
