import { beforeAll, describe, expect, test } from 'vitest'
import { agreeWith } from '../../../src/testing/drive/agree.ts'
import { createTurnClassSubject } from '../../../src/testing/drive/turn-class-subject.ts'
import { createTurnModel } from '../../../src/testing/model/turn-model.ts'
import { isTurnOutside } from '../../../src/testing/model/turn-outside.ts'
import type { TurnModelOptions, TurnStep } from '../../../src/testing/model/turn-steps.ts'
import { generatePaths } from '../../../src/testing/paths/generate.ts'
import type { Path } from '../../../src/testing/paths/path.ts'
import { turnPaths } from '../../../src/testing/paths/turn.ts'

let outside: Path<TurnStep, TurnModelOptions>[]

beforeAll(async () => {
  const { paths } = await generatePaths(turnPaths)
  outside = paths.filter(({ steps }) => isTurnOutside(steps))
}, 60_000)

describe('the generated paths of the turn chart', () => {
  test('do on real sockets what the model says', { timeout: 120_000 }, async () => {
    expect(outside.length).toBeGreaterThan(500)
    for (const { steps, options, goal } of outside) {
      const subject = await createTurnClassSubject(options)
      try {
        await agreeWith(createTurnModel(options), subject, steps, `turn on its way to ${goal}`)
      } finally {
        await subject.stop()
      }
      expect(subject.clock.pending()).toEqual([])
    }
  })
})
