import type { Socket } from 'node:net'

/** What Node knows of the bytes that the kernel has not taken yet, and reads for its own socket timeout. */
interface Handle {
  readonly writeQueueSize?: number
}

/** Whether bytes move on a TCP connection, in either direction, though no whole message has come or gone. */
export class Traffic {
  readonly #socket: (Socket & { readonly _handle?: Handle | null }) | null
  #read = 0
  #queued = 0

  constructor(socket: Socket | null) {
    this.#socket = socket
  }

  note(): void {
    this.#read = this.#socket?.bytesRead ?? 0
    this.#queued = this.#queue()
  }

  /** Bytes have come in since `note`, or of what was to be sent then some have left. */
  hasMoved(): boolean {
    const { bytesRead = 0 } = this.#socket ?? {}
    const hasLeft = this.#queued > 0 && this.#queue() !== this.#queued
    return bytesRead !== this.#read || hasLeft
  }

  #queue(): number {
    return (this.#socket?.writableLength ?? 0) + (this.#socket?._handle?.writeQueueSize ?? 0)
  }
}
