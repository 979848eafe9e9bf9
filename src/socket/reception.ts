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
    const isCurrent = this.#turns.received(frame)
    if (frame.kind === 'terminal' || frame.kind === 'error') return this.#takeEnding(frame, data, isCurrent)
    this.#output.emit(frame.event)
    this.#output.outlet?.tap?.take(frame, data.length)
  }

  takeControlFrame(kind: 'ping' | 'pong', data: Buffer): void {
    if (framesAreWatched()) noteFrame(this.#source, 'in', kind, null, data.length, null)
    if (this.#probing) this.#reportHeard()
  }

  #takeEnding(frame: ParsedServerEvent, data: Buffer, isCurrent: boolean): void {
    const fact = isCurrent ? factOf(frame, this.#source.connectionId) : null
    if (fact !== null) this.#output.report(fact)
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
