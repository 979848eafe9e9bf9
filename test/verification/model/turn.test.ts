import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InspectionEvent } from 'xstate'
import { recordCounterexamples } from '../../../src/testing/properties/counterexample.ts'
import { type TurnClassSubject, createTurnClassSubject } from '../drive/turn-class-subject.ts'
import { TurnSubject } from '../drive/turn-subject.ts'
import { createTurnModel } from './turn-model.ts'
import { OutsideTurnModel } from './turn-outside.ts'
import type { TurnStep } from './turn-steps.ts'
import { stepCommands } from './commands.ts'
import { turnOptions, turnStep } from './turn-arbitrary.ts'
import { PATIENCE_MS, runs } from '../../support/effort.ts'

type Inspect = (event: InspectionEvent) => void

test('whatever happens to a turn, the chart does what the model says', { timeout: PATIENCE_MS }, () =>
  recordCounterexamples('turn-chart', (attempt) =>
    fc.assert(
      fc.asyncProperty(turnOptions, stepCommands(turnStep, 40), async (options, commands) => {
        const start = (inspect?: Inspect) => new TurnSubject(options, undefined, inspect)
        await attempt<TurnStep, TurnSubject>(start, async (subject) => {
          const model = createTurnModel(options)
          await fc.asyncModelRun(() => ({ model, real: { subject, taken: [] } }), commands)
          await subject.stop()
          expect(subject.clock.pending()).toEqual([])
        })
      }),
      { numRuns: runs(300, 5_000) },
    ),
  ),
)

test.each([
  ['memory', runs(50, 1_000)],
  ['tcp', runs(5, 100)],
] as const)(
  'whatever happens to a turn on the wire, chart, class and server do what the model says: %s',
  { timeout: PATIENCE_MS },
  (network, numRuns) =>
    recordCounterexamples(`turn-class-${network}`, (attempt) =>
      fc.assert(
        fc.asyncProperty(turnOptions, stepCommands(turnStep, 40), async (options, commands) => {
          const start = (inspect?: Inspect) => createTurnClassSubject(options, { network, inspect })
          await attempt<TurnStep, TurnClassSubject>(start, async (subject) => {
            const model = new OutsideTurnModel(options)
            await fc.asyncModelRun(() => ({ model, real: { subject, taken: [] } }), commands)
            await subject.stop()
            expect(subject.clock.pending()).toEqual([])
          })
        }),
        { numRuns },
      ),
    ),
)
