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

const next = (node: AnyStateNode): AnyStateNode[] => (node.always ?? []).flatMap(({ target }) => target ?? [])

describe('the chart', () => {
  it('shows five names at its top level and nothing else', () => {
    expect(Object.keys(connectionChart.root.states)).toEqual(FIVE)
  })

  // An eventless loop hangs the process.
  it('comes back to no state by eventless transitions alone', () => {
    for (const node of nodes) {
      let reached = next(node)
      for (let step = 0; reached.length > 0; step += 1) {
        expect(step, `a loop of eventless transitions from ${node.id}`).toBeLessThan(nodes.length)
        expect(reached).not.toContain(node)
        reached = reached.flatMap(next)
      }
    }
  })

  it('has few enough transitions to be read: a loss is decided in one place', () => {
    const count = nodes.reduce(
      (sum, { transitions, always }) => sum + [...transitions.values()].flat().length + (always?.length ?? 0),
      0,
    )
    expect(count).toBeLessThanOrEqual(75)
  })

  it('has no final state, because `closed` must hear `connect`', () => {
    expect(nodes.filter(({ type }) => type === 'final')).toEqual([])
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
