import { expect, test } from 'vitest'
import { connectionChart } from '../../../machines/index.ts'
import { agree } from './agree.ts'
import { ChartSubject } from './chart-subject.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'

const STEPS: readonly ConnectionStep[] = [
  { do: 'connect' },
  { do: 'refuse', status: 429, code: 'rate_limit_exceeded' },
  { do: 'next' },
  { do: 'next' },
]

test('a chart that does what the model says agrees with it', async () => {
  await expect(agree(new ChartSubject(), STEPS)).resolves.toBeUndefined()
})

test('one that does not is told by its steps, which can be pasted', async () => {
  const chart = connectionChart.provide({ delays: { backoff: 1_001 } })
  const error = await agree(new ChartSubject({}, { chart }), STEPS, { who: 'chart' }).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'ERR_DISAGREEMENT', steps: STEPS })
  expect(String(error)).toContain('After step 4 the chart differs from the model:\n  dials: must be 2, is 1')
  expect(String(error)).toContain(
    "[\n  { do: 'connect' },\n  { do: 'refuse', status: 429, code: 'rate_limit_exceeded' },\n  { do: 'next' },\n  { do: 'next' },\n]",
  )
})

test('a path that is impossible is told where', async () => {
  const steps: readonly ConnectionStep[] = [{ do: 'connect' }, { do: 'accept' }, { do: 'accept' }]
  await expect(agree(new ChartSubject(), steps)).rejects.toMatchObject({
    code: 'ERR_IMPOSSIBLE_STEP',
    index: 2,
    message: expect.stringMatching(/^Step 3 of the path cannot happen: it is open there\./),
  })
})
