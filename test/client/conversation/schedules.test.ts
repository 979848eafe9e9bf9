import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { runSchedule } from './schedules/run.ts'
import { schedules } from './schedules/schedule.ts'
import { verdictOn } from './schedules/verdict.ts'

const RUNS = Number(process.env['HOLDLINE_SCHEDULES'] ?? 300)
const SEED = Number(process.env['HOLDLINE_SEED'] ?? 1)

it('holds its promises under any schedule of faults, with lanes', async () => {
  const t = performance.now()
  await fc.assert(
    fc.asyncProperty(schedules('lanes'), async (schedule) => {
      expect(verdictOn(await runSchedule(schedule))).toEqual([])
    }),
    { numRuns: RUNS, seed: SEED },
  )
  console.log((performance.now() - t) / RUNS)
}, 600_000)
