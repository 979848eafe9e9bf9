import { steerChart } from '../../../machines/index.ts'
import { SteerSubject } from '../drive/steer-subject.ts'
import { type SteerStep, createSteerModel } from '../model/steer-model.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { firstToNotice } from './on-paths.ts'
import { type MutantReport, runMutants } from '../../../src/testing/mutants/run.ts'

/** Mutants of the steer chart that do the same as the chart. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  'action accepted on steer.pending 0 action 0 (note)': 'the server names a steer once, when it takes it',
}

/** Runs generated paths on every mutant of the steer chart, and compares each with the reference model. */
export async function steerMutants(paths: readonly Path<SteerStep, object>[]): Promise<MutantReport> {
  const order = [...paths]
  return await runMutants({
    machine: steerChart,
    equivalents: EQUIVALENTS,
    test: (chart) =>
      firstToNotice(order, { model: createSteerModel, subject: () => new SteerSubject(chart) }),
  })
}
