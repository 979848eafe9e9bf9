import { type AnyStateMachine, type AnyStateNode, StateMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import * as machines from '../../machines/index.ts'

/** Every chart that the package exports. */
const charts: readonly AnyStateMachine[] = Object.values<unknown>(machines).filter(
  (value) => value instanceof StateMachine,
)

const KINDS = ['actions', 'guards', 'delays'] as const

function* nodesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node
  for (const child of Object.values(node.states)) yield* nodesOf(child)
}

/** Every name that a part of the chart's config uses for an action, guard or delay. */
function namesUsed(chart: AnyStateMachine, kind: (typeof KINDS)[number]): Set<string> {
  const names = new Set<string>()
  const add = (value: unknown): void => {
    if (typeof value === 'string') names.add(value)
    else if (typeof value === 'object' && value !== null && 'type' in value) names.add(String(value.type))
    else if (typeof value === 'function' && 'guards' in value) (value.guards as unknown[]).forEach(add)
  }
  for (const node of nodesOf(chart.root)) {
    const transitions = [...node.transitions.values(), node.always ?? []].flat()
    if (kind === 'guards') for (const transition of transitions) add(transition.guard)
    if (kind === 'delays') for (const { delay } of node.after) add(delay)
    if (kind !== 'actions') continue
    for (const transition of transitions) transition.actions.forEach(add)
    // What XState adds itself to set and clear timers has functions, not names.
    for (const action of [...node.entry, ...node.exit]) if (typeof action !== 'function') add(action)
  }
  return names
}

it('there are five charts', () => {
  expect(charts.map(({ id }) => id).toSorted()).toEqual([
    'connection',
    'conversation',
    'line',
    'steer',
    'turn',
  ])
})

describe.each(charts.map((chart) => ({ id: chart.id, chart })))('the $id chart', ({ chart }) => {
  // A missing action is silent in XState, a missing guard or delay is an error when it is reached.
  it.each(KINDS)('has an implementation for each of its %s', (kind) => {
    const known = chart.implementations[kind]
    expect([...namesUsed(chart, kind)].filter((name) => !(name in known))).toEqual([])
  })

  it.each(KINDS)('uses each of the %s that it implements', (kind) => {
    const used = namesUsed(chart, kind)
    expect(Object.keys(chart.implementations[kind]).filter((name) => !used.has(name))).toEqual([])
  })

  // An eventless transition without a guard is taken at once: one that leads back would hang the process.
  it('has a guard on each eventless transition, but for the last way out of a state that decides', () => {
    const bare = [...nodesOf(chart.root)].flatMap((node) => {
      const always = node.always ?? []
      const isDeciding = node.transitions.size === 0 && always.length > 1
      return (isDeciding ? always.slice(0, -1) : always).filter(({ guard }) => guard === undefined)
    })
    expect(bare).toEqual([])
  })

  it('leaves no state without a way out, unless it is final', () => {
    const dead = [...nodesOf(chart.root)].filter((node) => {
      if (node.type !== 'atomic') return false
      for (let at: AnyStateNode | undefined = node; at !== undefined; at = at.parent)
        if (at.transitions.size > 0 || (at.always?.length ?? 0) > 0) return false
      return true
    })
    expect(dead.map(({ id }) => id)).toEqual([])
  })
})
