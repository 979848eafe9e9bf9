import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InspectionEvent } from 'xstate'
import { ChartSubject } from '../drive/chart-subject.ts'
import { recordCounterexamples } from '../../../src/testing/properties/counterexample.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import { anyStep, modelOptions } from './arbitrary.ts'
import { stepCommands } from './commands.ts'
import { PATIENCE_MS, runs } from '../../support/effort.ts'

test('whatever happens, the chart does what the model says', { timeout: PATIENCE_MS }, () =>
  recordCounterexamples('connection-chart', (attempt) =>
    fc.assert(
      fc.asyncProperty(modelOptions, stepCommands(anyStep, 40), async (options, commands) => {
        const start = (inspect?: (event: InspectionEvent) => void) => new ChartSubject(options, { inspect })
        await attempt<ConnectionStep, ChartSubject>(start, async (subject) => {
          const model = createConnectionModel(options)
          await fc.asyncModelRun(() => ({ model, real: { subject, taken: [] } }), commands)
          await subject.stop()
          expect(subject.clock.pending()).toEqual([])
        })
      }),
      { numRuns: runs(150, 3_000) },
    ),
  ),
)
