import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createClassSubject } from '../../../src/testing/drive/class-subject.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import { modelOptions, outsideStep, stepCommands } from './arbitrary.ts'

test(
  'whatever happens on the wire, chart, class and server do what the model says',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(modelOptions, stepCommands(outsideStep, 40), async (options, commands) => {
        const subject = await createClassSubject(options)
        try {
          await fc.asyncModelRun(
            () => ({ model: createConnectionModel(options), real: { subject, taken: [] } }),
            commands,
          )
        } finally {
          await subject.stop()
        }
        expect(subject.clock.pending()).toEqual([])
      }),
      { numRuns: 300 },
    )
  },
)
