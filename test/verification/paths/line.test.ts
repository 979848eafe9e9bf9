import { beforeAll, describe, expect, test } from 'vitest'
import { coverageOf } from '../../../src/testing/coverage/coverage.ts'
import { agreeWith } from '../../../src/testing/properties/agree.ts'
import { createLineClassSubject } from '../drive/line-class-subject.ts'
import { LineSubject } from '../drive/line-subject.ts'
import { createLineModel } from '../model/line-model.ts'
import type { LineStep } from '../model/line-steps.ts'
import { lineMutants } from '../mutants/line.ts'
import { type GeneratedPaths, generatePaths } from '../../../src/testing/paths/generate.ts'
import { type LineProfile, linePaths } from './line.ts'
import { missingPairs } from './pairs.ts'
import { PATIENCE_MS, runs, withoutPairs } from '../../support/effort.ts'

/** Of so many mutants a plain run takes one. */
const SAMPLE = runs(10, 1)

let generated: GeneratedPaths<LineStep, LineProfile>

beforeAll(async () => {
  generated = await generatePaths(linePaths)
}, PATIENCE_MS)

describe('the generated paths of the line chart', () => {
  test('take every pair of transitions', () => {
    expect(missingPairs(generated)).toEqual([])
  })

  test('reach every state, transition, guard outcome and delay', () => {
    const { items, gaps } = coverageOf(generated)
    expect(items.length).toBeGreaterThan(80)
    expect(gaps.map(({ id }) => id)).toEqual([])
  })

  test('do on the chart what the model says', { timeout: PATIENCE_MS }, async () => {
    for (const { steps, options, goal } of generated.paths) {
      const subject = new LineSubject(options)
      await agreeWith(createLineModel(options), subject, steps, `line on its way to ${goal}`)
      await subject.stop()
      expect(subject.clock.pending()).toEqual([])
    }
  })

  test('do on real sockets what the model says', { timeout: PATIENCE_MS }, async () => {
    for (const { steps, options, goal } of withoutPairs(generated.paths)) {
      const subject = await createLineClassSubject(options)
      try {
        await agreeWith(createLineModel(options), subject, steps, `connection on its way to ${goal}`)
      } finally {
        await subject.stop()
      }
      expect(subject.clock.pending()).toEqual([])
    }
  })

  test('and the model notice the mutants of the chart', { timeout: PATIENCE_MS }, async () => {
    const { results, survivors, stale } = await lineMutants(generated.paths, SAMPLE)
    expect(results.length).toBeGreaterThan(12)
    expect(survivors.map(({ mutant }) => `${mutant.kind} ${mutant.name}`)).toEqual([])
    expect(stale).toEqual([])
  })
})
