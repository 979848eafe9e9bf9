import { timedEach } from '../harness/cpu.ts'
import { type Scenario, microseconds, wayOf } from '../harness/scenario.ts'
import { bare, emitter } from '../ways/bare.ts'
import { finalOnly, iterator, onActor, onClass } from '../ways/holdline.ts'
import { naiveChart } from '../ways/naive-chart.ts'
import { onOpenai, openaiFinal, openaiIterator, openaiLane } from '../ways/openai.ts'
import { party, reconnecting } from '../ways/reconnecting.ts'
import { type OpenTalker, endpointOf } from '../ways/talker.ts'

/** Ways that wait for the response alone, and hear no delta. */
const FINAL_ONLY: ReadonlySet<string> = new Set(['Holdline, final response only', '`openai`, final response'])

const WAYS: Readonly<Record<string, OpenTalker>> = {
  'bare `ws` and `JSON.parse`': bare,
  'Holdline, callback': onClass,
  'Holdline, callback of the actor': onActor,
  'Holdline, `for await` over a turn': iterator,
  'Holdline, final response only': finalOnly,
  'small `EventEmitter` manager': emitter,
  '`reconnecting-websocket`': reconnecting,
  '`partysocket`': party,
  '`openai`, callback': onOpenai,
  '`openai`, iterator': openaiIterator,
  '`openai`, lane, event by event': openaiLane,
  '`openai`, final response': openaiFinal,
  'every frame a machine transition': naiveChart,
}

export const frames: Scenario = {
  name: 'frames',
  title: 'A streamed frame',
  about: 'CPU time of the client for each delta frame of 250 bytes, on one connection.',
  ways: Object.keys(WAYS),
  metrics: [
    { id: 'user', label: 'CPU, user', show: microseconds },
    { id: 'cpu', label: 'CPU, user and system', show: microseconds },
    { id: 'wall', label: 'wall time', show: microseconds },
  ],
  goals: [
    { what: 'callback', way: 'Holdline, callback', metric: 'user', atMost: 1.1 },
    {
      what: 'callback, of `openai`',
      way: 'Holdline, callback',
      metric: 'user',
      of: '`openai`, callback',
      atMost: 0.6,
    },
    { what: '`for await`', way: 'Holdline, `for await` over a turn', metric: 'user', atMost: 1.35 },
    {
      what: '`for await`, of `openai`',
      way: 'Holdline, `for await` over a turn',
      metric: 'user',
      of: '`openai`, iterator',
      atMost: 0.65,
    },
    { what: 'final response only', way: 'Holdline, final response only', metric: 'user', atMost: 1.1 },
  ],
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 1, size: { frames: 8_000 } }
      : { rounds: 9, warmUps: 2, size: { frames: 200_000 } },
  async open(way, server, { frames: count = 0 }) {
    let characters = 0
    const to = endpointOf(server, { frames: count, bytes: 250 })
    const talker = await wayOf(WAYS, way)(to, (delta) => void (characters += delta.length))
    return {
      async round() {
        characters = 0
        const sample = await timedEach(count, () => talker.turn())
        if (!FINAL_ONLY.has(way) && (characters === 0 || characters % count !== 0)) {
          throw new Error(`${way} lost a frame`)
        }
        return sample
      },
    }
  },
}
