import type { ParsedServerEvent } from '../../protocol/parse-server-event.ts'
import { isFollowedUp } from '../../protocol/response-progress.ts'

/**
 * What the server still sends of a turn that was given up: the rest of its response, and the successor that steers
 * make it start.
 */
export class LaneTail {
  #responseId: string | null
  #steers: number
  #isOver: boolean

  /**
   * @param responseId of the response that runs, if it was named
   * @param steers that the server has taken, and that no response has begun with
   * @param isOver the response has ended, and only its steers may lead on
   */
  constructor(responseId: string | null, steers: number, isOver: boolean) {
    this.#responseId = responseId
    this.#steers = steers
    this.#isOver = isOver
  }

  /** The response that is still being sent; null before it was named, and between it and its successor. */
  get responseId(): string | null {
    return this.#responseId
  }

  /** Takes an event of the lane, and says whether it is the last one of the turn. */
  isLast(frame: ParsedServerEvent): boolean {
    if (frame.kind === 'error') return true
    this.#count(frame)
    if (frame.settlement !== null) {
      this.#isOver = !isFollowedUp(frame.settlement)
      this.#responseId = null
    } else if (frame.responseId !== null) this.#responseId = frame.responseId
    return this.#isOver && this.#steers === 0
  }

  #count({ event: { type } }: ParsedServerEvent): void {
    if (type === 'response.steer.accepted') this.#steers += 1
    else if (type === 'response.steer.failed') this.#steers = Math.max(0, this.#steers - 1)
    // They wait for the next turn.
    else if (type === 'response.steer.pending') this.#steers = 0
    else if (type === 'response.created') {
      // It begins with all of them.
      this.#steers = 0
      this.#isOver = false
    }
  }
}
