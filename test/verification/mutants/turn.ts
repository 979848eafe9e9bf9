import { turnChart } from '../../../machines/index.ts'
import { TurnSubject } from '../drive/turn-subject.ts'
import { createTurnModel } from '../model/turn-model.ts'
import type { TurnModelOptions, TurnStep } from '../model/turn-steps.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { firstToNotice } from './on-paths.ts'
import { type MutantReport, runMutants } from '../../../src/testing/mutants/run.ts'

/** Runs generated paths on every mutant of the turn chart, and compares each with the reference model. */
export async function turnMutants(
  paths: readonly Path<TurnStep, TurnModelOptions>[],
  every: number = 1,
): Promise<MutantReport> {
  const order = [...paths]
  return await runMutants({
    machine: turnChart,
    every,
    test: (chart) =>
      firstToNotice(order, {
        model: createTurnModel,
        subject: (options) => new TurnSubject(options, chart),
      }),
  })
}
