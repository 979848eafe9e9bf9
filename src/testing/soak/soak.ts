import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGate } from '../drive/gate.ts'
import { seededRandom } from '../model/random.ts'
import { createResponsesServer } from '../server/server.ts'
import { SoakClient } from './client.ts'
import { makeTrouble } from './faults.ts'
import { Ledger, PROMISES, type PromiseName } from './ledger.ts'

/** What a soak run is made of. */
export interface SoakOptions {
  /** How long, in ms. */
  readonly durationMs: number
  /** Connections that are kept at the same time. */
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
  readonly creates: number
  /** Heap in use, in bytes, at the beginning and at the end. */
  readonly heap: readonly [start: number, end: number]
  /** Recordings of what led to a broken promise. */
  readonly recordings: readonly string[]
}

const TICK_MS = 5
/** So long every line may take to be gone after its connection was stopped. */
const PATIENCE_MS = 2_000

/** Keeps connections busy against a local server while things go wrong, and tests every promise all the time. */
export async function soak({
  durationMs,
  connections,
  seed,
  folder = join('coverage', 'soak'),
}: SoakOptions): Promise<SoakReport> {
  const ledger = new Ledger()
  const random = seededRandom(seed)
  const server = await createResponsesServer({ logLimit: 200 })
  const clients: SoakClient[] = []
  for (let index = 0; index < connections; index += 1) {
    clients.push(new SoakClient(await createGate(server, { standsOpen: true }), ledger))
  }
  const gates = clients.map(({ gate }) => gate)
  const start = heapUsed()
  const end = performance.now() + durationMs
  while (performance.now() < end) {
    for (const client of clients) if (random() < 0.3) client.act()
    if (random() < 0.5) makeTrouble(server, gates, ledger, random)
    for (const gate of gates) forgetEnded(gate.passages)
    await sleep(TICK_MS)
  }
  await Promise.all(clients.map((client) => client.stop()))
  const left = await linesLeft(clients)
  ledger.check('nothingLeft', left === 0, () => `${left} lines are still there ${PATIENCE_MS} ms after stop`)
  const turns = clients.reduce((sum, { sent }) => sum + sent, 0)
  const creates = server.creates()
  ledger.check('noResend', creates <= turns, () => `the server saw ${creates} creates of ${turns} turns`)
  await Promise.all(gates.map((gate) => gate.close()))
  await server.close()
  const recordings = await writeEvidence(clients, folder)
  return { ledger, turns, creates, heap: [start, heapUsed()], recordings }
}

async function writeEvidence(clients: readonly SoakClient[], folder: string): Promise<string[]> {
  const files: string[] = []
  for (const [index, { evidence }] of clients.entries()) {
    if (evidence === null) continue
    const file = join(folder, `connection-${index + 1}.holdline.jsonl`)
    await mkdir(folder, { recursive: true })
    await writeFile(file, evidence)
    files.push(file)
  }
  return files
}

/** A report as text. */
export function printSoak({ ledger, turns, creates, heap, recordings }: SoakReport): string {
  const [start, end] = heap.map((bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`)
  const promises = (Object.keys(PROMISES) as PromiseName[]).map((name) => {
    const broken = ledger.broken(name)
    const verdict = broken === 0 ? 'kept' : `BROKEN ${broken} times`
    return `  ${PROMISES[name].padEnd(76)} ${verdict}, ${ledger.checks(name)} checks`
  })
  return [
    `${turns} turns sent, ${creates} seen by the server. Heap: ${start} at the start, ${end} at the end.`,
    'Promises:',
    ...promises,
    'Faults:',
    ...ledger.faults().map(([kind, count]) => `  ${kind.padEnd(30)} ${count}`),
    ...ledger.failures.map((failure) => `! ${failure}`),
    ...recordings.map((file) => `Recorded: npx holdline visualize ${file}`),
  ].join('\n')
}

/** A gate keeps every line it ever had, for tests to look at; a run without end must not. */
function forgetEnded(passages: { readonly live: boolean }[]): void {
  while (passages.length > 1 && passages[0]?.live === false) passages.shift()
}

async function linesLeft(clients: readonly SoakClient[]): Promise<number> {
  const giveUp = performance.now() + PATIENCE_MS
  const count = (): number => clients.reduce((sum, { gate }) => sum + gate.live, 0)
  while (count() > 0 && performance.now() < giveUp) await sleep(TICK_MS)
  return count()
}

function heapUsed(): number {
  // Only where Node runs with --expose-gc, as the command does.
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
