import type { ParsedServerEvent } from '../protocol/parse-server-event.ts'
import { type FrameSource, framesAreWatched, noteFrame } from './frame-channel.ts'
import { BINARY_FRAME, type FrameFault, factOf, faultOf, readFrame, rejectedFrame } from './inbound.ts'
import type { SocketOutput } from './scope.ts'
import type { UnsettledTurns } from './unsettled-turns.ts'

/** Inbound frames of an open connection. This is the hot path: nothing in it is done before it is needed. */
export class Reception {
  readonly #source: FrameSource
  readonly #turns: UnsettledTurns
  readonly #output: SocketOutput
  #probing = false

  constructor(source: FrameSource, turns: UnsettledTurns, output: SocketOutput) {
    this.#source = source
    this.#turns = turns
    this.#output = output
  }

  /** The next frame of any kind is reported, once. */
  arm(): void {
    this.#probing = true
  }

  /** The frame that was armed for has not come: bytes that have moved are a sign of life as well. */
  check(hasMoved: boolean): void {
    if (this.#probing && hasMoved) this.#reportHeard()
  }

  takeMessage(data: Buffer, isBinary: boolean): void {
    if (this.#probing) this.#reportHeard()
    const frame = isBinary ? BINARY_FRAME : readFrame(data, this.#source.scrub)
    if (framesAreWatched()) {
      const type = frame.ok ? frame.event.type : null
      noteFrame(this.#source, 'in', 'message', type, data.length, isBinary ? null : data)
    }
    if (!frame.ok) return this.#takeGarbage(frame, data)
    if (frame.repaired !== null) this.#output.emit(rejectedFrame(faultOf(frame.repaired), data))
    // An event of unknown type is one of a turn as well.
    if (frame.kind === 'terminal' || frame.kind === 'error') return this.#takeEnding(frame, data)
    this.#turns.received(frame)
    this.#output.emit(frame.event)
    this.#output.outlet?.tap?.take(frame, data.length)
  }

  takeControlFrame(kind: 'ping' | 'pong', data: Buffer): void {
    if (framesAreWatched()) noteFrame(this.#source, 'in', kind, null, data.length, null)
    if (this.#probing) this.#reportHeard()
  }

  #takeEnding(frame: ParsedServerEvent, data: Buffer): void {
    const isAwaited = this.#turns.awaits(frame.lane)
    const fact = this.#turns.received(frame) ? factOf(frame, this.#source.connectionId) : null
    // A response that nobody asked for is no proof of health, and nothing to go on from.
    if (fact !== null && (isAwaited || fact.type !== 'server.settled')) this.#output.report(fact)
    if (!this.#output.isHeard) return
    this.#output.emit(frame.event)
    this.#output.outlet?.tap?.take(frame, data.length)
  }

  #takeGarbage(fault: FrameFault, data: Buffer): void {
    this.#turns.receivedGarbage()
    this.#output.emit(rejectedFrame(fault, data))
    this.#output.outlet?.tap?.takeGarbage()
  }

  #reportHeard(): void {
    this.#probing = false
    this.#output.report({ type: 'socket.heard', connectionId: this.#source.connectionId })
  }
}
