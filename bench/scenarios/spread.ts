import { timed } from '../harness/cpu.ts'
import { type Scenario, plain } from '../harness/scenario.ts'
import { urlOf } from '../server/spec.ts'
import { openConnection } from '../ways/holdline.ts'

/** Responses that a connection runs at once (Responses WebSocket guide, limits). */
const LANES = 16
const FRAMES = 250
const COUNTS = [8, 1, 2, 4, 16, 32, 64]

const nameOf = (count: number): string => (count === 1 ? '1 conversation' : `${count} conversations`)
const WAYS = new Map(COUNTS.map((count) => [nameOf(count), count]))

export const spread: Scenario = {
  name: 'spread',
  title: 'Many conversations in one process',
  about:
    'Delta frames a second that one process reads with `for await`, in conversations that each run one turn of 250 ' +
    'frames after the other, 16 of them on a connection; and what the conversation that got least had, of the average.',
  ways: [...WAYS.keys()],
  metrics: [
    { id: 'throughput', label: 'frames a second', show: (value) => Math.round(value).toLocaleString('en') },
    { id: 'least', label: 'least, of the average', show: plain },
  ],
  goals: [
    { what: '64 conversations, of 8', way: '64 conversations', metric: 'throughput', atLeast: 0.9 },
    { what: '32 conversations, of 8', way: '32 conversations', metric: 'throughput', atLeast: 0.9 },
    { what: 'least of 64', way: '64 conversations', metric: 'least', as: 'value', atLeast: 0.8 },
  ],
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 0, size: { frames: 16_000 } }
      : { rounds: 7, warmUps: 2, size: { frames: 320_000 } },
  async open(way, server, { frames = 0 }) {
    const count = WAYS.get(way) ?? 1
    const url = urlOf(server, { frames: FRAMES })
    const connections = await Promise.all(
      Array.from({ length: Math.ceil(count / LANES) }, () => openConnection(url)),
    )
    return {
      async round() {
        const had = Array.from({ length: count }, () => 0)
        let left = frames
        const talk = async (number: number): Promise<void> => {
          const conversation = connections[number % connections.length]?.conversation({ model: 'm' })
          if (conversation === undefined) return
          while (left > 0) {
            for await (const event of conversation.respond('Go on.')) {
              if (event.type !== 'response.output_text.delta') continue
              left -= 1
              had[number] = (had[number] ?? 0) + 1
            }
          }
          conversation.close()
        }
        const { wall } = await timed(
          async () => void (await Promise.all(had.map((_, number) => talk(number)))),
        )
        const total = had.reduce((sum, one) => sum + one, 0)
        return { throughput: total / (wall / 1e6), least: Math.min(...had) / (total / count) }
      },
    }
  },
}
