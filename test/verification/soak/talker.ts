import type { Gate } from '../../../src/testing/network/gate.ts'
import type { ResponsesServer } from '../../../src/testing/server/api.ts'
import type { Ledger } from './ledger.ts'
import type { SoakScript } from './script.ts'
import { Talk, type TalkPlan } from './talk.ts'
import { Watched } from './watched.ts'

const PLANS: readonly TalkPlan[] = [
  { policy: 'safe', lane: null, store: false, marker: 'input' },
  { policy: 'never', lane: 'a', store: false, marker: 'metadata' },
  { policy: 'unanswered', lane: 'b', store: true, marker: 'input' },
  { policy: 'safe', lane: 'c', store: true, marker: 'metadata' },
]

/** So long a turn may take to settle once its connection is stopped, in ms. */
const PATIENCE_MS = 2_000

/** What a talker is made of. */
interface TalkerParts {
  readonly gate: Gate
  readonly ledger: Ledger
  readonly server: ResponsesServer
  readonly script: SoakScript
  readonly random: () => number
  /** Stands in every turn: no two talkers may have the same. */
  readonly name: string
}

/** One connection with a conversation of each kind, each on its own lane. */
export class SoakTalker {
  readonly watched: Watched
  readonly #talks: readonly Talk[]
  readonly #random: () => number

  constructor({ gate, ledger, server, script, random, name }: TalkerParts) {
    this.watched = new Watched(gate, ledger)
    this.#random = random
    this.#talks = PLANS.map((plan, at) => new Talk(this.watched, server, script, plan, `${name}.${at + 1}`))
  }

  /** Turns that were asked for. */
  get turns(): number {
    return this.#talks.reduce((sum, { turns }) => sum + turns, 0)
  }

  /** Turns that the server read, and how often it read one; once it was stopped. */
  get reached(): { readonly turns: number; readonly creates: number } {
    const sum = (count: (talk: Talk) => number): number =>
      this.#talks.reduce((total, talk) => total + count(talk), 0)
    return { turns: sum(({ reached }) => reached), creates: sum(({ creates }) => creates) }
  }

  /** Connects where it is closed for good; else asks, and now and then gives a turn up. */
  act(): void {
    const { connection } = this.watched
    if (connection.state === 'closed') connection.connect().catch(() => {})
    for (const talk of this.#talks) {
      const roll = this.#random()
      if (!talk.isBusy && roll < 0.5) talk.ask()
      else if (roll > 0.99) talk.cancel()
    }
  }

  async stop(): Promise<void> {
    await this.watched.stop()
    await Promise.all(this.#talks.map((talk) => talk.atRest(PATIENCE_MS)))
    for (const talk of this.#talks) talk.end()
  }
}
