import type { AnyStateMachine } from 'xstate'
import { type Coverage, coverageOf } from '../../../src/testing/coverage/coverage.ts'
import { connectionMutants } from '../mutants/connection.ts'
import { conversationMutants } from '../mutants/conversation.ts'
import { lineMutants } from '../mutants/line.ts'
import type { MutantReport } from '../../../src/testing/mutants/run.ts'
import { steerMutants } from '../mutants/steer.ts'
import { turnMutants } from '../mutants/turn.ts'
import { connectionPaths } from '../paths/connection.ts'
import { conversationPaths } from '../paths/conversation.ts'
import { generatePaths } from '../../../src/testing/paths/generate.ts'
import { linePaths } from '../paths/line.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { steerPaths } from '../paths/steer.ts'
import type { PathSubject } from '../../../src/testing/paths/subject.ts'
import { turnPaths } from '../paths/turn.ts'
import { UsageError } from './arguments.ts'

/** A chart with generated paths and mutants. */
export interface TestedChart {
  readonly name: string
  readonly machine: AnyStateMachine
  readonly cover: () => Promise<{ readonly coverage: Coverage; readonly paths: number }>
  readonly mutate: () => Promise<MutantReport>
}

/** In the order in which they are reported. */
const CHARTS: readonly TestedChart[] = [
  tested(connectionPaths, connectionMutants),
  tested(linePaths, lineMutants),
  tested(conversationPaths, (paths) => conversationMutants(paths)),
  tested(turnPaths, turnMutants),
  tested(steerPaths, steerMutants),
]

/** For the help of a command. */
export const CHART_NAMES = CHARTS.map(({ name }) => name).join(', ')

/** The charts of this name; all of them where it is empty. @throws {UsageError} where there is none */
export function chartsNamed(name: string): readonly TestedChart[] {
  const found = CHARTS.filter((chart) => name === '' || chart.name === name)
  if (found.length === 0) throw new UsageError(`--chart must be one of: ${CHART_NAMES}. Nothing was run.`)
  return found
}

function tested<Step, Options>(
  subject: PathSubject<Step, Options>,
  mutants: (paths: readonly Path<Step, Options>[]) => Promise<MutantReport>,
): TestedChart {
  return {
    name: subject.machine.id,
    machine: subject.machine,
    cover: async () => {
      const generated = await generatePaths(subject)
      return { coverage: coverageOf(generated), paths: generated.paths.length }
    },
    mutate: async () => await mutants((await generatePaths(subject)).paths),
  }
}
