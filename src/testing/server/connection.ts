import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { connectionFault } from '../script/faults.ts'
import { parseAt } from '../script/parse.ts'
import type { ConnectionFault } from '../script/types.ts'
import { Age } from './age.ts'
import { strike } from './faults.ts'
import { Heartbeat } from './heartbeat.ts'
import type { ServerConnection } from './server-connection.ts'
import { Session } from './session.ts'
import type { Frame, Wire } from './wire.ts'
import { isObject, stringField, textOfFrame } from './wire.ts'
import type { World } from './world.ts'

/** Messages that a silenced connection keeps for later. One more ends it. */
const HELD_MESSAGES = 4096

/** What the accepted socket comes with. */
export interface Accepted {
  readonly id: number
  readonly socket: WebSocket
  /** The TCP or TLS socket under it. */
  readonly stream: Duplex
  readonly headers: Readonly<IncomingHttpHeaders>
  readonly faults: readonly ConnectionFault[]
}

/** One WebSocket of the server: its frames in and out, its clocks, and its end. */
export class Connection implements Wire, ServerConnection {
  readonly kind = 'websocket'
  readonly id: number
  readonly headers: Readonly<IncomingHttpHeaders>
  readonly createdAt: number
  closedAt: number | null = null
  received = 0
  sent = 0
  closeCode: number | null = null
  closeReason: string | null = null
  readonly #world: World
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #session: Session
  readonly #age: Age
  readonly #heartbeat: Heartbeat
  readonly #timers = new Set<unknown>()
  readonly #resumes: (() => void)[] = []
  readonly #held: (() => void)[] = []
  #silent = false
  #ended = false

  constructor(world: World, accepted: Accepted, closed: () => void) {
    this.id = accepted.id
    this.headers = accepted.headers
    this.createdAt = world.clock.now()
    this.#world = world
    this.#socket = accepted.socket
    this.#stream = accepted.stream
    this.#session = new Session(world, this, this.id)
    this.#age = new Age(world, this.#session, this)
    this.#heartbeat = new Heartbeat(world, accepted.socket, this, this.#session)
    this.#session.whenIdle = () => {
      this.#heartbeat.heard()
      this.#age.idle()
    }
    this.#listen(closed)
    this.#strikeAll(accepted.faults)
  }

  get open(): boolean {
    return !this.#ended && this.#socket.readyState === this.#socket.OPEN
  }

  get idle(): boolean {
    return this.#session.idle
  }

  strike(fault: ConnectionFault): void {
    const checked = parseAt(connectionFault, fault, 'fault')
    strike(checked, this, this.#world.settings.errors, () => this.#session.lastId)
  }

  expire(): void {
    this.#age.expire()
  }

  forget(): void {
    this.#session.memory.forget()
  }

  send(frame: Frame): void {
    const text = textOfFrame(frame)
    this.#put(frame.type, stringField(frame, 'stream_id') ?? null, text)
  }

  sendText(text: string): void {
    this.#put('(no event)', null, text)
  }

  sendBinary(bytes: Uint8Array): void {
    this.#put('(binary)', null, bytes)
  }

  ready(): boolean {
    return !this.#silent
  }

  whenReady(resume: () => void): void {
    this.#resumes.push(resume)
  }

  close(code: number, reason: string): void {
    if (this.#ended) return
    if (this.#silent) return void this.#held.push(() => this.close(code, reason))
    this.#end()
    this.#socket.close(code, reason)
    // Where reading had stopped, the client's half of the handshake would not be seen.
    this.#socket.resume()
  }

  terminate(reset: boolean): void {
    this.#end()
    if (reset && 'resetAndDestroy' in this.#stream)
      (this.#stream as { resetAndDestroy(): void }).resetAndDestroy()
    else this.#socket.terminate()
  }

  /** The server closes: 1001 where a close frame can still go out, else no frame at all. */
  shutDown(): void {
    if (this.#silent) this.terminate(false)
    else this.close(1001, 'the test server closes')
  }

  silence(ms: number | null): void {
    this.#silent = true
    if (ms !== null) this.#after(ms, () => this.#speak())
  }

  stopReading(ms: number | null): void {
    // It would keep the closing handshake from ending.
    if (this.#ended) return
    this.#socket.pause()
    if (ms !== null) this.#after(ms, () => this.#socket.resume())
  }

  #put(type: string, lane: string | null, data: string | Uint8Array): void {
    if (!this.open) return
    if (this.#silent) {
      if (this.#held.length >= HELD_MESSAGES) return this.terminate(false)
      this.#held.push(() => this.#put(type, lane, data))
      return
    }
    if (this.#socket.bufferedAmount > this.#world.settings.limits.maxBufferedBytes)
      return this.terminate(false)
    this.sent += 1
    const text = typeof data === 'string' ? data : ''
    this.#log('out', type, lane, Buffer.byteLength(data), text)
    this.#world.changed()
    // The callback keeps a failed write from being thrown; the close event tells of it.
    this.#socket.send(data, { binary: typeof data !== 'string' }, () => {})
  }

  #speak(): void {
    this.#silent = false
    for (const held of this.#held.splice(0)) held()
    for (const resume of this.#resumes.splice(0)) resume()
  }

  #listen(closed: () => void): void {
    const socket = this.#socket
    const close = socket.close.bind(socket)
    // `ws` answers a close frame by itself, which a silenced server must not.
    socket.close = (code, reason) => {
      if (this.#silent) this.#held.push(() => close(code, reason))
      else close(code, reason)
    }
    socket.on('message', (data, isBinary) => this.#guard(() => this.#receive(data, isBinary)))
    // `ws` closes by itself after a protocol error or a message that is too large; 'close' follows.
    socket.on('error', () => this.#end())
    socket.on('close', (code, reason) => {
      this.#end()
      this.closedAt = this.#world.clock.now()
      this.closeCode = code
      this.closeReason = reason.toString()
      closed()
    })
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return
    this.received += 1
    const buffer = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    const text = isBinary ? '' : buffer.toString()
    const { type, lane } = isBinary ? { type: '(binary)', lane: null } : labelOf(text)
    this.#log('in', type, lane, buffer.byteLength, text)
    this.#heartbeat.heard()
    if (isBinary) this.close(1003, 'text messages only')
    else this.#session.receive(text)
    this.#world.changed()
  }

  #log(direction: 'in' | 'out', type: string, lane: string | null, bytes: number, text: string): void {
    const entry = { at: this.#world.clock.now(), connection: this.id, direction, type, lane, bytes }
    this.#world.logs.frame(entry, text)
  }

  /** A fault in the server must not take its process down; the client sees 1011. */
  #guard(work: () => void): void {
    try {
      work()
    } catch {
      this.close(1011, 'the test server failed')
    }
  }

  #strikeAll(faults: readonly ConnectionFault[]): void {
    const [fault, ...rest] = faults
    if (fault === undefined) return
    if (fault.do === 'delay') return this.#after(fault.ms, () => this.#strikeAll(rest))
    this.strike(fault)
    this.#strikeAll(rest)
  }

  #after(ms: number, fn: () => void): void {
    if (this.#ended) return
    const { clock } = this.#world
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.#ended) this.#guard(fn)
    }, ms)
    this.#timers.add(timer)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const timer of this.#timers) this.#world.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#held.length = 0
    this.#resumes.length = 0
    this.#age.stop()
    this.#heartbeat.stop()
    this.#session.stop()
  }
}

function labelOf(text: string): { type: string; lane: string | null } {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) {
      return {
        type: stringField(value, 'type')?.slice(0, 64) ?? '(no event)',
        lane: stringField(value, 'stream_id')?.slice(0, 256) ?? null,
      }
    }
  } catch {
    // Not JSON: it has no type.
  }
  return { type: '(no event)', lane: null }
}
