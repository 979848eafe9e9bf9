import { createWriteStream } from 'node:fs'
import type { AnyActorRef } from 'xstate'
import { BadOptionError } from '../protocol/errors.ts'
import type { RecordingEntry } from './format.ts'
import { FrameRecorder } from './frames.ts'
import { ActorObserver } from './observe.ts'
import { formatEntry, formatHeader } from './parse.ts'
import type { RedactOptions } from './redact.ts'

/** Options of {@link record}. */
export interface RecordOptions extends RedactOptions {
  /** What is recorded, in your words. Default: none. */
  readonly title?: string | undefined
  /** Gives the time in ms, for a simulated clock: `() => clock.now()`. Default: the time since `record` was called. */
  readonly now?: (() => number) | undefined
  /**
   * Writes down what each frame says as well, without the credentials that its connection was made with, and
   * without what is a credential by its name or its look. Everything else that users and models say is in the file
   * then. Default: false.
   */
  readonly contents?: boolean | undefined
  /** Bytes kept of each frame's text; `cutBytes` of its entry says how many are missing. Default: 64 KiB. */
  readonly maxContentBytes?: number | undefined
  /** Bytes that may wait for the disk; entries beyond are counted and left out. Default: 16 MiB. */
  readonly maxBufferedBytes?: number | undefined
}

/** A recording that is being made. */
export interface Recorder {
  /** Entries that were left out because the disk did not keep up. */
  readonly dropped: number
  /** Ends it; resolves when everything is in the file. Rejects with Node's error if it could not be written. */
  stop(): Promise<void>
}

const DEFAULT_BUFFER_BYTES = 16 * 1024 * 1024
const DEFAULT_CONTENT_BYTES = 64 * 1024

/**
 * Records an actor and everything in its system, frames included, as JSON lines. Credentials are left
 * out, and contents unless they are asked for. Nobody pays for it before it is called, or after it was stopped.
 *
 * @example
 * ```ts
 * const recorder = record(connection.actor, 'night.holdline.jsonl')
 * await workflow()
 * await recorder.stop()
 * ```
 *
 * @throws {HoldlineError} `ERR_BAD_OPTION` for options of contents that cannot be meant
 */
export function record(actor: AnyActorRef, file: string, options: RecordOptions = {}): Recorder {
  const { title, reveal, maxBufferedBytes = DEFAULT_BUFFER_BYTES } = options
  const maxTextBytes = contentBytes(options)
  const begun = performance.now()
  const now = options.now ?? (() => Math.round((performance.now() - begun) * 1000) / 1000)
  const lines = new LineFile(file, maxBufferedBytes, now, () => observer.tellAll())
  lines.write(
    formatHeader({
      startedAt: options.now ? null : new Date().toISOString(),
      ...(title !== undefined && { title }),
    }),
  )
  const push = (entry: RecordingEntry): void => lines.push(entry)
  const observer = new ActorObserver({
    now,
    push: (entry) => {
      // A run of frames is held back until it is complete: entries stand in the order of their time.
      frames.flush()
      push(entry)
    },
    reveal,
  })
  const pathOf = (session: string): string | undefined => observer.pathOfSession(session)
  const frames = new FrameRecorder({ now, push, pathOf, maxTextBytes })
  const subscription = actor.system.inspect(observer.inspect)
  return {
    get dropped() {
      return lines.dropped
    },
    stop: async () => {
      subscription.unsubscribe()
      frames.stop()
      observer.sweep()
      await lines.end()
    },
  }
}

function contentBytes({ contents = false, maxContentBytes = DEFAULT_CONTENT_BYTES }: RecordOptions) {
  if (typeof contents !== 'boolean') throw new BadOptionError('contents', 'must be true or false')
  if (!Number.isSafeInteger(maxContentBytes) || maxContentBytes < 0)
    throw new BadOptionError('maxContentBytes', 'must be a whole number of bytes, 0 or more')
  return contents ? maxContentBytes : undefined
}

/** A file that lines are added to, with a bound on what waits for the disk. */
class LineFile {
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
