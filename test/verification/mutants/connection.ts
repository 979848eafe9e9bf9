import { type ConnectionChart, connectionChart } from '../../../machines/index.ts'
import { ChartSubject } from '../drive/chart-subject.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import { randomSchedule } from '../model/schedule.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { firstToNotice } from './on-paths.ts'
import { type MutantReport, type MutantTest, runMutants } from '../../../src/testing/mutants/run.ts'

/** Mutants of the connection chart that do the same as the chart. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  'action reconnecting.dialing entry 0 (hangUp)': 'the wait before it has hung up already',
  'drop reconnecting.waiting always 0': 'a timer of 0 ms does the same at the same time of a simulated clock',
}

/** Random schedules that a mutant is given when all paths have passed. */
const SCHEDULES = 400

/**
 * Runs generated paths, and then random schedules, on every mutant of the connection chart. Each is compared with the
 * reference model.
 */
export async function connectionMutants(
  paths: readonly Path<ConnectionStep, ConnectionModelOptions>[],
  every: number = 1,
): Promise<MutantReport> {
  const order = [...paths]
  const schedules = Array.from({ length: SCHEDULES }, (_, seed) => randomPath(seed))
  return await runMutants({
    machine: connectionChart,
    every,
    equivalents: EQUIVALENTS,
    test: noticing(order),
    schedules: noticing(schedules),
  })
}

function noticing(runs: Path<ConnectionStep, ConnectionModelOptions>[]): MutantTest<ConnectionChart> {
  return (chart) =>
    firstToNotice(runs, {
      model: createConnectionModel,
      subject: (options) => new ChartSubject(options, { chart }),
    })
}

function randomPath(seed: number): Path<ConnectionStep, ConnectionModelOptions> {
  const goal = `random schedule ${seed}`
  return { kind: 'extra', goal, profile: goal, ...randomSchedule({ seed, outsideOnly: false }), moves: [] }
}
