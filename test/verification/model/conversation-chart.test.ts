import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InspectionEvent } from 'xstate'
import {
  type ConversationClassSubject,
  createConversationClassSubject,
} from '../drive/conversation-class-subject.ts'
import { ConversationSubject } from '../drive/conversation-subject.ts'
import { recordCounterexamples } from '../../../src/testing/properties/counterexample.ts'
import { createConversationModel } from './conversation-model.ts'
import { OutsideConversationModel } from './conversation-outside.ts'
import { CONVERSATION_STEPS, CONVERSATION_OPTIONS } from './conversation-schedule.ts'
import type { ConversationStep } from './conversation-steps.ts'
import { stepCommands } from './commands.ts'
import { conversationOptions, conversationStep } from './conversation-arbitrary.ts'
import { PATIENCE_MS, runs } from '../../support/effort.ts'

test(
  'whatever happens, the conversation chart does what the model says',
  { timeout: PATIENCE_MS },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...CONVERSATION_OPTIONS),
        stepCommands(fc.constantFrom(...CONVERSATION_STEPS), 60),
        async (options, steps) => {
          const subject = new ConversationSubject(options)
          const begin = () => ({ model: createConversationModel(options), real: { subject, taken: [] } })
          await fc.asyncModelRun(begin, steps)
          await subject.stop()
          expect(subject.clock.pending()).toEqual([])
        },
      ),
      { numRuns: runs(200, 4_000) },
    )
  },
)

test.each([
  ['memory', runs(25, 500)],
  ['tcp', runs(5, 100)],
] as const)(
  'whatever happens on the wire, chart, class and server do what the model says: %s',
  { timeout: PATIENCE_MS },
  (network, numRuns) =>
    recordCounterexamples(`conversation-class-${network}`, (attempt) =>
      fc.assert(
        fc.asyncProperty(
          conversationOptions,
          stepCommands(conversationStep, 150),
          async (options, commands) => {
            const start = (inspect?: (event: InspectionEvent) => void) =>
              createConversationClassSubject(options, { network, inspect })
            await attempt<ConversationStep, ConversationClassSubject>(start, async (subject) => {
              const model = new OutsideConversationModel(options)
              await fc.asyncModelRun(() => ({ model, real: { subject, taken: [] } }), commands)
              await subject.stop()
              expect(subject.clock.pending()).toEqual([])
            })
          },
        ),
        { numRuns },
      ),
    ),
)
