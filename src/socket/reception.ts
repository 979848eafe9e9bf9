import type { SocketFact } from '../../machines/socket-contract.ts'
import type { ServerEvent } from '../protocol/index.ts'
import { type FrameSource, framesAreWatched, noteFrame } from './frame-channel.ts'
import { BINARY_FRAME, factOf, readFrame, rejectedFrame } from './inbound.ts'
import type { Voice } from './scope.ts'
import type { UnsettledTurns } from './unsettled-turns.ts'

/** Inbound frames of an open connection. This is the hot path: nothing in it is done before it is needed. */
export class Reception {
  readonly #source: FrameSource
  readonly #turns: UnsettledTurns
  readonly #voice: Voice
  readonly #report: (fact: SocketFact) => void
  #probing = false

  constructor(source: FrameSource, turns: UnsettledTurns, voice: Voice, report: (fact: SocketFact) => void) {
    this.#source = source
    this.#turns = turns
    this.#voice = voice
    this.#report = report
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
    if (!frame.ok) return this.#voice.emit(rejectedFrame(frame, data))
    // An event of unknown type is one of a turn as well; only its lane is looked at.
    const isCurrent = this.#turns.received(frame.event as ServerEvent)
    const fact = frame.control && isCurrent ? factOf(frame.event, this.#source.connectionId) : null
    if (fact === null) this.#voice.emit(frame.event)
    else this.#voice.emitAfter(fact, frame.event)
  }

  takeControlFrame(kind: 'ping' | 'pong', data: Buffer): void {
    if (framesAreWatched()) noteFrame(this.#source, 'in', kind, null, data.length, null)
    if (this.#probing) this.#reportHeard()
  }

  #reportHeard(): void {
    this.#probing = false
    this.#report({ type: 'socket.heard', connectionId: this.#source.connectionId })
  }
}
