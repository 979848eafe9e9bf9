import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  InspectionEvent,
} from 'xstate'
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

type ActorRefLike = InspectionEvent['actorRef']

interface Seen {
  readonly event: string
  readonly transitions: readonly AnyTransitionDefinition[]
  readonly before: AnyMachineSnapshot | undefined
  readonly after: AnyMachineSnapshot
}

/** Writes down which transitions of one chart are taken, in every actor of it. Hand `inspect` to the root actor. */
export class Witness {
  readonly #id: string
  readonly #before = new WeakMap<object, AnyMachineSnapshot>()
  #seen: Seen[] = []

  constructor(machine: AnyStateMachine) {
    this.#id = machine.id
  }

  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return
    const after = event.snapshot as AnyMachineSnapshot
    if (!('machine' in after) || after.machine.id !== this.#id) return
    const { type } = event.event
    // A restored actor has a snapshot before its first step; one that starts has none.
    const before =
      this.#before.get(event.actorRef) ?? (type === 'xstate.init' ? undefined : current(event.actorRef))
    this.#before.set(event.actorRef, after)
    this.#seen.push({ event: type, transitions: event._transitions, before, after })
  }

  /** Leaves out what has been seen so far. */
  forget(): void {
    this.#seen = []
  }

  /** The moves since the last call. */
  takeMoves(): Move[] {
    const moves = this.#seen.map(moveOf)
    this.forget()
    return moves
  }
}

function current(actor: ActorRefLike): AnyMachineSnapshot | undefined {
  return actor.getSnapshot() as AnyMachineSnapshot | undefined
}

function moveOf({ event, transitions, before, after }: Seen): Move {
  const taken = transitions.map((transition) => edgeId(transition))
  return {
    event,
    taken,
    refused: [...(before === undefined ? [] : refusedBy(before, event, new Set(taken))), ...restingIn(after)],
    left: before === undefined ? [] : without(before, after),
    entered: before === undefined ? after._nodes.map(({ id }) => id) : without(after, before),
  }
}

function without(all: AnyMachineSnapshot, but: AnyMachineSnapshot): string[] {
  const ids = new Set(but._nodes.map(({ id }) => id))
  return all._nodes.map(({ id }) => id).filter((id) => !ids.has(id))
}

/** At rest, every eventless transition of an active state has been asked and said no. */
function restingIn({ _nodes, status }: AnyMachineSnapshot): string[] {
  if (status !== 'active') return []
  return _nodes.flatMap((node) => (node.always ?? []).map((transition) => edgeId(transition)))
}

/** XState asks from each innermost state outwards, and stops at the first candidate that is enabled. */
function refusedBy(before: AnyMachineSnapshot, type: string, taken: ReadonlySet<string>): string[] {
  const refused = new Set<string>()
  const innermost = before._nodes.filter((node) => Object.keys(node.states).length === 0)
  for (const leaf of innermost) {
    for (let node: AnyStateNode | undefined = leaf; node !== undefined; node = node.parent) {
      const candidates = candidatesFor(node, type)
      const ids = candidates.map((candidate) => edgeId(candidate))
      const chosen = ids.findIndex((id) => taken.has(id))
      for (const id of chosen === -1 ? ids : ids.slice(0, chosen)) refused.add(id)
      if (chosen !== -1) break
    }
  }
  return [...refused]
}

/** What a state has for an event, wildcards included, in the order in which XState asks: the longest name first. */
function candidatesFor({ transitions }: AnyStateNode, type: string): AnyTransitionDefinition[] {
  const names = [...transitions.keys()].filter((name) => name === type || isWildcardFor(name, type))
  return names.toSorted((a, b) => b.length - a.length).flatMap((name) => transitions.get(name) ?? [])
}

function isWildcardFor(name: string, type: string): boolean {
  return name === '*' || (name.endsWith('.*') && type.startsWith(name.slice(0, -1)))
}
