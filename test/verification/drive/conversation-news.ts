import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { ConversationView } from '../model/conversation-steps.ts'
import type { SocketNumbers } from './socket-numbers.ts'

/** What a conversation of the class tells of its turns, but for what it sends, in the words of the model. */
export class ConversationNews {
  readonly #resent: string[] = []
  readonly #settled: string[] = []
  readonly #moves: number[] = []
  #listened = 0

  constructor(conversation: Conversation, sockets: SocketNumbers) {
    conversation.on('turn.resent', ({ reason }) => this.#resent.push(reason))
    conversation.on('turn.listening', () => (this.#listened += 1))
    conversation.on('conversation.moved', ({ connectionKey }) =>
      this.#moves.push(sockets.numberOf(connectionKey)),
    )
    conversation.on('turn.settled', ({ result: { turnId, outcome, progress } }) =>
      this.#settled.push(`${turnNameOf(turnId)} ${outcome} ${progress}`),
    )
  }

  view(): Pick<ConversationView, 'resent' | 'settled' | 'moves' | 'listened'> {
    return {
      resent: this.#resent,
      settled: this.#settled,
      moves: this.#moves,
      listened: this.#listened,
    }
  }
}

/** What the model calls the turn with this id: `turn-2` for the second of its conversation. */
export function turnNameOf(turnId: string): string {
  return `turn-${turnId.split('.').at(-1)}`
}
