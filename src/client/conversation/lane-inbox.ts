import type { ServerEvent } from '../../protocol/index.ts'
import { isTerminalEvent } from '../../protocol/terminal.ts'
import { EndedResponses } from '../../socket/ended-responses.ts'
import { responseIdOf } from '../../socket/unsettled-turns.ts'
import type { LaneTail } from './lane-tail.ts'

/** Whoever runs a turn on a lane. */
export interface LaneReader {
  /** An event of the lane, of the turn's own response or before it was named. */
  receive(event: ServerEvent): void
}

/**
 * The events of one lane of one socket, in order, for one turn after the other.
 *
 * A late or second terminal event of a response that has ended reaches nobody, and neither does the rest of a
 * response that was given up.
 */
export class LaneInbox {
  readonly #onDrained: () => void
  #reader: LaneReader | null = null
  readonly #ended = new EndedResponses()
  /** What is still being sent of a turn that was given up, or null. */
  #tail: LaneTail | null = null

  constructor(onDrained: () => void) {
    this.#onDrained = onDrained
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

  receive(event: ServerEvent): void {
    const id = responseIdOf(event)
    if (id !== null && this.#ended.has(id)) return
    if (id !== null && isTerminalEvent(event)) this.ended(id)
    if (this.#tail === null) return this.#reader?.receive(event)
    if (!this.#tail.isLast(event)) return
    this.#tail = null
    this.#onDrained()
  }

  /** Remembers a response that ended without naming itself, as with an `error` frame. */
  ended(responseId: string): void {
    this.#ended.add(responseId)
  }
}
