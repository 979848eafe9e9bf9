import { expect, test } from 'vitest'
import { drive } from './drive.ts'
import { judge } from './judge.ts'
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

const COUNT = process.env['HOLDLINE_LONG'] === '1' ? 2_000 : 150

test(`${COUNT} random schedules break no promise`, { timeout: 1_200_000 }, async () => {
  const broken: string[] = []
  for (let seed = 1; seed <= COUNT; seed += 1) {
    for (const { promise, detail } of judge(await drive(randomSchedule(seed)))) {
      broken.push(`seed ${seed}: ${promise}: ${detail}`)
    }
  }
  expect(broken).toEqual([])
})
