import { turnChart } from '../../../machines/index.ts'
import { stepsInShort } from '../coverage/print.ts'
import { agreeWith } from '../drive/agree.ts'
import { TurnSubject } from '../drive/turn-subject.ts'
import { createTurnModel } from '../model/turn-model.ts'
import type { TurnModelOptions, TurnStep } from '../model/turn-steps.ts'
import type { Path } from '../paths/path.ts'
import { type MutantReport, runMutants } from './run.ts'

/** Runs generated paths on every mutant of the turn chart, and compares each with the reference model. */
export async function turnMutants(
  paths: readonly Path<TurnStep, TurnModelOptions>[],
  every: number = 1,
): Promise<MutantReport> {
  const order = [...paths]
  return await runMutants({
    machine: turnChart,
    every,
    test: async (chart) => {
      for (const [index, path] of order.entries()) {
        const subject = new TurnSubject(path.options, chart)
        try {
          await agreeWith(createTurnModel(path.options), subject, path.steps, 'mutant')
        } catch {
          // What notices one mutant often notices the next.
          order.unshift(...order.splice(index, 1))
          return stepsInShort(path)
        } finally {
          await subject.stop()
        }
      }
      return null
    },
  })
}
