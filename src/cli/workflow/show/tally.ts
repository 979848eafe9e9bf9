import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FrameNote, ResponsesConnection } from '../../../index.ts'
import { eachConnection } from './connections.ts'

/** What crossed the wire. */
export interface Totals {
  /** `response.create` events that were sent, warm-ups included. */
  readonly creates: number
  /** Sockets that opened. */
  readonly opened: number
  /** Those of them that took the place of a lost one. */
  readonly reconnects: number
  /** Moves to a fresh connection. */
  readonly rotations: number
  /** Bytes of payload, before compression. */
  readonly bytesSent: number
  readonly bytesReceived: number
}

const NOTHING: Totals = {
  creates: 0,
  opened: 0,
  reconnects: 0,
  rotations: 0,
  bytesSent: 0,
  bytesReceived: 0,
}

/** Counts what goes over a line, on whichever connection. */
export class Tally {
  readonly #stops: (() => void)[]
  readonly #sessions = new Set<string>()
  #totals = NOTHING
  /** Is called after each `response.create` that was sent. */
  onCreate: () => void = () => {}

  constructor(connection: ResponsesConnection) {
    const listener = (note: unknown): void => {
      if (this.#sessions.has((note as FrameNote).connection)) this.#count(note as FrameNote)
    }
    subscribe('holdline:frame', listener)
    const moves = connection.line.on('line.switched', () => this.#add({ rotations: 1 }))
    this.#stops = [
      () => unsubscribe('holdline:frame', listener),
      () => moves.unsubscribe(),
      eachConnection(connection, (actor) => {
        this.#sessions.add(actor.sessionId)
        let isFirst = true
        actor.on('connection.opened', () => {
          this.#add({ opened: 1, reconnects: isFirst ? 0 : 1 })
          isFirst = false
        })
      }),
    ]
  }

  get totals(): Totals {
    return this.#totals
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  #count({ direction, type, bytes }: FrameNote): void {
    if (direction === 'in') return this.#add({ bytesReceived: bytes })
    this.#add({ bytesSent: bytes, creates: type === 'response.create' ? 1 : 0 })
    if (type === 'response.create') this.onCreate()
  }

  #add(more: Partial<Totals>): void {
    const sums = Object.entries(more).map(([name, count]) => [
      name,
      this.#totals[name as keyof Totals] + count,
    ])
    this.#totals = { ...this.#totals, ...Object.fromEntries(sums) }
  }
}
