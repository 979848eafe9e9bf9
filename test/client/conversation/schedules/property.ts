import * as fc from 'fast-check'
import { expect } from 'vitest'
import { runSchedule } from './run.ts'
import { type Kind, schedules } from './schedule.ts'
import { verdictOn } from './verdict.ts'
import { runs } from '../../../support/effort.ts'

// A failure prints its seed and the path to the smallest schedule that shows it; both can be given back here.
const { HOLDLINE_SEED, HOLDLINE_PATH } = process.env

/** Schedules of each kind of endpoint. */
const RUNS = runs(200, 5_000)

/** Runs random schedules of faults, and expects nothing to say about any. Gives their number. */
export async function holdUnderFaults(kind: Kind): Promise<number> {
  let ran = 0
  await fc.assert(
    fc.asyncProperty(schedules(kind), async (schedule) => {
      ran += 1
      expect(verdictOn(await runSchedule(schedule))).toEqual([])
    }),
    {
      numRuns: RUNS,
      seed: Number(HOLDLINE_SEED ?? 1),
      ...(HOLDLINE_PATH !== undefined && { path: HOLDLINE_PATH }),
    },
  )
  return ran
}
