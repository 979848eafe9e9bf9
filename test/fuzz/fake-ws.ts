import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'

/** As much of a `ws` as the client uses, with the peer's side in the same object. */
export class FakeWs extends EventEmitter {
  binaryType = 'nodebuffer'
  bufferedAmount = 0
  readyState = 0
  readonly #onCreate: (socket: FakeWs, lane: string | null) => void

  constructor(onCreate: (socket: FakeWs, lane: string | null) => void) {
    super()
    this.#onCreate = onCreate
    setImmediate(() => {
      if (this.readyState !== 0) return
      this.readyState = 1
      this.emit('open')
    })
  }

  asWebSocket(): WebSocket {
    return this as unknown as WebSocket
  }

  send(text: string): void {
    const event = JSON.parse(text) as { type: string; stream_id?: string }
    if (event.type === 'response.create') setImmediate(() => this.#onCreate(this, event.stream_id ?? null))
  }

  ping(): void {
    setImmediate(() => this.emit('pong', Buffer.alloc(0)))
  }

  /** The peer says something. */
  say(text: string, isBinary = false): void {
    if (this.readyState === 1) this.emit('message', Buffer.from(text), isBinary)
  }

  close(code = 1005, reason = ''): void {
    if (this.readyState >= 2) return
    this.readyState = 2
    setImmediate(() => this.#end(code, reason))
  }

  terminate(): void {
    if (this.readyState === 3) return
    this.readyState = 2
    setImmediate(() => this.#end(1006, ''))
  }

  #end(code: number, reason: string): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.emit('close', code, Buffer.from(reason))
  }
}
