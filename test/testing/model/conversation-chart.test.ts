import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConversationSubject } from '../../../src/testing/drive/conversation-subject.ts'
import { createConversationModel } from '../../../src/testing/model/conversation-model.ts'
import { CONVERSATION_STEPS, CONVERSATION_OPTIONS } from '../../../src/testing/model/conversation-schedule.ts'
import { stepCommands } from './commands.ts'

test('whatever happens, the conversation chart does what the model says', { timeout: 60_000 }, async () => {
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
    { numRuns: 800 },
  )
})
