import type { Turn } from '../script/types.ts'
import { parseAt } from '../script/parse.ts'
import { turn as turnSchema } from '../script/turn.ts'
import type { Model } from './model.ts'
import { lastWords } from './model.ts'
import type { ModelRequest } from './request.ts'

/**
 * The scripted turns, in order. Each request that starts takes the first entry that fits it and is not used up;
 * where none does, the default answers. A successor that steering starts counts as a request of its own.
 */
export class TurnScript {
  readonly #entries: { readonly turn: Turn; left: number }[] = []
  readonly #default: Turn | null
  readonly #model: Model

  constructor(turns: readonly Turn[], fallback: Turn | null, model: Model) {
    this.add(turns)
    this.#default = fallback
    this.#model = (request) => parseAt(turnSchema, model(request), 'model(request)')
  }

  add(turns: readonly Turn[]): void {
    for (const turn of turns) this.#entries.push({ turn, left: turn.times ?? 1 })
  }

  /** How many requests the entries left can answer. */
  get left(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.left, 0)
  }

  /** Never throws: where the model function fails, the turn is an error of status 500 that says so. */
  take(request: ModelRequest): Turn {
    try {
      return this.#take(request)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { error: { status: 500, message: `The model function of the test server failed: ${why}` } }
    }
  }

  #take(request: ModelRequest): Turn {
    const index = this.#entries.findIndex((entry) => fits(entry.turn, request))
    const entry = this.#entries[index]
    if (entry !== undefined) {
      entry.left -= 1
      if (entry.left === 0) this.#entries.splice(index, 1)
      return withOutput(entry.turn, request, this.#model)
    }
    if (request.warmup) return {}
    if (request.compaction === 'all') return COMPACTION
    return this.#default === null ? this.#model(request) : withOutput(this.#default, request, this.#model)
  }
}

/** A request that asks for compaction is answered by exactly that (Compaction guide). */
const COMPACTION: Turn = { output: [{ type: 'compaction' }] }

/** A turn that says only how to misbehave gets its words from the model. */
function withOutput(turn: Turn, request: ModelRequest, model: Model): Turn {
  const { text, calls, output, reasoning, error, failed, byHand } = turn
  const speaks = [text, calls, output, reasoning, error, failed, byHand].some((given) => given !== undefined)
  if (speaks || request.warmup) return turn
  if (request.compaction === 'all') return { ...COMPACTION, ...turn }
  return { ...model(request), ...turn }
}

function fits(turn: Turn, request: ModelRequest): boolean {
  const { model, lane, input, key, warmup, compaction, transport } = turn.match ?? {}
  return (
    (warmup ?? false) === request.warmup &&
    (compaction ?? false) === (request.compaction === 'all') &&
    (model === undefined || model === request.model) &&
    (lane === undefined || lane === request.lane) &&
    (input === undefined || lastWords(request.context).includes(input)) &&
    (key === undefined || key === request.turnKey) &&
    (transport === undefined || transport === request.transport)
  )
}
