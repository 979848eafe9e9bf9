import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGate } from '../../../src/testing/network/gate.ts'
import type { Passage } from '../../../src/testing/network/passage.ts'
import { seededRandom } from '../model/random.ts'
import { createResponsesServer } from '../../../src/testing/server/server.ts'
import { SoakClient } from './client.ts'
import { Trouble } from './faults.ts'
import { judgeLeft, judgeReached } from './judge.ts'
import { Ledger } from './ledger.ts'
import { SoakScript } from './script.ts'
import { SoakTalker } from './talker.ts'

/** What a soak run is made of. */
export interface SoakOptions {
  /** How long, in ms. */
  readonly durationMs: number
  /** Ends sooner, when so many turns were asked for. Default: no limit. */
  readonly turns?: number | undefined
  /** Connections that are kept at the same time: every second one has conversations on it. */
  readonly connections: number
  /** Of the faults and of who acts. Sockets of a real network still run in their own order. */
  readonly seed: number
  /** Where recordings of connections go that broke a promise. Default: `coverage/soak`. */
  readonly folder?: string | undefined
}

/** What came of it. */
export interface SoakReport {
  readonly ledger: Ledger
  readonly turns: number
  /** Turns that the server read, once or more. */
  readonly reached: number
  readonly creates: number
  /** Heap in use, in bytes, at the beginning and at the end. */
  readonly heap: readonly [start: number, end: number]
  /** Recordings of what led to a broken promise. */
  readonly recordings: readonly string[]
}

type Client = SoakClient | SoakTalker

const TICK_MS = 5
/** So long every line may take to be gone after its connection was stopped. */
const PATIENCE_MS = 2_000

/** Keeps connections busy against a local server while things go wrong, and tests every promise all the time. */
export async function soak({
  durationMs,
  turns: mostTurns = Infinity,
  connections,
  seed,
  folder = join('coverage', 'soak'),
}: SoakOptions): Promise<SoakReport> {
  const ledger = new Ledger()
  const random = seededRandom(seed)
  const script = new SoakScript(ledger, random)
  const server = await createResponsesServer({ logLimit: 200, model: script.answer })
  const clients: Client[] = []
  for (let index = 0; index < connections; index += 1) {
    const gate = await createGate(server, { standsOpen: true })
    const talks = index % 2 === 0
    clients.push(
      talks
        ? new SoakTalker({ gate, ledger, server, script, random, name: String(index + 1) })
        : new SoakClient(gate, ledger),
    )
  }
  const gates = clients.map(({ watched }) => watched.gate)
  const trouble = new Trouble(server, gates, ledger, random)
  const start = heapUsed()
  const end = performance.now() + durationMs
  while (performance.now() < end && turnsOf(clients) < mostTurns) {
    for (const client of clients) if (random() < 0.3) client.act()
    if (random() < (0.1 * Math.min(connections, 10)) / 4) trouble.make()
    for (const gate of gates) forgetEnded(gate.passages)
    await sleep(TICK_MS)
  }
  await Promise.all(clients.map((client) => client.stop()))
  for (const judgement of judgeLeft({ lines: await linesLeft(clients) })) ledger.judge(judgement)
  const [turns, creates] = [turnsOf(clients), server.creates()]
  const reached = reachedOf(clients, creates)
  ledger.judge(judgeReached(turns, reached))
  await Promise.all(gates.map((gate) => gate.close()))
  await server.close()
  const recordings = await writeEvidence(clients, folder)
  return { ledger, turns, reached, creates, heap: [start, heapUsed()], recordings }
}

function turnsOf(clients: readonly Client[]): number {
  return clients.reduce((sum, { turns }) => sum + turns, 0)
}

/** A conversation may have a turn read several times; what others send is read once at the most. */
function reachedOf(clients: readonly Client[], creates: number): number {
  const talks = clients.flatMap((client) => (client instanceof SoakTalker ? [client.reached] : []))
  return talks.reduce((sum, talk) => sum + talk.turns - talk.creates, creates)
}

async function writeEvidence(clients: readonly Client[], folder: string): Promise<string[]> {
  const files: string[] = []
  for (const [index, { watched }] of clients.entries()) {
    if (watched.evidence === null) continue
    const file = join(folder, `connection-${index + 1}.holdline.jsonl`)
    await mkdir(folder, { recursive: true })
    await writeFile(file, watched.evidence)
    files.push(file)
  }
  return files
}

/** A gate keeps every line it ever had, for tests to look at; a run without end must not. What is half open is cut. */
function forgetEnded(passages: Passage[]): void {
  while (passages.length > 1 && passages[0]?.live === false) passages.shift()?.cut()
}

async function linesLeft(clients: readonly Client[]): Promise<number> {
  const giveUp = performance.now() + PATIENCE_MS
  const count = (): number => clients.reduce((sum, { watched }) => sum + watched.gate.live, 0)
  while (count() > 0 && performance.now() < giveUp) await sleep(TICK_MS)
  return count()
}

function heapUsed(): number {
  // Only where Node runs with --expose-gc, as the command does.
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
