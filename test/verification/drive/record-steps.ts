import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { createClassSubject } from './class-subject.ts'
import { recordRun } from '../../../src/testing/properties/counterexample.ts'

/** Runs steps on a real socket and records the run, to be looked at. Times are those of the simulated clock. */
export async function recordSteps(
  file: string,
  steps: readonly ConnectionStep[],
  options: ConnectionModelOptions = {},
): Promise<void> {
  await recordRun<ConnectionStep>(file, (inspect) => createClassSubject(options, { inspect }), steps)
}
