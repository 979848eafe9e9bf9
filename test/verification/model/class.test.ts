import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InspectionEvent } from 'xstate'
import { type ClassSubject, createClassSubject } from '../drive/class-subject.ts'
import { recordCounterexamples } from '../../../src/testing/properties/counterexample.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import { modelOptions, outsideStep } from './arbitrary.ts'
import { stepCommands } from './commands.ts'
import { PATIENCE_MS, runs } from '../../support/effort.ts'

test.each([
  ['memory', runs(60, 1_500)],
  ['tcp', runs(10, 300)],
] as const)(
  'whatever happens on the wire, chart, class and server do what the model says: %s',
  { timeout: PATIENCE_MS },
  (network, numRuns) =>
    recordCounterexamples(`connection-class-${network}`, (attempt) =>
      fc.assert(
        fc.asyncProperty(modelOptions, stepCommands(outsideStep, 40), async (options, commands) => {
          const start = (inspect?: (event: InspectionEvent) => void) =>
            createClassSubject(options, { network, inspect })
          await attempt<ConnectionStep, ClassSubject>(start, async (subject) => {
            const model = createConnectionModel(options)
            await fc.asyncModelRun(() => ({ model, real: { subject, taken: [] } }), commands)
            await subject.stop()
            expect(subject.clock.pending()).toEqual([])
          })
        }),
        { numRuns },
      ),
    ),
)
