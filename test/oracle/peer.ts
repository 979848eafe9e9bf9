import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { encodeClose } from './frames.ts'
import type { EndName } from './schedule.ts'

/** What the oracle waits on: a simulated clock, or Node's timers. */
export interface Time {
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(id: unknown): void
  now(): number
}

interface Piece {
  readonly bytes: Buffer
  readonly afterMs: number
  readonly written: (() => void) | undefined
}

/** One TCP connection of the client's, seen from the far end. What is pushed goes out in order, each after its wait. */
export class Peer {
  readonly id: number
  readonly socket: Socket
  /** How this side has ended it, or null. */
  ended: EndName | 'client' | null = null
  /** Both directions are done. */
  isGone = false
  /** Is called once, when nothing more can be written. */
  onEnd: () => void = () => {}
  readonly #time: Time
  readonly #queue: Piece[] = []
  #timer: unknown = null

  constructor(id: number, socket: Socket, time: Time) {
    this.id = id
    this.socket = socket
    this.#time = time
    socket.setNoDelay(true)
    // The client resets what it stops.
    socket.on('error', () => {})
    socket.on('end', () => {
      this.#over('client')
      socket.end()
    })
    socket.on('close', () => {
      this.#over('client')
      this.isGone = true
    })
  }

  push(bytes: Buffer, afterMs = 0, written?: () => void): void {
    if (this.ended !== null) return
    this.#queue.push({ bytes, afterMs, written })
    if (this.#timer === null) this.#next()
  }

  end(how: EndName, code: number | null = null): void {
    if (this.ended !== null) return
    const { socket } = this
    if (how === 'close') {
      socket.write(encodeClose(code))
      socket.end()
    } else if (how === 'fin') socket.end()
    else if (how === 'rst') socket.resetAndDestroy()
    else socket.pause()
    this.#over(how)
  }

  /** At the end of a schedule: a socket that was half-open is read again, so that its end is seen. */
  wake(): void {
    this.socket.resume()
  }

  destroy(): void {
    this.#over('rst')
    this.socket.destroy()
  }

  #over(how: EndName | 'client'): void {
    if (this.ended !== null) return
    this.ended = how
    this.#queue.length = 0
    if (this.#timer !== null) this.#time.clearTimeout(this.#timer)
    this.#timer = null
    this.onEnd()
  }

  #next(): void {
    for (let piece = this.#queue[0]; piece !== undefined; piece = this.#queue[0]) {
      if (piece.afterMs > 0) {
        this.#queue[0] = { ...piece, afterMs: 0 }
        this.#timer = this.#time.setTimeout(() => {
          this.#timer = null
          this.#next()
        }, piece.afterMs)
        return
      }
      this.#queue.shift()
      this.socket.write(piece.bytes)
      piece.written?.()
    }
  }
}
