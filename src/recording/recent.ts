import type { InspectionEvent } from 'xstate'
import type { RecordingEntry } from './format.ts'
import { FrameRecorder } from './frames.ts'
import { ActorObserver } from './observe.ts'
import { formatEntry, formatHeader } from './parse.ts'

/** Entries that are kept of each half: a recording holds between one half and two. */
const HALF = 2_000

/** Keeps what has happened last in memory, to be written down when something goes wrong. */
export class RecentRecorder {
  /** To be given to `createActor(…, { inspect })`. */
  readonly inspect: (event: InspectionEvent) => void
  readonly #observer: ActorObserver
  readonly #frames: FrameRecorder
  readonly #half: number
  #older: RecordingEntry[] = []
  #newer: RecordingEntry[] = []

  constructor(half = HALF) {
    const begun = performance.now()
    const now = (): number => Math.round((performance.now() - begun) * 1000) / 1000
    this.#half = half
    this.#observer = new ActorObserver({
      now,
      push: (entry) => {
        this.#frames.flush()
        this.#push(entry)
      },
    })
    const pathOf = (session: string): string | undefined => this.#observer.pathOfSession(session)
    this.#frames = new FrameRecorder({ now, push: (entry) => this.#push(entry), pathOf })
    this.inspect = this.#observer.inspect
  }

  /** What is kept, as the text of a recording. */
  text(title: string): string {
    this.#frames.flush()
    // A run of frames is complete only after what came in it.
    const entries = [...this.#older, ...this.#newer].toSorted((a, b) => a.at - b.at)
    return `${[formatHeader({ title }), ...entries.map(formatEntry)].join('\n')}\n`
  }

  stop(): void {
    this.#frames.stop()
  }

  #push(entry: RecordingEntry): void {
    this.#newer.push(entry)
    if (this.#newer.length < this.#half) return
    this.#older = this.#newer
    this.#newer = []
    // What comes before a half may be forgotten, so each begins with everybody who is there.
    this.#observer.tellAll()
  }
}
