import { expect, test } from 'vitest'
import { fuzzHttp, fuzzSocket } from './fuzz.ts'

// What no turn takes for its own is an uncaught exception, and that fails the run by itself.

/** `npm run test:long` takes a hundred thousand frames, `npm run fuzz` as many as it is told. */
const SHARE = process.env['HOLDLINE_LONG'] === undefined ? 0.3 : 1

test('no frame on a WebSocket throws, hangs a turn or fails it with an error of another kind', async () => {
  const report = await fuzzSocket({ frames: 80_000 * SHARE, seed: 1 })
  expect(report.faults).toEqual([])
  expect(report.turns).toBeGreaterThan(100)
  expect(report.outcomes.get('completed')).toBeGreaterThan(10)
})

test('and none over HTTP', async () => {
  const report = await fuzzHttp({ frames: 20_000 * SHARE, seed: 2 })
  expect(report.faults).toEqual([])
  expect(report.turns).toBeGreaterThan(20)
})
