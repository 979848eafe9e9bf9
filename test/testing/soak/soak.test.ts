import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { conforms } from '../../../src/recording/conforms.ts'
import { RecentRecorder } from '../../../src/recording/recent.ts'
import { createGate } from '../../../src/testing/drive/gate.ts'
import { SoakClient } from '../../../src/testing/soak/client.ts'
import { Ledger, PROMISES, type PromiseName } from '../../../src/testing/soak/ledger.ts'
import { printSoak, soak } from '../../../src/testing/soak/soak.ts'
import { startConnection, startServer } from '../../client/harness.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'holdline-soak-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

test('a second of trouble breaks no promise', { timeout: 30_000 }, async () => {
  const report = await soak({ durationMs: 1_000, connections: 4, seed: 1, folder: await folder() })
  expect(report.ledger.failures).toEqual([])
  expect(report.recordings).toEqual([])
  expect(report.turns).toBeGreaterThan(10)
  expect(report.ledger.faults().length).toBeGreaterThan(5)
  const text = printSoak(report)
  for (const name of Object.keys(PROMISES) as PromiseName[]) expect(text).toContain(PROMISES[name])
})

test('what led to a broken promise is kept, and nothing where all were kept', async () => {
  const server = await startServer({ apiKey: null })
  const gate = await createGate(server, { standsOpen: true })
  const client = new SoakClient(gate, new Ledger())
  client.act()
  await client.connection.connect()
  expect(client.evidence).toBeNull()
  client.check('noResend', false, () => 'planted')
  const file = join(await folder(), 'evidence.jsonl')
  await writeFile(file, client.evidence ?? '')
  await client.stop()
  await gate.close()
  expect(client.evidence).toContain(PROMISES.noResend)
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
