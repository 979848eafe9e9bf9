import { turnChart } from '../../../machines/index.ts'
import { stepsInShort } from '../coverage/print.ts'
import { agreeWith } from '../drive/agree.ts'
import { TurnSubject } from '../drive/turn-subject.ts'
import { createTurnModel } from '../model/turn-model.ts'
import type { TurnModelOptions, TurnStep } from '../model/turn-steps.ts'
import type { Path } from '../paths/path.ts'
import { NEVER_ANSWERED } from '../paths/turn.ts'
import type { Mutant } from './mutate.ts'
import { type MutantReport, runMutants } from './run.ts'

const COUNTED = 'it only counts an event, and the turn has been answered before'
const SAID = 'it says again what the end of the same response has said'

/** Mutants of the turn chart that do the same as the chart, by the part of their name that tells them. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  'drop streaming on turn.output 0': COUNTED,
  'action streaming on turn.output 0 action 0 (noteOutput)': COUNTED,
  'action started.listening on turn.heard 0 action 0 (noteHeard)': COUNTED,
  'action streaming.listening on turn.heard 0 action 0 (noteHeard)': COUNTED,
  'action interrupted on turn.ended 0 action 0 (followUp)': SAID,
  'action lingering on turn.ended 1 action 0 (followUp)': SAID,
  'drop lingering on turn.steerClosed 1': 'the root counts the steer in its place',
  'action lingering on turn.steerClosed 0 action 0 (closeSteer)':
    'the turn is settled, and its result counts no steers',
}

/** A mutant of a transition that is never taken does the same as the chart. */
function reasonFor({ kind, name }: Mutant): string | null {
  const known = EQUIVALENTS[`${kind} ${name}`]
  if (known !== undefined) return known
  const [state, event, index] = /^(\S+) on (\S+) (\d+)/.exec(name)?.slice(1) ?? []
  const isNever = NEVER_ANSWERED.includes(`turn.${state}|${event}|${index}`)
  return isNever
    ? 'the transition is never taken: a turn that the server has answered is not sent again'
    : null
}

/** Runs generated paths on every mutant of the turn chart, and compares each with the reference model. */
export async function turnMutants(
  paths: readonly Path<TurnStep, TurnModelOptions>[],
  every: number = 1,
): Promise<MutantReport> {
  const order = [...paths]
  return await runMutants({
    machine: turnChart,
    every,
    equivalents: reasonFor,
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
