import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { ResponsesConnection } from '../../../src/client/connection.ts'
import type { ResponsesServer } from '../../../src/testing/server/api.ts'

/**
 * Another conversation on a connection. It has its lane until it is let go, and then queues for one again: so nobody
 * else is given the last one before a test says so. The server must give its turns by hand.
 */
export class LaneKeeper {
  readonly #conversation: Conversation
  readonly #server: ResponsesServer
  readonly #turnKey: string

  /** @param lane the lane that it would like; null: the default lane */
  constructor(connection: ResponsesConnection, server: ResponsesServer, lane: string | null = null) {
    this.#turnKey = `a turn that keeps ${lane ?? 'the lane'}`
    this.#conversation = connection.conversation({
      model: 'm',
      metadata: { turn: this.#turnKey },
      firstEventTimeoutMs: false,
      eventTimeoutMs: false,
      ...(lane !== null && { lane }),
    })
    this.#server = server
  }

  /** Asks for the lane, behind those who ask already. */
  queue(): void {
    if (this.#conversation.turn === null) this.#conversation.respond('keep it')
  }

  /** Asks for it no more, if it waits. */
  standAside(): void {
    if (this.isWaiting) this.#conversation.turn?.cancel()
  }

  /** True while it asks for the lane. */
  get isWaiting(): boolean {
    const { request, lease } = this.#conversation.actor.getSnapshot().context
    return request !== null && lease === null
  }

  /** Where it has a lane: the connection's key, or null. */
  get keeps(): string | null {
    return this.#conversation.actor.getSnapshot().context.lease?.connectionKey ?? null
  }

  /** Lets the next one have the lane, if it has it. */
  letGo(): void {
    this.#server
      .turnsByHand()
      .find(({ turnKey }) => turnKey === this.#turnKey)
      ?.end('completed')
  }
}
