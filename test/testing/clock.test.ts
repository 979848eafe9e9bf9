import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createActor, createMachine } from 'xstate'
import { realClock, SimulatedClock } from '../../src/testing/clock.ts'

const instant = { settle: () => Promise.resolve() }

test('timers run in the order of their due times, those of one time in the order they were set', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20)), fc.array(fc.nat(8)), async (delays, steps) => {
      const clock = new SimulatedClock(instant)
      const ran: { delay: number; index: number; at: number }[] = []
      for (const [index, delay] of delays.entries()) {
        clock.setTimeout(() => ran.push({ delay, index, at: clock.now() }), delay)
      }
      for (const step of steps) await clock.advance(step)
      const reached = steps.reduce((sum, step) => sum + step, 0)
      expect(clock.now()).toBe(reached)
      // With no step at all, nothing has run yet, not even what is due at once.
      const due = steps.length === 0 ? [] : delays.map((delay, index) => ({ delay, index, at: delay }))
      const expected = due.filter(({ delay }) => delay <= reached)
      expect(ran).toEqual(expected.toSorted((a, b) => a.delay - b.delay))
      expect(clock.pending()).toHaveLength(delays.length - ran.length)
    }),
  )
})

test('a timer set by a timer runs at its own time, between the others', async () => {
  const clock = new SimulatedClock()
  const ran: string[] = []
  clock.setTimeout(() => {
    ran.push(`a@${clock.now()}`)
    clock.setTimeout(() => ran.push(`b@${clock.now()}`), 10)
  }, 10)
  clock.setTimeout(() => ran.push(`c@${clock.now()}`), 15)
  await clock.advance(100)
  expect(ran).toEqual(['a@10', 'c@15', 'b@20'])
})

test('a timer set by what a settling socket does runs at its own time', async () => {
  const clock = new SimulatedClock()
  const ran: string[] = []
  clock.setTimeout(() => {
    setImmediate(() => clock.setTimeout(() => ran.push(`late@${clock.now()}`), 5))
  }, 10)
  clock.setTimeout(() => ran.push(`c@${clock.now()}`), 20)
  await clock.advance(20)
  expect(ran).toEqual(['late@15', 'c@20'])
})

test('delays that Node would change are changed the same way', async () => {
  const clock = new SimulatedClock(instant)
  for (const delay of [-5, Number.NaN, 2 ** 31, Infinity]) clock.setTimeout(() => {}, delay)
  expect(clock.pending().map(({ at }) => at)).toEqual([0, 0, 1, 1])
})

test('a cleared timer does not run', async () => {
  const clock = new SimulatedClock({ startMs: 1000 })
  let ran = false
  const id = clock.setTimeout(() => (ran = true), 1)
  clock.clearTimeout(id)
  clock.clearTimeout(undefined)
  await clock.advance(5)
  expect([ran, clock.now()]).toEqual([false, 1005])
})

test('what a timer throws rejects the advance, and the other timers stay', async () => {
  const clock = new SimulatedClock(instant)
  clock.setTimeout(() => {
    throw new Error('broken')
  }, 1)
  clock.setTimeout(() => {}, 2)
  await expect(clock.advance(5)).rejects.toThrow('broken')
  expect(clock.pending().map(({ at }) => at)).toEqual([2])
})

test('timers that set themselves anew for the same moment do not hang the clock', async () => {
  const clock = new SimulatedClock(instant)
  const again = (): void => void clock.setTimeout(again, 0)
  again()
  await expect(clock.advance(1)).rejects.toThrow(/100000 timers/)
})

test('an XState actor takes the clock as it is', async () => {
  const clock = new SimulatedClock()
  const machine = createMachine({
    initial: 'waiting',
    states: { waiting: { after: { 3000: 'done' } }, done: {} },
  })
  const actor = createActor(machine, { clock }).start()
  await clock.advance(2999)
  expect(actor.getSnapshot().value).toBe('waiting')
  await clock.advance(1)
  expect(actor.getSnapshot().value).toBe('done')
})

test('the real clock is Node’s', async () => {
  const before = realClock.now()
  await new Promise<void>((resolve) => {
    realClock.setTimeout(resolve, 1)
  })
  realClock.clearTimeout(realClock.setTimeout(() => expect.unreachable(), 1))
  expect(realClock.now()).toBeGreaterThanOrEqual(before)
})

test('pending says what is due, when, and for which state of a watched system', async () => {
  const clock = new SimulatedClock()
  const machine = createMachine({
    id: 'door',
    initial: 'ajar',
    states: { ajar: { after: { 3000: 'shut' } }, shut: {} },
  })
  const actor = createActor(machine, { clock, id: 'front' })
  clock.watch(actor)
  actor.start()
  clock.setTimeout(() => {}, 10)
  expect(clock.pending()).toEqual([
    { at: 10, actor: null, event: null, state: null },
    { at: 3000, actor: 'front', event: 'xstate.after.3000.door.ajar', state: 'door.ajar' },
  ])
  expect([await clock.next(), clock.now()]).toEqual([10, 10])
  expect([await clock.next(), clock.now()]).toEqual([2990, 3000])
  expect(actor.getSnapshot().value).toBe('shut')
  expect([await clock.next(), clock.now()]).toEqual([0, 3000])
})
