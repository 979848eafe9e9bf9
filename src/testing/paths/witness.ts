import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate'
import { edgeId } from './edges.ts'

/** What one event made a chart do. */
export interface Move {
  readonly event: string
  /** Edges that were taken, in order. */
  readonly taken: readonly string[]
  /** Edges whose guard was asked and said no. */
  readonly refused: readonly string[]
  /** States left and entered, by id. */
  readonly left: readonly string[]
  readonly entered: readonly string[]
}

/** Writes down which transitions of one chart are taken, in every actor of it. Hand `inspect` to the root actor. */
export class Witness {
  readonly moves: Move[] = []
  readonly #id: string
  readonly #before = new WeakMap<object, AnyMachineSnapshot>()

  constructor(machine: AnyStateMachine) {
    this.#id = machine.id
  }

  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return
    const snapshot = event.snapshot as AnyMachineSnapshot
    if (!('machine' in snapshot) || snapshot.machine.id !== this.#id) return
    const before = this.#before.get(event.actorRef)
    this.#before.set(event.actorRef, snapshot)
    const taken = event._transitions.map((transition) => edgeId(transition))
    this.moves.push({
      event: event.event.type,
      taken,
      refused: before === undefined ? [] : refusedBy(before, event.event.type, new Set(taken)),
      left: before === undefined ? [] : without(before, snapshot),
      entered: before === undefined ? snapshot._nodes.map(({ id }) => id) : without(snapshot, before),
    })
  }

  /** The moves since the last call. */
  takeMoves(): Move[] {
    return this.moves.splice(0)
  }
}

function without(all: AnyMachineSnapshot, but: AnyMachineSnapshot): string[] {
  const ids = new Set(but._nodes.map(({ id }) => id))
  return all._nodes.map(({ id }) => id).filter((id) => !ids.has(id))
}

/** XState asks from each innermost state outwards, and stops at the first candidate that is enabled. */
function refusedBy(before: AnyMachineSnapshot, type: string, taken: ReadonlySet<string>): string[] {
  const refused = new Set<string>()
  const innermost = before._nodes.filter((node) => Object.keys(node.states).length === 0)
  for (const leaf of innermost) {
    for (let node: AnyStateNode | undefined = leaf; node !== undefined; node = node.parent) {
      const candidates = node.transitions.get(type) ?? []
      const ids = candidates.map((candidate) => edgeId(candidate))
      const chosen = ids.findIndex((id) => taken.has(id))
      for (const id of chosen === -1 ? ids : ids.slice(0, chosen)) refused.add(id)
      if (chosen !== -1) break
    }
  }
  return [...refused]
}
