import { lineChart } from '../../../machines/index.ts'
import { LineSubject } from '../drive/line-subject.ts'
import { createLineModel } from '../model/line-model.ts'
import type { LineStep } from '../model/line-steps.ts'
import type { LineProfile } from '../paths/line.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { firstToNotice } from './on-paths.ts'
import { type MutantReport, runMutants } from '../../../src/testing/mutants/run.ts'

/** Mutants of the line chart that do the same as the chart. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  'action moving on connection.closed 0 action 0 (noteNews)':
    'that its socket has ended was told before, and why it was closed is asked of no connection that turns start on over HTTP',
}

/** Runs generated paths on every mutant of the line chart, and compares each with the reference model. */
export async function lineMutants(
  paths: readonly Path<LineStep, LineProfile>[],
  every: number = 1,
): Promise<MutantReport> {
  const order = [...paths]
  return await runMutants({
    machine: lineChart,
    every,
    equivalents: EQUIVALENTS,
    test: (chart) =>
      firstToNotice(order, {
        model: createLineModel,
        subject: (profile) => new LineSubject(profile, chart),
      }),
  })
}
