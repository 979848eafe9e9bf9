import type { ServerEvent } from '../../protocol/index.ts'
import type { ConversationActorRef } from '../line-machine.ts'

/**
 * Keeps a conversation from starting a turn until its fork is bound to the response that both continue: the server
 * looks for it when the fork starts, not when it is sent (Responses WebSocket guide, forks).
 */
export class ForkHold {
  readonly #parent: ConversationActorRef
  #isHeld = true

  constructor(parent: ConversationActorRef) {
    this.#parent = parent
    this.#tell('chain.hold')
  }

  /** Any event but the first sign that the fork was queued says that it has started. */
  see(event: ServerEvent): void {
    if (event.type !== 'response.queued' && event.type !== 'response.created' && event.type !== 'keepalive') {
      this.release()
    }
  }

  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#tell('chain.release')
  }

  #tell(type: 'chain.hold' | 'chain.release'): void {
    if (this.#parent.getSnapshot().status === 'active') this.#parent.send({ type })
  }
}
