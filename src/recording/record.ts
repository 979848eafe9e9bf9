import type { AnyActorRef, InspectionEvent } from 'xstate'
import { BadOptionError } from '../protocol/errors.ts'
import { shownText } from '../socket/frame-text.ts'
import type { RecordingEntry } from './format.ts'
import { FrameRecorder } from './frames.ts'
import { ActorObserver } from './observe.ts'
import { LineFile } from './line-file.ts'
import { formatHeader } from './parse.ts'
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
  /** Points at this moment, in your words. What looks like a credential in them is left out. */
  mark(label: string): void
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
  const recorder = new FileRecorder(file, options)
  const subscription = actor.system.inspect(recorder.inspect)
  recorder.onStop(() => subscription.unsubscribe())
  return recorder
}

/** A recording that is fed by `inspect`, so that it can begin before its actor does. */
export class FileRecorder implements Recorder {
  /** To be given to `createActor(…, { inspect })`. */
  readonly inspect: (event: InspectionEvent) => void
  readonly #lines: LineFile
  readonly #observer: ActorObserver
  readonly #frames: FrameRecorder
  readonly #now: () => number
  #release = (): void => {}

  constructor(file: string, options: RecordOptions) {
    const { title, reveal, maxBufferedBytes = DEFAULT_BUFFER_BYTES } = options
    const maxTextBytes = contentBytes(options)
    const begun = performance.now()
    const now = options.now ?? (() => Math.round((performance.now() - begun) * 1000) / 1000)
    const lines = new LineFile(file, maxBufferedBytes, now, () => this.#observer.tellAll())
    const startedAt = options.now ? null : new Date().toISOString()
    lines.write(formatHeader({ startedAt, ...(title !== undefined && { title }) }))
    this.#now = now
    this.#lines = lines
    this.#observer = new ActorObserver({ now, push: (entry) => this.#push(entry), reveal })
    const pathOf = (session: string): string | undefined => this.#observer.pathOfSession(session)
    this.#frames = new FrameRecorder({ now, push: (entry) => lines.push(entry), pathOf, maxTextBytes })
    this.inspect = this.#observer.inspect
  }

  get dropped(): number {
    return this.#lines.dropped
  }

  mark(label: string): void {
    const shown = shownText(label, (text) => text) ?? ''
    this.#push({ at: this.#now(), kind: 'mark', label: shown })
  }

  /** What is to be done when it ends. */
  onStop(release: () => void): void {
    this.#release = release
  }

  async stop(): Promise<void> {
    this.#release()
    this.#frames.stop()
    this.#observer.sweep()
    await this.#lines.end()
  }

  /** A run of frames is held back until it is complete: entries stand in the order of their time. */
  #push(entry: RecordingEntry): void {
    this.#frames.flush()
    this.#lines.push(entry)
  }
}

function contentBytes({ contents = false, maxContentBytes = DEFAULT_CONTENT_BYTES }: RecordOptions) {
  if (typeof contents !== 'boolean') throw new BadOptionError('contents', 'must be true or false')
  if (!Number.isSafeInteger(maxContentBytes) || maxContentBytes < 0)
    throw new BadOptionError('maxContentBytes', 'must be a whole number of bytes, 0 or more')
  return contents ? maxContentBytes : undefined
}
