import { beforeAll, describe, expect, test } from 'vitest'
import { coverageOf } from '../../../src/testing/coverage/coverage.ts'
import { agree } from '../drive/agree.ts'
import { ChartSubject } from '../drive/chart-subject.ts'
import { createClassSubject } from '../drive/class-subject.ts'
import { createMachineSubject } from '../drive/machine-subject.ts'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { connectionMutants } from '../mutants/connection.ts'
import { connectionPaths } from './connection.ts'
import { edgesOf } from '../../../src/testing/paths/edges.ts'
import { type GeneratedPaths, generatePaths } from '../../../src/testing/paths/generate.ts'
import { missingPairs } from './pairs.ts'
import { PATIENCE_MS, runs, withoutPairs } from '../../support/effort.ts'

/** Of so many mutants a plain run takes one. */
const SAMPLE = runs(12, 1)

let generated: GeneratedPaths<ConnectionStep, ConnectionModelOptions>

beforeAll(async () => {
  generated = await generatePaths(connectionPaths)
}, PATIENCE_MS)

describe('the generated paths of the connection chart', () => {
  test('reach every state, transition, guard outcome and delay, or there is a reason why none can', () => {
    const coverage = coverageOf(generated)
    expect(coverage.items.length).toBeGreaterThan(150)
    expect(coverage.gaps.map(({ id }) => id)).toEqual([])
  })

  test('take every transition on the chart alone, those included that no socket can cause', () => {
    const taken = new Set(generated.paths.flatMap(({ moves }) => moves.flatMap((move) => move.taken)))
    const all = edgesOf(connectionPaths.machine).map(({ id }) => id)
    expect(all.filter((id) => !taken.has(id))).toEqual([])
  })

  test('take every pair of transitions', () => {
    expect(missingPairs(generated)).toEqual([])
  })

  test('do on the chart what the model says', { timeout: PATIENCE_MS }, async () => {
    for (const { steps, options, goal } of generated.paths) {
      const subject = new ChartSubject(options)
      await agree(subject, steps, { who: `chart on its way to ${goal}`, options })
      await subject.stop()
      expect(subject.clock.pending()).toEqual([])
    }
  })

  test('do on real sockets what the model says', { timeout: PATIENCE_MS }, async () => {
    const outside = generated.paths.filter(({ steps, options }) =>
      connectionPaths.isOutside?.(steps, options),
    )
    expect(outside.length).toBeGreaterThan(400)
    for (const { steps, options, goal } of withoutPairs(outside)) {
      // The class takes no snapshot; what an application spawns does.
      const isRestored = steps.some((step) => step.do === 'restore')
      const subject = await (isRestored ? createMachineSubject : createClassSubject)(options)
      try {
        await agree(subject, steps, { who: `connection on its way to ${goal}`, options })
      } finally {
        await subject.stop()
      }
      expect(subject.clock.pending()).toEqual([])
    }
  })

  test('and the model notice the mutants of the chart', { timeout: PATIENCE_MS }, async () => {
    const { results, survivors, stale } = await connectionMutants(generated.paths, SAMPLE)
    expect(results.length).toBeGreaterThan(20)
    expect(survivors.map(({ mutant }) => `${mutant.kind} ${mutant.name}`)).toEqual([])
    expect(stale).toEqual([])
  })
})
