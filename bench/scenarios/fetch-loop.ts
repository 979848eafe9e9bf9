import { timed } from '../harness/cpu.ts'
import { type Runner, type Scenario, kibibytes, milliseconds, wayOf } from '../harness/scenario.ts'
import { FETCHES, aiSdkLoop, bytesWritten } from '../ways/ai-sdk.ts'
import { endpointOf } from '../ways/talker.ts'

const HOLDLINE = '`holdline/fetch`'
const HISTORY_BYTES = 200 * 1024

const LOOPS = {
  port: {
    name: 'fetch-loop',
    title: 'A loop of the AI SDK',
    history: 'Go on.',
    where: 'on this machine, from an empty history',
    goal: { what: 'bytes sent, of plain HTTP', way: HOLDLINE, metric: 'sent', atMost: 0.06 },
  },
  farPort: {
    name: 'fetch-loop-far',
    title: 'A loop of the AI SDK, far away',
    history: 'x'.repeat(HISTORY_BYTES),
    where:
      'through a proxy that adds 20 ms to a round trip and carries some 50 Mbit/s, with 200 KiB of history before it',
    goal: { what: 'wall time, of plain HTTP', way: HOLDLINE, metric: 'wall', atMost: 0.5 },
  },
} as const

/** The same program three times: only the `fetch` under it differs. */
export const fetchLoops = Object.entries(LOOPS).map(
  ([port, { name, title, history, where, goal }]): Scenario => ({
    name,
    title,
    about:
      `40 steps of \`streamText\`, each with one tool call whose output has 4 KB, ${where}. ` +
      'The server answers at once: what a model needs is not in it.',
    ways: Object.keys(FETCHES),
    metrics: [
      { id: 'sent', label: 'bytes sent', show: kibibytes },
      { id: 'wall', label: 'wall time', show: milliseconds },
      { id: 'cpu', label: 'CPU of the client', show: milliseconds },
    ],
    goals: [goal],
    plan: (quick) =>
      quick ? { rounds: 1, warmUps: 0, size: { calls: 40 } } : { rounds: 7, warmUps: 1, size: { calls: 40 } },
    async open(way, server, { calls = 0 }): Promise<Runner> {
      bytesWritten()
      const to = endpointOf({ port: server[port as keyof typeof LOOPS] }, { calls })
      const under = await wayOf(FETCHES, way)(to)
      return {
        async round() {
          const before = bytesWritten()
          let made = 0
          const { wall, cpu } = await timed(
            async () => void (made = await aiSdkLoop(to.baseURL, under, history, calls)),
          )
          if (made !== calls) throw new Error(`${way} made ${made} calls of ${calls}`)
          return { sent: bytesWritten() - before, wall: wall / 1000, cpu: cpu / 1000 }
        },
      }
    },
  }),
)
