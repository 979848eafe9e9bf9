import { createWriteStream } from 'node:fs'
import type { RecordingEntry } from './format.ts'
import { formatEntry } from './parse.ts'

/** A file that lines are added to, with a bound on what waits for the disk. */
export class LineFile {
  readonly #stream
  readonly #limit: number
  readonly #now: () => number
  readonly #onGap: () => void
  readonly #closed: Promise<void>
  /** Entries that wait for the frame entry before them to be complete would go back in time. */
  #last = 0
  #missing = 0
  dropped = 0

  constructor(file: string, limit: number, now: () => number, onGap: () => void) {
    this.#limit = limit
    this.#now = now
    this.#onGap = onGap
    this.#stream = createWriteStream(file)
    this.#closed = new Promise((resolve, reject) => {
      this.#stream.on('close', resolve)
      this.#stream.on('error', reject)
    })
    // Told of by `end`; without a listener it would end the process.
    this.#closed.catch(() => {})
  }

  write(line: string): void {
    this.#stream.write(`${line}\n`)
  }

  push(entry: RecordingEntry): void {
    const isFull = this.#stream.writableLength > this.#limit
    // The first entry that fits again is one of those that led to what is told after the gap.
    if (isFull || this.#missing > 0) {
      this.#missing += 1
      this.dropped += 1
      if (!isFull) this.#mend()
      return
    }
    this.write(formatEntry({ ...entry, at: this.#atLeast(entry.at) }))
  }

  #mend(): void {
    this.write(formatEntry({ at: this.#atLeast(this.#now()), kind: 'dropped', count: this.#missing }))
    this.#missing = 0
    this.#onGap()
  }

  async end(): Promise<void> {
    if (this.#missing > 0) this.#mend()
    this.#stream.end()
    await this.#closed
  }

  #atLeast(at: number): number {
    this.#last = Math.max(this.#last, at)
    return this.#last
  }
}
