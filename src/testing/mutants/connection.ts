import { type ConnectionChart, connectionChart } from '../../../machines/index.ts'
import { agree } from '../drive/agree.ts'
import { ChartSubject } from '../drive/chart-subject.ts'
import type { ConnectionModelOptions } from '../model/options.ts'
import { randomSchedule } from '../model/schedule.ts'
import type { ConnectionStep } from '../model/steps.ts'
import type { Path } from '../paths/path.ts'
import { stepsInShort } from '../coverage/print.ts'
import { type MutantReport, runMutants } from './run.ts'

/** Mutants of the connection chart that do the same as the chart. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  'action reconnecting.dialing entry 0 (hangUp)': 'the wait before it has hung up already',
  'drop reconnecting.waiting always 0': 'a timer of 0 ms does the same at the same time of a simulated clock',
}

/** Random schedules that a mutant is given when all paths have passed. */
const SCHEDULES = 400

/** Nothing but pings comes before the pong that is missed. */
const SCENARIO_OPTIONS: ConnectionModelOptions = { stableAfterMs: 3_600_000, maxAgeMs: false }

/** What neither paths nor schedules meet: a late fact, or a second notice, whose effect shows only long after. */
const SCENARIOS: Readonly<Record<string, readonly ConnectionStep[]>> = {
  'a late sign of life while a pong is waited for': [
    { do: 'connect' },
    { do: 'accept' },
    { do: 'freeze' },
    { do: 'next' },
    { do: 'stale', fact: 'heard' },
    { do: 'next' },
    { do: 'next' },
  ],
  'a late sign of life when the pong is overdue': [
    { do: 'connect' },
    { do: 'accept' },
    { do: 'freeze' },
    { do: 'next' },
    { do: 'next' },
    { do: 'stale', fact: 'heard' },
    { do: 'next' },
  ],
  'a second notice of the age limit': [
    { do: 'connect' },
    { do: 'accept' },
    { do: 'expire' },
    { do: 'wait', ms: 500 },
    { do: 'expire' },
    { do: 'next' },
  ],
}

/** One run: steps under some options, and what to call it. */
interface Run {
  readonly options: ConnectionModelOptions
  readonly steps: readonly ConnectionStep[]
  readonly name: () => string
}

/**
 * Runs generated paths, and then random schedules, on every mutant of the connection chart. Each is compared with the
 * reference model.
 */
export async function connectionMutants(
  paths: readonly Path<ConnectionStep, ConnectionModelOptions>[],
  every: number = 1,
): Promise<MutantReport> {
  const order: Run[] = [
    ...paths.map((path) => ({ options: path.options, steps: path.steps, name: () => stepsInShort(path) })),
    ...Object.entries(SCENARIOS).map(([name, steps]) => ({
      options: SCENARIO_OPTIONS,
      steps,
      name: () => name,
    })),
    ...Array.from({ length: SCHEDULES }, (_, seed) => ({
      ...randomSchedule({ seed, outsideOnly: false }),
      name: () => `random schedule ${seed}`,
    })),
  ]
  return await runMutants({
    machine: connectionChart,
    every,
    equivalents: ({ kind, name }) => EQUIVALENTS[`${kind} ${name}`] ?? null,
    test: (chart) => firstFailure(chart, order),
  })
}

async function firstFailure(chart: ConnectionChart, runs: Run[]): Promise<string | null> {
  for (const [index, run] of runs.entries()) {
    const subject = new ChartSubject(run.options, { chart })
    try {
      await agree(subject, run.steps, { who: 'mutant', options: run.options })
    } catch {
      // What notices one mutant often notices the next.
      runs.unshift(...runs.splice(index, 1))
      return run.name()
    } finally {
      await subject.stop()
    }
  }
  return null
}
