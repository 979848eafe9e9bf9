import { type Scenario, microseconds, wayOf } from '../harness/scenario.ts'
import { quantile } from '../report/stats.ts'
import { bare, emitter } from '../ways/bare.ts'
import { finalOnly, onClass } from '../ways/holdline.ts'
import { onOpenai, openaiFinal } from '../ways/openai.ts'
import { type OpenTalker, endpointOf } from '../ways/talker.ts'

const WAYS: Readonly<Record<string, OpenTalker>> = {
  'bare `ws` and `JSON.parse`': bare,
  'Holdline, `send` and callback': onClass,
  'Holdline, turn of a conversation': finalOnly,
  'small `EventEmitter` manager': emitter,
  '`openai`, `send` and callback': onOpenai,
  '`openai`, final response of a lane': openaiFinal,
}

export const latency: Scenario = {
  name: 'latency',
  title: 'A turn',
  about: 'From asking to the end of a response with one delta, over loopback, one turn after the other.',
  ways: Object.keys(WAYS),
  metrics: [
    { id: 'p50', label: 'p50', show: microseconds },
    { id: 'p99', label: 'p99', show: microseconds },
  ],
  goals: [
    {
      what: '`send` and callback, p50',
      way: 'Holdline, `send` and callback',
      metric: 'p50',
      atMost: 1.15,
    },
    { what: '`send` and callback, p99', way: 'Holdline, `send` and callback', metric: 'p99', atMost: 1.3 },
    {
      what: 'turn of a conversation, p50',
      way: 'Holdline, turn of a conversation',
      metric: 'p50',
      atMost: 1.15,
    },
    {
      what: 'turn of a conversation, p99',
      way: 'Holdline, turn of a conversation',
      metric: 'p99',
      atMost: 1.3,
    },
  ],
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 1, size: { turns: 250 } }
      : { rounds: 10, warmUps: 2, size: { turns: 1_000 } },
  async open(way, server, { turns = 0 }) {
    const talker = await wayOf(WAYS, way)(endpointOf(server, { frames: 1 }), () => {})
    return {
      async round() {
        const times: number[] = []
        for (let turn = 0; turn < turns; turn += 1) {
          const start = performance.now()
          await talker.turn()
          times.push((performance.now() - start) * 1000)
        }
        return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
      },
    }
  },
}
