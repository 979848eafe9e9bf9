import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordingEntry } from '../../../src/recording/format.ts'
import { History } from '../../../visualize/view/history.ts'
import { WorldBuilder, entriesOf } from '../../../visualize/view/world.ts'

const actors = ['a', 'b', 'a/c']

const entry = fc.oneof(
  fc.record({
    kind: fc.constant('actor' as const),
    actor: fc.constantFrom(...actors),
    change: fc.constantFrom('started' as const, 'stopped' as const, 'present' as const),
    chart: fc.constantFrom('m', null),
    state: fc.constantFrom('idle', null),
    context: fc.constant({ n: 0, inner: { m: 0 } }),
  }),
  fc.record({
    kind: fc.constant('transition' as const),
    actor: fc.constantFrom(...actors),
    event: fc.constant({ type: 'e' }),
    source: fc.constant(null),
    from: fc.constant('idle'),
    to: fc.constantFrom('idle', 'busy'),
    taken: fc.constant([]),
    refused: fc.constant([]),
    actions: fc.constant([]),
    changed: fc.array(fc.record({ path: fc.constantFrom(['n'], ['inner', 'm']), after: fc.nat(3) }), {
      maxLength: 2,
    }),
    status: fc.constant('active' as const),
  }),
  fc.record({
    kind: fc.constant('timer' as const),
    actor: fc.constantFrom(...actors),
    change: fc.constantFrom('set' as const, 'cleared' as const, 'fired' as const),
    id: fc.constantFrom('t1', 't2'),
    delay: fc.constant('t'),
    delayMs: fc.nat(100),
    state: fc.constant(null),
  }),
)

function timed(list: readonly object[]): RecordingEntry[] {
  return list.map((value, at) => ({ at, ...value }) as RecordingEntry)
}

describe('history', () => {
  it('gives at every point the world that playing up to there gives, checkpoints or not', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), fc.nat(3000), (pattern, point) => {
        const list = timed(Array.from({ length: 2500 }, (_, index) => pattern[index % pattern.length] ?? {}))
        const history = new History()
        history.add(list)
        const builder = new WorldBuilder()
        for (const one of list.slice(0, point)) builder.play(one)
        expect(history.worldBefore(point)).toEqual(builder.snapshot())
      }),
      { numRuns: 30 },
    )
  })

  it('forgets its oldest part, and still knows the world at what is left', () => {
    const list = timed(
      Array.from({ length: 6000 }, (_, index) =>
        index === 0
          ? { kind: 'actor', actor: 'a', change: 'started', chart: 'm', state: 'idle', context: { n: 0 } }
          : {
              kind: 'transition',
              actor: 'a',
              event: { type: 'e' },
              source: null,
              from: 'idle',
              to: 'idle',
              taken: [],
              refused: [],
              actions: [],
              changed: [{ path: ['n'], after: index }],
              status: 'active',
            },
      ),
    )
    const history = new History(5000)
    for (let start = 0; start < list.length; start += 100) history.add(list.slice(start, start + 100))
    expect(history.first).toBeGreaterThan(0)
    expect(history.next).toBe(6000)
    for (const number of [history.first, history.first + 1, 4321, 6000]) {
      expect(history.worldBefore(number).actors.get('a')?.context).toEqual({ n: number - 1 })
    }
    expect(history.numberAt(4321)).toBe(4322)
  })
})

it('a world written as entries is the same world', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (list) => {
      const first = new WorldBuilder()
      for (const one of timed(list)) first.play(one)
      const world = first.snapshot()
      const second = new WorldBuilder()
      for (const one of entriesOf(world)) second.play(one)
      const shape = (from: typeof world) =>
        [...from.actors.values()]
          .filter(({ status }) => status === 'running')
          .map(({ path, chart, state, context, timers }) => ({
            path,
            chart,
            state,
            context,
            timers: [...timers.keys()],
          }))
      expect(shape(second.snapshot())).toEqual(shape(world))
    }),
  )
})

it('actors that are gone are shown for a while, and not for ever', () => {
  const builder = new WorldBuilder()
  for (let index = 0; index < 1000; index += 1) {
    for (const change of ['started', 'stopped'] as const) {
      builder.play({ at: index, kind: 'actor', actor: `a${index}`, change, chart: null, state: null })
    }
  }
  const { actors: left } = builder.snapshot()
  expect(left.size).toBeLessThanOrEqual(200)
  expect(left.has('a999')).toBe(true)
})
