import * as v from 'valibot'
import { defineTool } from '../../src/index.ts'
import { timed } from '../harness/cpu.ts'
import { type Runner, type Scenario, milliseconds, wayOf } from '../harness/scenario.ts'
import { openConnection } from '../ways/holdline.ts'
import { openaiClient } from '../ways/openai.ts'
import { type Endpoint, endpointOf } from '../ways/talker.ts'

const CONTENTS = 'export const answer = 42\n'.repeat(20)
const HISTORY_BYTES = 200 * 1024

type Loop = () => Promise<number>

/** The loop that people write over HTTP: the whole input goes with every request. */
async function overHttp(to: Endpoint): Promise<Loop> {
  const client = openaiClient(to)
  return async () => {
    const input: object[] = [{ type: 'message', role: 'user', content: 'x'.repeat(HISTORY_BYTES) }]
    for (let calls = 0; ;) {
      const stream = await client.responses.create({
        model: 'm',
        input: input as never,
        stream: true,
        store: false,
      })
      const owed: object[] = []
      for await (const event of stream) {
        if (event.type !== 'response.output_item.done') continue
        input.push(event.item)
        if (event.item.type !== 'function_call') continue
        owed.push({ type: 'function_call_output', call_id: event.item.call_id, output: CONTENTS })
      }
      if (owed.length === 0) return calls
      calls += owed.length
      input.push(...owed)
    }
  }
}

const readFile = defineTool({
  name: 'read_file',
  description: 'Reads a file.',
  schema: v.object({ path: v.string() }),
  execute: () => CONTENTS,
})

async function overSocket({ url }: Endpoint): Promise<Loop> {
  const connection = await openConnection(url)
  return async () => {
    const conversation = connection.conversation({ model: 'm', tools: [readFile] })
    let calls = 0
    conversation.on('turn.settled', () => (calls += 1))
    await conversation.run('x'.repeat(HISTORY_BYTES), { maxRounds: 1_000 })
    conversation.close()
    return calls - 1
  }
}

const HOLDLINE = 'Holdline, `conversation.run`'
const WAYS: Readonly<Record<string, (to: Endpoint) => Promise<Loop>>> = {
  '`openai`, POST with SSE per turn': overHttp,
  [HOLDLINE]: overSocket,
}

const LINKS = {
  farPort: { name: 'agent-loop', title: 'An agent loop', link: 'which carries some 50 Mbit/s' },
  widePort: {
    name: 'agent-loop-wide',
    title: 'An agent loop on a link without limits',
    link: 'which carries any number of bytes at once',
  },
} as const

/** The same work on two links: what is sent again for each turn has to cross it. */
export const agentLoops = Object.entries(LINKS).map(([port, { name, title, link }]): Scenario => ({
  name,
  title,
  about:
    'A workflow of 40 tool calls, one after the other, with 200 KiB of history. A round trip to the server takes 20 ms ' +
    `longer through a proxy, ${link}; the tool takes no time. The server answers at once: what a model needs is not in it.`,
  ways: Object.keys(WAYS),
  metrics: [
    { id: 'wall', label: 'wall time', show: milliseconds },
    { id: 'cpu', label: 'CPU of the client', show: milliseconds },
  ],
  goals:
    port === 'farPort'
      ? [{ what: 'wall time, of POST with SSE', way: HOLDLINE, metric: 'wall', atMost: 0.6 }]
      : [],
  plan: (quick) =>
    quick ? { rounds: 1, warmUps: 0, size: { calls: 10 } } : { rounds: 7, warmUps: 1, size: { calls: 40 } },
  async open(way, server, { calls = 0 }): Promise<Runner> {
    const to = endpointOf({ port: server[port as keyof typeof LINKS] }, { calls })
    const loop = await wayOf(WAYS, way)(to)
    return {
      async round() {
        let made = 0
        const { wall, cpu } = await timed(async () => void (made = await loop()))
        if (made !== calls) throw new Error(`${way} made ${made} calls of ${calls}`)
        return { wall: wall / 1000, cpu: cpu / 1000 }
      },
    }
  },
}))
