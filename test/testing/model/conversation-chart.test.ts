import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DisagreementError, stepBoth } from '../../../src/testing/drive/agree.ts'
import { ConversationSubject } from '../../../src/testing/drive/conversation-subject.ts'
import {
  type ConversationModel,
  createConversationModel,
} from '../../../src/testing/model/conversation-model.ts'
import { CONVERSATION_STEPS, CONVERSATION_OPTIONS } from '../../../src/testing/model/conversation-schedule.ts'
import type { ConversationStep } from '../../../src/testing/model/conversation-steps.ts'

interface Real {
  readonly subject: ConversationSubject
  readonly taken: ConversationStep[]
}

class StepCommand implements fc.AsyncCommand<ConversationModel, Real> {
  readonly step: ConversationStep

  constructor(step: ConversationStep) {
    this.step = step
  }

  check(model: Readonly<ConversationModel>): boolean {
    return model.applies(this.step)
  }

  async run(model: ConversationModel, { subject, taken }: Real): Promise<void> {
    taken.push(this.step)
    const found = await stepBoth(model, subject, this.step)
    if (found.differences.length === 0 && found.complaints.length === 0) return
    throw new DisagreementError('conversation', taken, found.differences, found.complaints)
  }

  toString(): string {
    return JSON.stringify(this.step)
  }
}

const commands = fc.commands([fc.constantFrom(...CONVERSATION_STEPS).map((step) => new StepCommand(step))], {
  maxCommands: 60,
  size: 'max',
})

test('whatever happens, the conversation chart does what the model says', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...CONVERSATION_OPTIONS), commands, async (options, steps) => {
      const subject = new ConversationSubject(options)
      const begin = () => ({ model: createConversationModel(options), real: { subject, taken: [] } })
      await fc.asyncModelRun(begin, steps)
      await subject.stop()
      expect(subject.clock.pending()).toEqual([])
    }),
    { numRuns: 800 },
  )
})
