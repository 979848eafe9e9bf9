import { channel } from 'node:diagnostics_channel'
import type { Conversation } from '../conversation/conversation.ts'
import type { ChainHolder } from './chain-index.ts'

/**
 * Name of the `node:diagnostics_channel` that has a `TurnPlanned` for every sending of a request: what of its input
 * was found again (`origin`), and what goes over the wire (`plan`).
 */
export const REQUEST_CHANNEL = 'holdline:request'
const planned = channel(REQUEST_CHANNEL)

/** A conversation that serves requests with a history of their own, one after the other, on its lane. */
export class RequestChain implements ChainHolder {
  readonly conversation: Conversation
  /** When it last began a turn, in ms. */
  usedAt = 0

  constructor(conversation: Conversation) {
    this.conversation = conversation
    conversation.on('turn.planned', (plan) => {
      if (planned.hasSubscribers) planned.publish(plan)
    })
  }

  get isBusy(): boolean {
    return this.conversation.turn !== null
  }

  get continuable(): string | null {
    const { status, context } = this.conversation.actor.getSnapshot()
    return this.isBusy || status !== 'active' ? null : (context.chain?.responseId ?? null)
  }
}
