import type { Conversation } from '../../client/conversation/conversation.ts'
import type { ResponsesConnection } from '../../client/connection.ts'
import type { ResponsesServer } from '../server/api.ts'

const KEPT = 'a turn that keeps the lane'

/**
 * Another conversation on a connection with one lane. It has the lane until it is let go, and then queues for it
 * again: so nobody else is given it before a test says so. The server must give its turns by hand.
 */
export class LaneKeeper {
  readonly #conversation: Conversation
  readonly #server: ResponsesServer

  constructor(connection: ResponsesConnection, server: ResponsesServer) {
    this.#conversation = connection.conversation({
      model: 'm',
      metadata: { turn: KEPT },
      firstEventTimeoutMs: false,
      eventTimeoutMs: false,
    })
    this.#server = server
  }

  /** Asks for the lane, behind those who ask already. */
  queue(): void {
    if (this.#conversation.turn === null) this.#conversation.respond('keep it')
  }

  /** True while it asks for the lane. */
  get isWaiting(): boolean {
    const { request, lease } = this.#conversation.actor.getSnapshot().context
    return request !== null && lease === null
  }

  /** Lets the next one have the lane, if it has it. */
  letGo(): void {
    this.#server
      .turnsByHand()
      .find(({ turnKey }) => turnKey === KEPT)
      ?.end('completed')
  }
}
