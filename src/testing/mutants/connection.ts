import { type ConnectionChart, connectionChart } from '../../../machines/index.ts'
import { agree } from '../drive/agree.ts'
import { ChartSubject } from '../drive/chart-subject.ts'
import type { ConnectionModelOptions } from '../model/options.ts'
import type { ConnectionStep } from '../model/steps.ts'
import type { Path } from '../paths/path.ts'
import { stepsInShort } from '../coverage/print.ts'
import { type MutantReport, runMutants } from './run.ts'

/** Mutants of the connection chart that do the same as the chart. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  'action reconnecting.dialing entry 0 (hangUp)': 'the wait before it has hung up already',
}

/** Runs generated paths on every mutant of the connection chart, and compares each with the reference model. */
export async function connectionMutants(
  paths: readonly Path<ConnectionStep, ConnectionModelOptions>[],
): Promise<MutantReport> {
  const order = [...paths]
  return await runMutants({
    machine: connectionChart,
    equivalents: EQUIVALENTS,
    test: (chart) => firstFailure(chart, order),
  })
}

async function firstFailure(
  chart: ConnectionChart,
  paths: Path<ConnectionStep, ConnectionModelOptions>[],
): Promise<string | null> {
  for (const [index, path] of paths.entries()) {
    const subject = new ChartSubject(path.options, { chart })
    try {
      await agree(subject, path.steps, { who: 'mutant', options: path.options })
    } catch {
      // What notices one mutant often notices the next.
      paths.unshift(...paths.splice(index, 1))
      return stepsInShort(path)
    } finally {
      await subject.stop()
    }
  }
  return null
}
