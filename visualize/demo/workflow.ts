import * as v from 'valibot'
import { ResponsesConnection } from '../../src/client/connection.ts'
import type { ConnectionOptions } from '../../src/client/options.ts'
import { defineTool } from '../../src/client/tools/index.ts'
import { type ResponsesServer, type Turn, createResponsesServer } from '../../src/testing/index.ts'

/** The local server takes this key and no other. */
const DEMO_KEY = 'holdline-demo-key'

const QUESTIONS = [
  'Which state keeps the retry budget?',
  'How long is a line on probation?',
  'What does a ping cost?',
  'When does a conversation move to a fresh connection?',
]

const ANSWER =
  'The chart says so itself: every wait is a delayed transition, and every loss has one verdict. ' +
  'Look at the log on the right, and pick a row to see that moment again.'

const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks a word up in the manual',
  schema: v.object({ word: v.string() }),
  execute: async ({ word }) => {
    await pause(600)
    return `${word}: see the chart`
  },
})

/** What the server does to the line, one after the other, round and round. */
const FAULTS: readonly {
  readonly label: string
  strike(server: ResponsesServer, signal: AbortSignal): void | Promise<void>
}[] = [
  { label: 'nothing', strike: () => {} },
  { label: 'the line drops without a close frame', strike: (server) => server.dropAll() },
  {
    label: 'the server restarts, and refuses upgrades with 503 for a while',
    async strike(server, signal) {
      server.refuseUpgrades(503)
      server.dropAll()
      await pause(6000, signal)
      server.acceptUpgrades()
    },
  },
  { label: 'a TCP reset', strike: (server) => server.dropAll({ reset: true }) },
  {
    label: 'upgrades that are never answered',
    async strike(server, signal) {
      server.refuseUpgrades({ stall: true })
      server.dropAll()
      await pause(5000, signal)
      server.acceptUpgrades()
      server.dropAll()
    },
  },
]

/** Runs questions, tools and faults on a server of its own until `signal` is aborted. */
export async function runDemo(
  inspect: NonNullable<ConnectionOptions['inspect']>,
  signal: AbortSignal,
): Promise<void> {
  await using server = await createResponsesServer({ apiKey: DEMO_KEY, model: answer })
  await using connection = new ResponsesConnection({
    url: server.url,
    apiKey: DEMO_KEY,
    inspect,
    pingIntervalMs: 4000,
    stableAfterMs: 8000,
    connectTimeoutMs: 3000,
  })
  const conversation = connection.conversation({ model: 'demo', tools: [lookUp], replay: 'unanswered' })
  for (let round = 0; !signal.aborted; round += 1) {
    // A turn that is lost on the way is part of the show: the next round asks again.
    await conversation.run(QUESTIONS[round % QUESTIONS.length] ?? '', { signal }).catch(() => {})
    await pause(1500, signal)
    if (signal.aborted) break
    await FAULTS[round % FAULTS.length]?.strike(server, signal)
    if (round % 7 === 6) await rest(connection, signal)
  }
}

/** Closes as an application would, and comes back. */
async function rest(connection: ResponsesConnection, signal: AbortSignal): Promise<void> {
  await connection.close()
  await pause(3000, signal)
  if (!signal.aborted) await connection.connect({ signal }).catch(() => {})
}

function answer({ input }: { readonly input: readonly unknown[] }): Turn {
  const last = input.at(-1)
  const isOutput =
    typeof last === 'object' && last !== null && Reflect.get(last, 'type') === 'function_call_output'
  if (!isOutput) return { calls: [{ name: 'look_up', arguments: { word: 'chart' } }], delayMs: 90 }
  return { reasoning: 'The manual is clear.', text: ANSWER, delayMs: 70 }
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
