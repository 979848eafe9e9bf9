import { beforeAll, describe, expect, test } from 'vitest'
import { coverageOf } from '../../../src/testing/coverage/coverage.ts'
import { agreeWith } from '../../../src/testing/properties/agree.ts'
import { createSteerClassSubject } from '../drive/steer-class-subject.ts'
import { SteerSubject } from '../drive/steer-subject.ts'
import { type SteerStep, createSteerModel, isSteerOutside } from '../model/steer-model.ts'
import { steerMutants } from '../mutants/steer.ts'
import { type GeneratedPaths, generatePaths } from '../../../src/testing/paths/generate.ts'
import { steerPaths } from './steer.ts'

let generated: GeneratedPaths<SteerStep, object>

beforeAll(async () => {
  generated = await generatePaths(steerPaths)
})

describe('the generated paths of the steer chart', () => {
  test('reach every state and transition', () => {
    expect(coverageOf(generated).gaps.map(({ id }) => id)).toEqual([])
  })

  test('do on the chart what the model says', async () => {
    for (const { steps, goal } of generated.paths) {
      const subject = new SteerSubject()
      const agreed = agreeWith(createSteerModel(), subject, steps, `steer on its way to ${goal}`)
      await expect(agreed).resolves.toBeUndefined()
      await subject.stop()
    }
  })

  test('do on real sockets what the model says', async () => {
    const outside = generated.paths.filter(({ steps }) => isSteerOutside(steps))
    expect(outside.length).toBeGreaterThan(20)
    for (const { steps, goal } of outside) {
      const subject = await createSteerClassSubject()
      try {
        await agreeWith(createSteerModel(), subject, steps, `steer on its way to ${goal}`)
      } finally {
        await subject.stop()
      }
      expect(subject.world.clock.pending()).toEqual([])
    }
  })

  test('and the model notice the mutants of the chart', async () => {
    const { results, survivors, stale } = await steerMutants(generated.paths)
    expect(results.length).toBeGreaterThan(15)
    expect(survivors.map(({ mutant }) => `${mutant.kind} ${mutant.name}`)).toEqual([])
    expect(stale).toEqual([])
  })
})
