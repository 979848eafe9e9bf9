import { record } from '../../recording/record.ts'
import type { ConnectionModelOptions } from '../model/options.ts'
import type { ConnectionStep } from '../model/steps.ts'
import { createClassSubject } from './class-subject.ts'

/**
 * Runs steps on a real socket and records the run, so that a counterexample can be looked at. Times are those of the
 * simulated clock.
 */
export async function recordSteps(
  file: string,
  steps: readonly ConnectionStep[],
  options: ConnectionModelOptions = {},
): Promise<void> {
  const subject = await createClassSubject(options)
  const recorder = record(subject.connection.actor, file, { now: () => subject.clock.now() })
  try {
    for (const step of steps) await subject.take(step)
  } finally {
    await recorder.stop()
    await subject.stop()
  }
}
