import { beforeAll, describe, expect, test } from 'vitest'
import { coverageOf } from '../../../src/testing/coverage/coverage.ts'
import { agreeWith } from '../../../src/testing/properties/agree.ts'
import { createTurnClassSubject } from '../drive/turn-class-subject.ts'
import { TurnSubject } from '../drive/turn-subject.ts'
import { createTurnModel } from '../model/turn-model.ts'
import { isTurnOutside } from '../model/turn-outside.ts'
import type { TurnModelOptions, TurnStep } from '../model/turn-steps.ts'
import { type GeneratedPaths, generatePaths } from '../../../src/testing/paths/generate.ts'
import { turnMutants } from '../mutants/turn.ts'
import { turnPaths } from './turn.ts'
import { missingPairs } from './pairs.ts'
import { PATIENCE_MS, runs, withoutPairs } from '../../support/effort.ts'

/** Of so many mutants a plain run takes one. */
const SAMPLE = runs(10, 1)

let generated: GeneratedPaths<TurnStep, TurnModelOptions>

beforeAll(async () => {
  generated = await generatePaths(turnPaths)
}, PATIENCE_MS)

test('a turn that was answered by nothing but its end is not sent again', async () => {
  const steered: readonly TurnStep[] = [
    { do: 'dispatch' },
    { do: 'ended', end: 'incomplete', code: 'steered' },
    { do: 'errored', code: 'server_error', status: 500 },
  ]
  const followedUp: readonly TurnStep[] = [
    { do: 'dispatch' },
    { do: 'created' },
    { do: 'steer accepted' },
    { do: 'ended', end: 'completed' },
    { do: 'errored', code: 'previous_response_not_found', status: 400 },
  ]
  for (const steps of [steered, followedUp]) {
    await expect(agreeWith(createTurnModel(), new TurnSubject(), steps, 'turn')).resolves.toBeUndefined()
  }
})

describe('the generated paths of the turn chart', () => {
  test('take every pair of transitions', () => {
    expect(missingPairs(generated)).toEqual([])
  })

  test('reach every state, transition, guard outcome and delay', () => {
    expect(coverageOf(generated).gaps.map(({ id }) => id)).toEqual([])
  })

  test('do on the chart what the model says', { timeout: PATIENCE_MS }, async () => {
    for (const { steps, options, goal } of generated.paths) {
      const subject = new TurnSubject(options)
      await agreeWith(createTurnModel(options), subject, steps, `turn on its way to ${goal}`)
      await subject.stop()
      expect(subject.clock.pending()).toEqual([])
    }
  })
})

test('the paths from outside do on real sockets what the model says', { timeout: PATIENCE_MS }, async () => {
  const outside = generated.paths.filter(({ steps }) => isTurnOutside(steps))
  expect(outside.length).toBeGreaterThan(500)
  for (const { steps, options, goal } of withoutPairs(outside)) {
    const subject = await createTurnClassSubject(options)
    try {
      await agreeWith(createTurnModel(options), subject, steps, `turn on its way to ${goal}`)
    } finally {
      await subject.stop()
    }
    expect(subject.clock.pending()).toEqual([])
  }
})

test('the paths and the model notice the mutants of the turn chart', { timeout: PATIENCE_MS }, async () => {
  const { results, survivors } = await turnMutants(generated.paths, SAMPLE)
  expect(results.length).toBeGreaterThan(20)
  expect(survivors.map(({ mutant }) => `${mutant.kind} ${mutant.name}`)).toEqual([])
})
