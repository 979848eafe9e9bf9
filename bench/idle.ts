import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createActor, waitFor } from 'xstate'
import { WebSocket } from 'ws'
import { ResponsesConnection, Secret, connectionMachine } from '../src/index.ts'
import { startServer } from './server.ts'
import { median, table } from './stats.ts'

const CONNECTIONS = 1_000
const ROUNDS = 5
const PING_MS = 20_000

/** Opens one idle connection with a keepalive, and gives what must be kept for it. */
type Open = (url: string) => Promise<unknown>

const ways: Readonly<Record<string, Open>> = {
  'bare `ws` with a ping timer': async (url) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    await once(socket, 'open')
    const timer = setInterval(() => socket.ping(), PING_MS)
    return { socket, timer }
  },
  '`connectionMachine`': async (url) => {
    const actor = createActor(connectionMachine, { input: { url, apiKey: new Secret('sk-bench') } }).start()
    actor.send({ type: 'connect' })
    await waitFor(actor, (snapshot) => snapshot.matches('open'))
    return actor
  },
  '`ResponsesConnection`': async (url) => {
    const connection = new ResponsesConnection({ url, apiKey: 'sk-bench' })
    await connection.connect()
    return connection
  },
}

/** Resident memory for each idle connection, every measurement in a process of its own. */
export async function measureIdle(): Promise<string> {
  const server = await startServer(0)
  const bytes = new Map(Object.keys(ways).map((way) => [way, [] as number[]]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [way, measured] of bytes) measured.push(await inOwnProcess(way, server.url))
  }
  server.close()
  const [bare] = [...bytes.values()].map(median)
  const rows = [...bytes].map(([way, measured]) => {
    const kib = `${(median(measured) / 1024).toFixed(1)} KiB`
    return [way, (median(measured) / (bare ?? Number.NaN)).toFixed(2), kib]
  })
  const title = `Memory of an idle connection, ${CONNECTIONS} connections, ${ROUNDS} rounds`
  return `${title}\n\n${table(['way', 'ratio', 'this machine'], rows)}`
}

async function inOwnProcess(way: string, url: string): Promise<number> {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), way, url]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}

async function measure(open: Open, url: string): Promise<number> {
  // What is loaded and compiled once is no cost of a connection.
  const kept: unknown[] = [await open(url)]
  const before = await inUse()
  for (let count = 0; count < CONNECTIONS; count += 1) kept.push(await open(url))
  const after = await inUse()
  if (kept.length !== CONNECTIONS + 1) throw new Error('a connection was not kept')
  return (after - before) / CONNECTIONS
}

async function inUse(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc?.()
  }
  return process.memoryUsage.rss()
}

const [, file, way = '', url = ''] = process.argv
if (file === fileURLToPath(import.meta.url)) {
  const open = ways[way]
  if (open === undefined) throw new Error(`There is no way "${way}".`)
  console.log(await measure(open, url))
  process.exit()
}
