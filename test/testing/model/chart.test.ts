import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChartSubject } from '../../../src/testing/drive/chart-subject.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import { anyStep, modelOptions, stepCommands } from './arbitrary.ts'

test('whatever happens, the chart does what the model says', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(modelOptions, stepCommands(anyStep, 40), async (options, commands) => {
      const subject = new ChartSubject(options)
      await fc.asyncModelRun(
        () => ({ model: createConnectionModel(options), real: { subject, taken: [] } }),
        commands,
      )
      await subject.stop()
      expect(subject.clock.pending()).toEqual([])
    }),
    { numRuns: 600 },
  )
})
