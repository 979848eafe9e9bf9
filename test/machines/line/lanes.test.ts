import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type LaneTable,
  acquireLane,
  drainedLane,
  inFlight,
  isStuck,
  laneTable,
  releaseLane,
  vacateLanes,
} from '../../../machines/line/lanes.ts'

const OPENAI = { inFlight: 16, names: 32 }

function acquired(table: LaneTable, holder: string, wanted?: string) {
  const result = acquireLane(table, holder, wanted)
  if (result === null) throw new Error(`${holder} has to wait`)
  return result
}

describe('a connection with lanes', () => {
  it('gives the default lane first, then names of its own', () => {
    const first = acquired(laneTable(OPENAI), 'a')
    const second = acquired(first.table, 'b')
    const third = acquired(second.table, 'c')
    expect([first, second, third].map(({ lease }) => lease.name)).toEqual([null, 'lane-1', 'lane-2'])
  })

  it('gives a conversation the lane that it held before', () => {
    const { table, lease } = acquired(laneTable(OPENAI), 'a', 'main')
    const other = acquired(table, 'b').table
    expect(acquired(releaseLane(other, 'main', false), 'a').lease).toEqual(lease)
  })

  it('gives another lane while its own is draining', () => {
    const { table } = acquired(laneTable(OPENAI), 'a')
    const draining = releaseLane(table, null, true)
    expect(acquired(draining, 'a').lease.name).toBe('lane-1')
  })

  it('lets the seventeenth wait', () => {
    let table = laneTable(OPENAI)
    for (let i = 0; i < 16; i += 1) table = acquired(table, `c${i}`).table
    expect(acquireLane(table, 'one more')).toBeNull()
  })

  it('takes over the longest unused lane when the names are used up', () => {
    let table = laneTable({ inFlight: 2, names: 2 })
    for (const holder of ['a', 'b', 'c']) {
      const { table: next, lease } = acquired(table, holder)
      table = releaseLane(next, lease.name, false)
    }
    const { lease } = acquired(table, 'd')
    expect(lease).toEqual({ name: null, serial: 1 })
  })
})

describe('a connection without lanes', () => {
  it('runs one turn at a time, on the default lane', () => {
    const { table, lease } = acquired(laneTable(null), 'a', 'main')
    expect(lease).toEqual({ name: null, serial: 0 })
    expect(acquireLane(table, 'b')).toBeNull()
    expect(acquired(releaseLane(table, null, false), 'b').lease).toEqual({ name: null, serial: 1 })
  })

  it('is stuck while a given-up turn drains, and free after', () => {
    const { table } = acquired(laneTable(null), 'a')
    const draining = releaseLane(table, null, true)
    expect(isStuck(draining)).toBe(true)
    expect(acquireLane(draining, 'a')).toBeNull()
    expect(acquired(drainedLane(draining, null), 'a').lease).toEqual({ name: null, serial: 0 })
  })
})

it('a conversation that is gone leaves its lane to others', () => {
  const { table } = acquired(laneTable({ inFlight: 2, names: 0 }), 'a')
  const vacated = vacateLanes(releaseLane(table, null, false), 'a')
  expect(acquired(vacated, 'b').lease).toEqual({ name: null, serial: 1 })
})

it('no run of turns breaks the limits, or gives one lane to two', () => {
  const step = fc.record({
    who: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    what: fc.constantFrom('turn', 'end', 'abandon', 'drain', 'leave'),
  })
  const limits = fc.option(fc.record({ inFlight: fc.integer({ min: 1, max: 4 }), names: fc.nat(4) }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), limits, (steps, given) => {
      let table = laneTable(given)
      const running = new Map<string, string | null>()
      for (const { who, what } of steps) {
        const lane = running.get(who)
        if (what === 'turn' && lane === undefined) {
          const result = acquireLane(table, who, `wish-${who}`)
          if (result === null) continue
          expect([...running.values()]).not.toContain(result.lease.name)
          running.set(who, result.lease.name)
          table = result.table
        } else if (what === 'drain') {
          for (const { name } of table.lanes) table = drainedLane(table, name)
        } else if (what === 'leave' && lane === undefined) {
          table = vacateLanes(table, who)
        } else if (lane !== undefined && what !== 'turn') {
          table = releaseLane(table, lane, what === 'abandon')
          running.delete(who)
        }
        expect(inFlight(table)).toBeLessThanOrEqual(given?.inFlight ?? 1)
        const names = table.lanes.map(({ name }) => name)
        expect(new Set(names).size).toBe(names.length)
        expect(names.filter((name) => name !== null).length).toBeLessThanOrEqual(given?.names ?? 0)
      }
    }),
  )
})
