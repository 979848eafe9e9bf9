import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTurnClassSubject } from '../../../src/testing/drive/turn-class-subject.ts'
import { TurnSubject } from '../../../src/testing/drive/turn-subject.ts'
import { createTurnModel } from '../../../src/testing/model/turn-model.ts'
import { OutsideTurnModel } from '../../../src/testing/model/turn-outside.ts'
import { stepCommands } from './commands.ts'
import { turnOptions, turnStep } from './turn-arbitrary.ts'

/** CI runs five times as many. */
const SCHEDULES = Number(process.env['HOLDLINE_SCHEDULES'] ?? 1_000)

test('whatever happens to a turn, the chart does what the model says', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(turnOptions, stepCommands(turnStep, 40), async (options, commands) => {
      const subject = new TurnSubject(options)
      const setup = () => ({ model: createTurnModel(options), real: { subject, taken: [] } })
      await fc.asyncModelRun(setup, commands)
      await subject.stop()
      expect(subject.clock.pending()).toEqual([])
    }),
    { numRuns: SCHEDULES },
  )
})

test(
  'whatever happens to a turn on the wire, chart, class and server do what the model says',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(turnOptions, stepCommands(turnStep, 40), async (options, commands) => {
        const subject = await createTurnClassSubject(options)
        try {
          const setup = () => ({ model: new OutsideTurnModel(options), real: { subject, taken: [] } })
          await fc.asyncModelRun(setup, commands)
        } finally {
          await subject.stop()
        }
        expect(subject.clock.pending()).toEqual([])
      }),
      { numRuns: SCHEDULES / 5 },
    )
  },
)
