import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { ResponsesServer } from '../../../src/testing/server/api.ts'
import type { TurnByHand } from '../../../src/testing/server/by-hand.ts'

/** The forks of a conversation: some that ask for a lane, and those that were sent and hold it. */
export class ForkRow {
  readonly #server: ResponsesServer
  readonly #size: number
  #count = 0
  #waiting: Conversation[] = []
  #sent: Conversation[] = []
  #chain: unknown = null

  /** @param size forks that wait at once */
  constructor(server: ResponsesServer, size: number) {
    this.#server = server
    this.#size = size
  }

  /** Forks of what the conversation continues now, in place of those of anything else. It must be idle. */
  prepare(conversation: Conversation): void {
    const { chain } = conversation.actor.getSnapshot().context
    if (chain !== this.#chain) for (const fork of this.#waiting.splice(0)) fork.close()
    this.#chain = chain
    if (chain === null || chain.stored) return
    while (this.#waiting.length < this.#size) {
      this.#count += 1
      this.#waiting.push(conversation.fork({ lane: `fork-${this.#count}` }))
    }
    this.queue()
  }

  /** They ask for a lane, behind those who ask already. */
  queue(): void {
    for (const fork of this.#waiting) if (fork.turn === null) fork.respond('and then')
  }

  standAside(): void {
    for (const fork of this.#waiting) fork.turn?.cancel()
  }

  /** Those that have got a lane were sent, and the server has taken them: that does not say that it has begun. */
  acknowledgeSent(): void {
    const sent = this.#waiting.filter((fork) => laneOf(fork) !== undefined)
    this.#waiting = this.#waiting.filter((fork) => !sent.includes(fork))
    this.#sent.push(...sent)
    for (const fork of sent) this.#responseOf(fork)?.created()
  }

  /** The server begins with the one that was sent first: it is bound. */
  bindOldest(): void {
    const fork = this.#sent.shift()
    if (fork !== undefined) this.#responseOf(fork)?.delta()
  }

  /** The server says that it has them still. */
  keepAlive(): void {
    for (const fork of this.#sent) this.#responseOf(fork)?.write({ type: 'keepalive' })
  }

  #responseOf(fork: Conversation): TurnByHand | undefined {
    return this.#server.turnsByHand().findLast(({ lane }) => lane === laneOf(fork))
  }
}

function laneOf(fork: Conversation): string | null | undefined {
  return fork.actor.getSnapshot().context.lease?.lane
}
