import { isDeepStrictEqual } from 'node:util'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import { TurnError } from '../../../src/client/conversation/turn-error.ts'
import type { Turn } from '../../../src/client/conversation/turn.ts'
import type { ResponsesServer } from '../../../src/testing/server/api.ts'
import type { TurnByHand } from '../../../src/testing/server/by-hand.ts'
import type { ConversationLog } from './conversation-log.ts'
import { turnNameOf } from './conversation-news.ts'
import { TURN } from './conversation-stage.ts'

/** Whether the application and the server of a conversation were told the same as its chart. */
export class ConversationAudit {
  readonly #conversation: Conversation
  readonly #server: ResponsesServer
  readonly #log: ConversationLog
  readonly #turns: Turn[] = []
  /** What their promises have come to, as `turn-1 completed`. */
  readonly #answers: string[] = []
  /** Requests that the server had before. */
  readonly #before: number

  constructor(conversation: Conversation, server: ResponsesServer, log: ConversationLog) {
    this.#conversation = conversation
    this.#server = server
    this.#log = log
    this.#before = server.requests().length
  }

  /** The application has this turn in its hands. */
  note(turn: Turn): void {
    this.#turns.push(turn)
    const name = turnNameOf(turn.id)
    turn.response.then(
      ({ status }) => this.#answers.push(`${name} ${status}`),
      (error: unknown) =>
        this.#answers.push(`${name} ${error instanceof TurnError ? error.outcome : String(error)}`),
    )
  }

  complaints(): string[] {
    return [...this.#log.complaints, ...this.#complaintsOfClass(), ...this.#complaintsOfServer()]
  }

  /** Responses that the server gives to it. */
  get given(): readonly TurnByHand[] {
    const { wantedLane } = this.#conversation.actor.getSnapshot().context
    const all = this.#server.turnsByHand()
    return all.filter(({ turnKey, lane, isRunning }) => isRunning && turnKey === TURN && lane === wantedLane)
  }

  /** The one that it still listens to. */
  get current(): TurnByHand | undefined {
    const { lease } = this.#conversation.actor.getSnapshot().context
    return lease === null ? undefined : this.given.at(-1)
  }

  /** What the application is shown must be what the chart says. */
  #complaintsOfClass(): string[] {
    const found: string[] = []
    const { request } = this.#conversation.actor.getSnapshot().context
    if ((this.#conversation.turn !== null) !== (request?.kind === 'turn')) {
      found.push(`the chart has ${request?.kind ?? 'no turn'}, and the class another`)
    }
    const { settled } = this.#log.view()
    const names = new Set(this.#turns.map(({ id }) => turnNameOf(id)))
    const told = settled
      .map((one) => one.split(' ').slice(0, 2))
      .filter(([name = '']) => names.has(name))
      .map((words) => words.join(' '))
    if (told.join() !== this.#answers.join()) {
      found.push(`the promises came to ${this.#answers.join(', ')}, not to ${told.join(', ')}`)
    }
    return found
  }

  #complaintsOfServer(): string[] {
    const found: string[] = []
    const { wantedLane } = this.#conversation.actor.getSnapshot().context
    const got = this.#server
      .requests()
      .slice(this.#before)
      .filter(({ turnKey, lane }) => turnKey === TURN && lane === wantedLane)
      .map((one) => ({ items: one.inputItems, after: this.#log.nameOf(one.previousResponseId) }))
    const [is, mustBe] = [JSON.stringify(got), JSON.stringify(this.#log.onTheWire)]
    if (is !== mustBe) found.push(`the server must have got ${mustBe}, and got ${is}`)
    const context = this.current?.context
    if (context !== undefined && !this.#isHistory(context)) {
      found.push(`the server answers from ${context.length} items, and not from the history`)
    }
    return found
  }

  /** Whether it is the history and the turn's input, or those with what a compaction in them stands for. */
  #isHistory(context: readonly unknown[]): boolean {
    const { history, turn } = this.#conversation
    const items = [...history, ...(turn?.input ?? [])]
    const more = context.length - items.length
    const [first] = items as readonly { readonly type?: string }[]
    return (more === 0 || first?.type === 'compaction') && isDeepStrictEqual(context.slice(more), items)
  }
}
