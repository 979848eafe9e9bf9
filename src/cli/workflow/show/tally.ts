import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ResponsesConnection } from '../../client/connection.ts'
import { FRAME_CHANNEL, type FrameNote } from '../../socket/index.ts'

/** What crossed the wire. */
export interface Totals {
  /** `response.create` events that were sent. */
  readonly creates: number
  /** Sockets that opened. */
  readonly connections: number
  /** Bytes of payload, before compression. */
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** Counts the frames of one connection, across its reconnects. */
export class Tally {
  readonly #stops: (() => void)[]
  #totals: Totals = { creates: 0, connections: 0, bytesSent: 0, bytesReceived: 0 }

  constructor(connection: ResponsesConnection) {
    const { sessionId } = connection.actor
    const listener = (note: unknown): void => {
      if ((note as FrameNote).connection === sessionId) this.#count(note as FrameNote)
    }
    subscribe(FRAME_CHANNEL, listener)
    this.#stops = [
      () => unsubscribe(FRAME_CHANNEL, listener),
      connection.on('connection.opened', () => this.#add({ connections: 1 })),
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
  }

  #add(more: Partial<Totals>): void {
    const { creates, connections, bytesSent, bytesReceived } = this.#totals
    this.#totals = {
      creates: creates + (more.creates ?? 0),
      connections: connections + (more.connections ?? 0),
      bytesSent: bytesSent + (more.bytesSent ?? 0),
      bytesReceived: bytesReceived + (more.bytesReceived ?? 0),
    }
  }
}
