import type { Conversation } from '../conversation/conversation.ts'
import type { ChainHolder } from './chain-index.ts'

/** A conversation that serves requests with a history of their own, one after the other, on its lane. */
export class RequestChain implements ChainHolder {
  readonly conversation: Conversation
  /** When it last began a turn, in ms. */
  usedAt = 0

  constructor(conversation: Conversation) {
    this.conversation = conversation
  }

  get isBusy(): boolean {
    return this.conversation.turn !== null
  }

  get continuable(): string | null {
    const { status, context } = this.conversation.actor.getSnapshot()
    return this.isBusy || status !== 'active' ? null : (context.chain?.responseId ?? null)
  }
}
