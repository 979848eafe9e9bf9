import type { AnyStateNode, AnyTransitionDefinition } from 'xstate'
import type { TransitionStep } from './format.ts'
import { guardName } from './guard-name.ts'

/** A transition that XState selected, as a step of a recording. Null for what no chart declares, as its start. */
export function stepOf(transition: AnyTransitionDefinition): TransitionStep | null {
  const { source, eventType } = transition
  const candidates = candidatesOf(source, eventType)
  const index = candidates.indexOf(transition)
  return index === -1 ? null : describe(transition, index)
}

/** What was asked before a transition that no event had to lead to, and whose guards said no. */
export function refusedBefore({ on, index }: TransitionStep, of: AnyTransitionDefinition): TransitionStep[] {
  if (on !== '') return []
  return candidatesOf(of.source, on)
    .slice(0, index)
    .map((candidate, place) => describe(candidate, place))
}

/**
 * The candidates for an event that were asked before the ones taken, and whose guards said no. They are found from
 * the states that were active, innermost first, as XState looks for them.
 */
export function refusedSteps(
  active: readonly AnyStateNode[],
  eventType: string,
  taken: readonly TransitionStep[],
): TransitionStep[] {
  const refused = new Map<AnyTransitionDefinition, TransitionStep>()
  for (const leaf of active) {
    if (leaf.type !== 'atomic' && leaf.type !== 'final') continue
    for (let node: AnyStateNode | undefined = leaf; node !== undefined; node = node.parent) {
      const path = node.path.join('.')
      const chosen = taken.find((step) => step.source === path && step.on === eventType)
      for (const [index, candidate] of candidatesOf(node, eventType).entries()) {
        if (chosen !== undefined && index >= chosen.index) break
        if (candidate.guard !== undefined) refused.set(candidate, describe(candidate, index))
      }
      if (chosen !== undefined) break
    }
  }
  return [...refused.values()]
}

function candidatesOf(node: AnyStateNode, eventType: string): readonly AnyTransitionDefinition[] {
  if (eventType === '') return node.always ?? []
  return node.transitions.get(eventType) ?? []
}

function describe(transition: AnyTransitionDefinition, index: number): TransitionStep {
  return {
    source: transition.source.path.join('.'),
    on: transition.eventType,
    index,
    targets: (transition.target ?? []).map((node) => node.path.join('.')),
    guard: guardName(transition.guard),
  }
}
