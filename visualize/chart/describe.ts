import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import { HoldlineError } from '../../src/protocol/errors.ts'
import { type ChartModel, type ChartState, type ChartTransition, transitionId } from './model.ts'
import { actionNames } from '../../src/recording/action-names.ts'
import { guardName } from '../../src/recording/guard-name.ts'
import { eventLabel } from './names.ts'

/**
 * The chart of a machine as plain data.
 *
 * @throws {HoldlineError} `ERR_INSPECTOR` for anything but an XState 5 machine
 */
export function describeChart(machine: AnyStateMachine): ChartModel {
  if (!isMachine(machine)) {
    throw new HoldlineError(
      'ERR_INSPECTOR',
      `${typeof machine === 'object' ? 'An object' : `A ${typeof machine}`} is no XState 5 machine. ` +
        'Nothing was drawn. Give what setup(…).createMachine(…) or createMachine(…) returned.',
    )
  }
  const nodes = [...withDescendants(machine.root)]
  return {
    id: machine.id,
    states: nodes.map(describeState),
    transitions: nodes.flatMap((node) => describeTransitions(node)),
  }
}

/** True for an XState 5 machine, of this copy of XState or another. */
export function isMachine(value: unknown): value is AnyStateMachine {
  if (typeof value !== 'object' || value === null || !('root' in value) || !('implementations' in value))
    return false
  const root: unknown = value.root
  return typeof root === 'object' && root !== null && 'states' in root && 'transitions' in root
}

/** The path of a state node: names from the root down. */
export function pathOf(node: Pick<AnyStateNode, 'path'>): string {
  return node.path.join('.')
}

function* withDescendants(node: AnyStateNode): Generator<AnyStateNode> {
  yield node
  for (const child of Object.values<AnyStateNode>(node.states)) yield* withDescendants(child)
}

function describeState(node: AnyStateNode): ChartState {
  const initial = node.type === 'compound' ? node.initial.target[0] : undefined
  return {
    path: pathOf(node),
    name: node.parent === undefined ? node.machine.id : node.key,
    parent: node.parent === undefined ? null : pathOf(node.parent),
    kind: node.type,
    initial: initial === undefined ? null : pathOf(initial),
    entry: actionNames(node.entry),
    exit: actionNames(node.exit),
    invokes: node.invoke.map((invoke) => invoke.id),
  }
}

function describeTransitions(node: AnyStateNode): ChartTransition[] {
  const described: ChartTransition[] = []
  for (const [on, candidates] of node.transitions) {
    for (const [index, candidate] of candidates.entries())
      described.push(describeTransition(node, on, index, candidate))
  }
  for (const [index, candidate] of (node.always ?? []).entries()) {
    described.push(describeTransition(node, '', index, candidate))
  }
  return described
}

function describeTransition(
  node: AnyStateNode,
  on: string,
  index: number,
  candidate: AnyTransitionDefinition,
): ChartTransition {
  const source = pathOf(node)
  const { label, delay } = eventLabel(on, node)
  return {
    id: transitionId(source, on, index),
    source,
    on,
    index,
    label,
    delay,
    targets: (candidate.target ?? []).map(pathOf),
    guard: guardName(candidate.guard),
    actions: actionNames(candidate.actions),
    reenter: candidate.reenter,
  }
}
