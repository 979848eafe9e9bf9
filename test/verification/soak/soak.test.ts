import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { conforms } from '../../../src/recording/conforms.ts'
import { RecentRecorder } from '../../../src/recording/recent.ts'
import { createGate } from '../../../src/testing/network/gate.ts'
import { SoakClient } from './client.ts'
import { Ledger, PROMISES, PROMISE_NAMES } from './ledger.ts'
import { printSoak } from './print.ts'
import { soak } from './soak.ts'
import { startConnection, startServer } from '../../client/harness.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'holdline-soak-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

test('trouble breaks no promise, and puts every one to the test', { timeout: 60_000 }, async () => {
  const options = { durationMs: 20_000, turns: 120, connections: 6, seed: 1 }
  const report = await soak({ ...options, folder: await folder() })
  expect(report.ledger.failures).toEqual([])
  expect(report.recordings).toEqual([])
  expect(report.turns).toBeGreaterThan(100)
  expect(report.ledger.faults().length).toBeGreaterThan(15)
  for (const name of PROMISE_NAMES) expect([name, report.ledger.checks(name) > 0]).toEqual([name, true])
  const text = printSoak(report)
  for (const name of PROMISE_NAMES) expect(text).toContain(PROMISES[name])
})

test('what led to a broken promise is kept, and nothing where all were kept', async () => {
  const server = await startServer({ apiKey: null })
  const gate = await createGate(server, { standsOpen: true })
  const { watched } = new SoakClient(gate, new Ledger())
  await watched.connection.connect()
  expect(watched.evidence).toBeNull()
  watched.judge({ promise: 'noResend', holds: false, what: () => 'planted' })
  const file = join(await folder(), 'evidence.jsonl')
  await writeFile(file, watched.evidence ?? '')
  await watched.stop()
  await gate.close()
  expect(watched.evidence).toContain(PROMISES.noResend)
  const { departure, checked } = await conforms(file)
  expect(departure).toBeNull()
  expect(checked).toBeGreaterThan(3)
})

test('only the last of a long run is kept, and it can be replayed from there', async () => {
  const recorder = new RecentRecorder(40)
  const server = await startServer()
  const { connection } = startConnection(server, { inspect: recorder.inspect })
  const conversation = connection.conversation({ model: 'm' })
  for (let turn = 0; turn < 12; turn += 1) await conversation.respond('hi').response
  const text = recorder.text('the end')
  recorder.stop()
  const file = join(await folder(), 'recent.jsonl')
  await writeFile(file, text)
  expect(text.trimEnd().split('\n').length).toBeLessThan(2 * 40 + 20)
  const { departure, checked } = await conforms(file)
  expect(departure).toBeNull()
  expect(checked).toBeGreaterThan(10)
})
