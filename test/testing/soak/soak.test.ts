import { expect, test } from 'vitest'
import { PROMISES, type PromiseName } from '../../../src/testing/soak/ledger.ts'
import { printSoak, soak } from '../../../src/testing/soak/soak.ts'

test('a second of trouble breaks no promise', { timeout: 30_000 }, async () => {
  const report = await soak({ durationMs: 1_000, connections: 4, seed: 1 })
  expect(report.ledger.failures).toEqual([])
  expect(report.turns).toBeGreaterThan(10)
  expect(report.ledger.faults().length).toBeGreaterThan(5)
  const text = printSoak(report)
  for (const name of Object.keys(PROMISES) as PromiseName[]) expect(text).toContain(PROMISES[name])
})
