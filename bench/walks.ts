import { Session, type Profiler } from 'node:inspector/promises'
import { ResponsesConnection, type Turn } from '../src/index.ts'
import { type TurnByHand, createResponsesServer } from '../src/testing/index.ts'

// How far a newcomer walks who follows one thing through the code: which functions are called, how often, in how many
// files, and how many messages actors send each other. Counted by V8 while it happens, on the unbundled sources.

/** Holdline's own code; the local server and the benches are not. */
const OWN = /\/bench\/dist\/((?:machines|src\/(?:protocol|dial|socket|http|client))\/.*)$/

interface Walk {
  readonly name: string
  readonly functions: number
  readonly calls: number
  readonly files: number
  readonly messages: readonly string[]
  readonly called: readonly string[]
}

const session = new Session()
session.connect()
await session.post('Profiler.enable')

let messages: string[] = []

/** Does something, and tells what was called meanwhile. */
async function walk(name: string, take: () => Promise<void>): Promise<Walk> {
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  await session.post('Profiler.takePreciseCoverage')
  messages = []
  await take()
  const sent = messages
  const { result } = await session.post('Profiler.takePreciseCoverage')
  await session.post('Profiler.stopPreciseCoverage')
  return { name, messages: sent, ...counted(result) }
}

function counted(scripts: readonly Profiler.ScriptCoverage[]): Omit<Walk, 'name' | 'messages'> {
  const called: string[] = []
  const files = new Set<string>()
  let calls = 0
  for (const { url, functions } of scripts) {
    const file = OWN.exec(url)?.[1]
    if (file === undefined) continue
    for (const { functionName, ranges } of functions) {
      const count = ranges[0]?.count ?? 0
      if (count === 0) continue
      calls += count
      files.add(file)
      called.push(`${file}: ${functionName === '' ? '(anonymous)' : functionName} ×${count}`)
    }
  }
  return { functions: called.length, calls, files: files.size, called: called.toSorted() }
}

/** The response that the server leaves to us, once it has the request. */
async function byHand(count: number): Promise<TurnByHand> {
  await server.waitForCreate(undefined, { count })
  return server.waitFor('a response by hand', () => server.turnsByHand()[0])
}

const server = await createResponsesServer({ turns: Array.from({ length: 8 }, () => ({ byHand: true })) })
const connection = new ResponsesConnection({
  apiKey: 'sk-walks',
  url: server.url,
  minRetryDelayMs: 0,
  backoffDelaysMs: [0],
  inspect: (event) => {
    if (event.type !== '@xstate.event' || event.sourceRef === undefined) return
    messages.push(event.event.type)
  },
})
await connection.connect()
const conversation = connection.conversation({ model: 'gpt-5.4' })

// Once without counting: what is loaded or made at the first time only is not part of the walk.
const first = conversation.respond('warm up')
const opening = await byHand(1)
opening.created()
opening.delta('a')
opening.end('completed')
await first.response

const walks: Walk[] = []
let turn: Turn | undefined
walks.push(
  await walk('respond() to ws.send', async () => {
    turn = conversation.respond('a turn')
    await server.waitForCreate(undefined, { count: 2 })
  }),
)
const running = await byHand(2)
const reader = (turn as Turn)[Symbol.asyncIterator]()
running.created()
await reader.next()
running.delta('one')
await reader.next()
walks.push(
  await walk('a delta to `for await`', async () => {
    const next = reader.next()
    running.delta('two')
    await next
  }),
)
walks.push(
  await walk('a terminal frame', async () => {
    running.end('completed')
    await (turn as Turn).response
  }),
)

const again = connection.conversation({ model: 'gpt-5.4', replay: 'unanswered' })
const resent = again.respond('lost and sent again')
await byHand(3)
walks.push(
  await walk('close to the turn sent again', async () => {
    server.dropAll()
    await server.waitForCreate(undefined, { count: 4 })
  }),
)
const second = await byHand(4)
second.created()
second.end('completed')
await resent.response
const lost = conversation.respond('lost')
const outcome = lost.response.catch(() => undefined)
const begun = await byHand(5)
begun.created()
await lost[Symbol.asyncIterator]().next()
walks.push(
  await walk("close to the turn's rejection", async () => {
    server.dropAll()
    await outcome
  }),
)
await connection.close()
connection.stop()
await server.close()

const wide = process.argv.includes('--called')
for (const { name, functions, calls, files, messages: sent, called } of walks) {
  console.log(
    `${name}: ${functions} functions, ${calls} calls, ${files} files, ${sent.length} actor messages`,
  )
  if (wide) console.log(`${[...sent, ...called].map((line) => `  ${line}`).join('\n')}\n`)
}
process.exit(0)
