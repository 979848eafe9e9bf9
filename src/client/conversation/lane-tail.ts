import type { ServerEvent } from '../../protocol/index.ts'
import { isTerminalEvent, settlementOf } from '../../protocol/terminal.ts'

/**
 * What the server still sends of a turn that was given up: the rest of its response, and the successor that steers
 * make it start.
 */
export class LaneTail {
  #steers: number
  #isOver: boolean

  /**
   * @param steers that the server has taken, and that no response has begun with
   * @param isOver the response has ended, and only its steers may lead on
   */
  constructor(steers: number, isOver: boolean) {
    this.#steers = steers
    this.#isOver = isOver
  }

  /** Takes an event of the lane, and says whether it is the last one of the turn. */
  isLast(event: ServerEvent): boolean {
    if (event.type === 'error') return true
    this.#count(event)
    if (isTerminalEvent(event)) this.#isOver = !leadsOn(event)
    return this.#isOver && this.#steers === 0
  }

  #count(event: ServerEvent): void {
    if (event.type === 'response.steer.accepted') this.#steers += 1
    else if (event.type === 'response.steer.failed') this.#steers = Math.max(0, this.#steers - 1)
    // They wait for the next turn.
    else if (event.type === 'response.steer.pending') this.#steers = 0
    else if (event.type === 'response.created') {
      // It begins with all of them.
      this.#steers = 0
      this.#isOver = false
    }
  }
}

/** The server goes on by itself after such an end. */
function leadsOn(event: ServerEvent): boolean {
  if (!isTerminalEvent(event)) return false
  const { outcome, response } = settlementOf(event)
  return outcome === 'incomplete' && response?.incomplete_details?.reason === 'steered'
}
