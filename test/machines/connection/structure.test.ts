import { getAdjacencyMap } from 'xstate/graph'
import {
  type AnyStateMachine,
  type AnyStateNode,
  __unsafe_getAllOwnEventDescriptors,
  createActor,
  initialTransition,
} from 'xstate'
import { describe, expect, it } from 'vitest'
import { type ConnectionEvent, connectionChart } from '../../../machines/index.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'

const FIVE = ['idle', 'connecting', 'open', 'reconnecting', 'closed']

function* nodesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node
  for (const child of Object.values(node.states)) yield* nodesOf(child)
}

const nodes = [...nodesOf(connectionChart.root)]

/** Every name that a part of the chart's config uses for an action, guard or delay. */
function namesUsed(kind: 'actions' | 'guards' | 'delays'): Set<string> {
  const names = new Set<string>()
  const add = (value: unknown): void => {
    if (typeof value === 'string') names.add(value)
    else if (typeof value === 'object' && value !== null && 'type' in value) names.add(String(value.type))
    else if (typeof value === 'function' && 'guards' in value) (value.guards as unknown[]).forEach(add)
  }
  for (const node of nodes) {
    const transitions = [...node.transitions.values()].flat()
    if (kind === 'guards') for (const transition of transitions) add(transition.guard)
    if (kind === 'delays') for (const { delay } of node.after) add(delay)
    if (kind !== 'actions') continue
    for (const transition of transitions) transition.actions.forEach(add)
    // What XState adds itself to set and clear timers has functions, not names.
    for (const action of [...node.entry, ...node.exit]) if (typeof action === 'string') names.add(action)
  }
  return names
}

describe('the chart', () => {
  it('shows five names at its top level and nothing else', () => {
    expect(Object.keys(connectionChart.root.states)).toEqual(FIVE)
  })

  // A missing action is silent in XState, a missing guard or delay is an error when it is reached.
  it.each(['actions', 'guards', 'delays'] as const)('has an implementation for each of its %s', (kind) => {
    const used = namesUsed(kind)
    expect(used.size).toBeGreaterThan(5)
    expect([...used].filter((name) => !(name in connectionChart.implementations[kind]))).toEqual([])
  })

  it.each(['actions', 'guards', 'delays'] as const)('uses each of the %s that it implements', (kind) => {
    const used = namesUsed(kind)
    expect(Object.keys(connectionChart.implementations[kind]).filter((name) => !used.has(name))).toEqual([])
  })

  // An eventless loop hangs the process; and `closed` must hear `connect`.
  it('has no eventless transition and no final state', () => {
    expect(nodes.filter((node) => (node.always?.length ?? 0) > 0 || node.type === 'final')).toEqual([])
  })

  it('ends in closed with a clear error when no socket was provided', () => {
    const actor = createActor(connectionChart, { clock: new SimulatedClock(), input: {} }).start()
    actor.send({ type: 'connect' })
    const { value, context } = actor.getSnapshot()
    expect(value).toEqual({ closed: 'settled' })
    expect(context.closedBecause).toBe('ERR_NO_SOCKET')
    expect(context.lastCloseInfo?.reason).toContain('provide one as "socket"')
  })

  it('can be explored without being started: all five names are reachable', () => {
    const [fromState] = initialTransition(connectionChart, { maxRetries: 1 })
    const map = getAdjacencyMap(connectionChart as AnyStateMachine, {
      fromState,
      limit: 5_000,
      // The ids of facts follow the state's own, or every one of them would be stale.
      events: (state) =>
        __unsafe_getAllOwnEventDescriptors(state).map(
          (type) => payload(type, state.context.connectionId) as ConnectionEvent,
        ),
      serializeState: ({ value, context: { retry, renewals, closedBecause } }) =>
        JSON.stringify([value, retry.attempt, renewals, closedBecause]),
    })
    const names = Object.values(map).map(({ state: { value } }) =>
      typeof value === 'string' ? value : Object.keys(value as object)[0],
    )
    expect(new Set(names)).toEqual(new Set(FIVE))
  })
})

function payload(type: string, connectionId: number): object {
  const loss = { phase: 'open', code: 1006, reason: '', errno: null, error: null, heard: true }
  const refusal = { status: 503, code: null, retryAfterMs: null }
  return {
    type,
    connectionId,
    loss,
    refusal,
    outcome: 'completed',
    responseId: 'resp_1',
    lane: null,
    event: {},
  }
}
