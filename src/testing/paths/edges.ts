import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'

/** One transition of a chart as it is written down: a candidate for an event in a state. */
export interface Edge {
  /** `STATE|EVENT|INDEX`, as in `connection.open.age.fresh|xstate.after.ripeAfter.connection.open.age.fresh|0`. */
  readonly id: string
  /** The id of the state that it belongs to. */
  readonly source: string
  /** The event that it stands under. */
  readonly on: string
  /** Its place among the candidates for that event, from 0. */
  readonly index: number
  /** The ids of the states that it leads to; empty for one without a target. */
  readonly targets: readonly string[]
  /** The name of its guard, `and(a, b)` for a composed one; null for none. */
  readonly guard: string | null
  /** The name of its delay, where time takes it; else null. */
  readonly delay: string | null
}

/** All states of a chart, parents before children. */
export function statesOf(machine: AnyStateMachine): AnyStateNode[] {
  const found: AnyStateNode[] = []
  const visit = (node: AnyStateNode): void => {
    found.push(node)
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(machine.root)
  return found
}

/** All transitions of a chart, eventless ones included. */
export function edgesOf(machine: AnyStateMachine): Edge[] {
  return statesOf(machine).flatMap((node) =>
    candidatesOf(node).map((transition) => describe(transition, node)),
  )
}

/** The id of a transition as XState gives it in a microstep; it need not come from the same instance of the chart. */
export function edgeId(transition: AnyTransitionDefinition): string {
  const { source, eventType } = transition
  const siblings = (eventType === '' ? source.always : source.transitions.get(eventType)) ?? []
  return `${source.id}|${eventType}|${siblings.indexOf(transition)}`
}

/** The transitions that a state holds itself, in the order in which XState asks them. */
function candidatesOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...node.transitions.values(), node.always ?? []].flat()
}

function describe(transition: AnyTransitionDefinition, node: AnyStateNode): Edge {
  const id = edgeId(transition)
  const on = transition.eventType
  return {
    id,
    source: node.id,
    on,
    index: Number(id.slice(id.lastIndexOf('|') + 1)),
    targets: (transition.target ?? []).map((target) => target.id),
    guard: guardName(transition.guard),
    delay: delayName(on, node),
  }
}

/** A guard's name as the chart writes it. */
export function guardName(guard: unknown): string | null {
  if (guard === undefined || guard === null) return null
  if (typeof guard === 'string') return guard
  if (typeof guard === 'object' && 'type' in guard) return String(guard.type)
  if (typeof guard !== 'function') return '(unknown)'
  const parts: unknown = Reflect.get(guard, 'guards')
  // XState's `and`, `or` and `not` are functions of these names.
  return Array.isArray(parts) ? `${guard.name}(${parts.map(guardName).join(', ')})` : guard.name || '(inline)'
}

function delayName(on: string, node: AnyStateNode): string | null {
  const prefix = 'xstate.after.'
  const suffix = `.${node.id}`
  return on.startsWith(prefix) && on.endsWith(suffix) ? on.slice(prefix.length, -suffix.length) : null
}
