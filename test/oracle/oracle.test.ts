import { expect, test } from 'vitest'
import { randomSchedule } from './random-schedule.ts'
import type { Schedule } from './schedule.ts'
import { shrink } from './shrink.ts'

/** Stands for a fault that one step alone brings about. */
const fails = (schedule: Schedule): Promise<boolean> =>
  Promise.resolve(schedule.steps.some((step) => step.do === 'ask' && step.who === 1))

test('the same seed is the same schedule', () => {
  expect(randomSchedule(7)).toEqual(randomSchedule(7))
  expect(randomSchedule(7)).not.toEqual(randomSchedule(8))
})

test('a failing schedule is shrunk to what it fails by', async () => {
  const schedule: Schedule = randomSchedule(3)
  const shortest = await shrink(
    { ...schedule, steps: [...schedule.steps, { do: 'ask', who: 1, with: 'run' }] },
    fails,
  )
  expect(shortest).toMatchObject({ dials: [], answers: [], httpFallback: false })
  expect(shortest.steps).toHaveLength(1)
})
