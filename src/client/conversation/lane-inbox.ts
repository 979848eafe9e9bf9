import { readErrorFrame } from '../../protocol/error-details.ts'
import type { ErrorEvent } from '../../protocol/index.ts'
import type { ParsedServerEvent } from '../../protocol/parse-server-event.ts'
import { EndedResponses } from '../../socket/ended-responses.ts'
import type { LaneTail } from './lane-tail.ts'

/** Whoever runs a turn on a lane. */
export interface LaneReader {
  /** The response that answers it, once the server has named it. */
  readonly responseId: string | null
  /** An event of the lane, of the turn's own response or before it was named, and the bytes of its frame. */
  receive(frame: ParsedServerEvent, bytes: number): void
  /** A frame that cannot be read, and may have been part of the answer. */
  receiveGarbage(): void
  /** An ending came that may be of another turn. */
  distrust(): void
}

/** Whoever gives the lane to one turn after the other. */
export interface LaneOwner {
  /** The server has ended what it was answering of a turn that was given up. */
  drained(): void
  /** What comes on this socket cannot be told apart any more: no further turn may start on it. */
  distrusted(): void
}

/**
 * The events of one lane of one socket, in order, for one turn after the other.
 *
 * An event belongs to the response that it names, or to nobody: a late or second terminal event of a response that has
 * ended reaches nobody, and neither does the rest of a response that was given up. An ending that names nobody is that
 * of the turn which the lane answers, because a lane answers one at a time. But where that turn's own id was never
 * seen, what else comes of it could not be told from the next turn's, so the lane is not trusted again.
 */
export class LaneInbox {
  readonly #owner: LaneOwner
  #reader: LaneReader | null = null
  readonly #ended = new EndedResponses()
  /** What is still being sent of a turn that was given up, or null. */
  #tail: LaneTail | null = null
  /** An `error` ended a turn before its response was named. If it had begun, its end would name an id unknown here. */
  #hasUnknown = false

  constructor(owner: LaneOwner) {
    this.#owner = owner
  }

  /** A turn waits for its answer here, and the server has not named it. */
  get isUnanswered(): boolean {
    return this.#reader !== null && this.#reader.responseId === null
  }

  /** The response whose events come here now, or null while none was named. */
  get current(): string | null {
    return this.#tail === null ? (this.#reader?.responseId ?? null) : this.#tail.responseId
  }

  /** The end of a response whose name was never seen may still come. */
  get hasUnknown(): boolean {
    return this.#hasUnknown
  }

  hasEnded(responseId: string): boolean {
    return this.#ended.has(responseId)
  }

  get isIdle(): boolean {
    return this.#reader === null && this.#tail === null
  }

  /** The next events are for this turn. */
  open(reader: LaneReader): void {
    this.#reader = reader
  }

  /** This turn is over. With a tail, the server may still be answering it. */
  close(reader: LaneReader, tail: LaneTail | null): void {
    // The lane may have been given to the next turn before the last one's owner hears that it is over.
    if (this.#reader !== reader) return
    this.#reader = null
    this.#tail = tail
  }

  receive(frame: ParsedServerEvent, bytes: number): void {
    const { current } = this
    if (frame.responseId !== null && this.#ended.isStale(frame, current)) return
    if (frame.settlement !== null || frame.kind === 'error') return this.#receiveEnding(frame, bytes, current)
    if (this.#tail === null) this.#reader?.receive(frame, bytes)
    else this.#drain(this.#tail, frame)
  }

  /** What it gets cannot be told from what another turn gets. */
  distrust(): void {
    this.#reader?.distrust()
  }

  receiveGarbage(): void {
    if (this.#tail === null) this.#reader?.receiveGarbage()
  }

  #receiveEnding(frame: ParsedServerEvent, bytes: number, current: string | null): void {
    const id = frame.responseId ?? current
    if (id !== null) this.#ended.add(id)
    if (this.#tail !== null) {
      if (id === null) this.#owner.distrusted()
      return this.#drain(this.#tail, frame)
    }
    const mayBeOfAnother = this.#hasUnknown && current === null && frame.settlement?.outcome === 'failed'
    if (id === null && !isRefusal(frame)) this.#hasUnknown = true
    // An `error` refuses a request, and says so. A response that has ended was begun, whoever's it was.
    if (frame.settlement !== null && (id === null || mayBeOfAnother)) this.#owner.distrusted()
    if (frame.settlement !== null && mayBeOfAnother) this.#reader?.distrust()
    else this.#reader?.receive(frame, bytes)
  }

  #drain(tail: LaneTail, frame: ParsedServerEvent): void {
    if (!tail.isLast(frame)) return
    this.#tail = null
    this.#owner.drained()
  }
}

/** It says that the request was at fault, so that no response has begun. */
function isRefusal({ kind, event }: ParsedServerEvent): boolean {
  if (kind !== 'error') return false
  const { status } = readErrorFrame(event as ErrorEvent, 0)
  return status !== null && status >= 400 && status < 500
}
