import type { Socket } from 'node:net'

/** The slowest uplink that is waited for, in bytes a ms: 1 Mbit/s. */
const SLOWEST = 125
/** So little is not waited for, in bytes. */
const LITTLE = 65_536

/**
 * Whether bytes move on a TCP connection, though no whole message has come or gone. Of what was written, only so much
 * is known: the kernel has taken it. So it counts as under way for as long as a slow uplink takes for it.
 */
export class Traffic {
  readonly #socket: Socket | null
  #read = 0
  /** Bytes written when something had come in last, at the latest. */
  #answered = 0
  #written: number
  #since = 0

  constructor(socket: Socket | null) {
    this.#socket = socket
    this.#written = socket?.bytesWritten ?? 0
  }

  /** A ping was written. */
  note(): void {
    const { bytesRead = 0, bytesWritten = 0 } = this.#socket ?? {}
    if (bytesRead !== this.#read) {
      this.#answered = this.#written
      this.#since = performance.now()
    }
    this.#read = bytesRead
    this.#written = bytesWritten
  }

  /** Bytes have come in since `note`, or what was written before can still be under way. */
  hasMoved(): boolean {
    const { bytesRead = 0, bytesWritten = 0 } = this.#socket ?? {}
    const underWay = bytesWritten - this.#answered - (performance.now() - this.#since) * SLOWEST
    return bytesRead !== this.#read || underWay > LITTLE
  }
}
