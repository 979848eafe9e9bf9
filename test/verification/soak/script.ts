import { pick } from '../model/random.ts'
import { TURN_FAULTS, faultedTurn } from '../../../src/testing/model/turn-faults.ts'
import type { Turn } from '../../../src/testing/script/types.ts'
import type { ModelRequest } from '../../../src/testing/server/request.ts'
import type { Item } from '../../../src/testing/server/wire.ts'
import type { Ledger } from './ledger.ts'

/** What the server made of a turn. */
export interface Answered {
  /** Runs that were refused before anything came of them. */
  readonly refusals: number
  /** The items that the last run started from. */
  readonly context: readonly Item[]
}

const FAULTS: readonly (readonly [kind: string, turn: Turn])[] = [
  ...TURN_FAULTS.map((kind) => [kind, faultedTurn(kind).turn] as const),
  ['failed', { text: 'a b c', failed: {} }],
  ['incomplete', { text: 'a b c', incomplete: {} }],
  ['reset', { text: 'a b c', faults: [{ at: 'delta', do: 'terminate', reset: true }] }],
  ['stop reading', { text: 'a b c', faults: [{ at: 'created', do: 'stop-reading', ms: 200 }] }],
  ['server error', { error: { status: 500 } }],
]

/** What is remembered of turns that nobody asks for, as those without a marker. */
const KEPT = 10_000

/** What the server's model says: a fault now and then, a tool call where one can be answered, else a few words. */
export class SoakScript {
  readonly #ledger: Ledger
  readonly #random: () => number
  readonly #answered = new Map<string, Answered>()

  constructor(ledger: Ledger, random: () => number) {
    this.#ledger = ledger
    this.#random = random
  }

  readonly answer = (request: ModelRequest): Turn => {
    const turn = this.#turn(request)
    const known = this.#answered.get(request.turnKey)
    const isRefusal = turn.error !== undefined && turn.text === undefined
    this.#answered.set(request.turnKey, {
      refusals: (known?.refusals ?? 0) + (isRefusal ? 1 : 0),
      context: request.context,
    })
    for (const key of this.#answered.keys()) {
      if (this.#answered.size <= KEPT) break
      this.#answered.delete(key)
    }
    return turn
  }

  /** What was made of a turn, which is forgotten with that; null where it never ran. */
  take(key: string): Answered | null {
    const answered = this.#answered.get(key) ?? null
    this.#answered.delete(key)
    return answered
  }

  #turn({ body }: ModelRequest): Turn {
    const roll = this.#random()
    const fault = roll < 0.3 ? pick(FAULTS, this.#random) : undefined
    if (fault !== undefined) {
      this.#ledger.fault(`in a turn: ${fault[0]}`)
      return fault[1]
    }
    return roll > 0.85 && body['tools'] !== undefined ? { calls: [{ name: 'look' }] } : { text: 'a b c' }
  }
}
