import { type Scenario, milliseconds, wayOf } from '../harness/scenario.ts'
import { median } from '../report/stats.ts'
import {
  type OpenRedialer,
  handWritten,
  holdlineRedial,
  openaiRedial,
  partyRedial,
  reconnectingRedial,
} from '../ways/redial.ts'
import { endpointOf } from '../ways/talker.ts'

const WAYS: Readonly<Record<string, OpenRedialer>> = {
  'hand-written immediate redial': handWritten,
  'Holdline, turn of a conversation': holdlineRedial,
  '`reconnecting-websocket`': reconnectingRedial,
  '`partysocket`': partyRedial,
  '`openai`, `reconnect`': openaiRedial,
}

export const recover: Scenario = {
  name: 'recover',
  title: 'Coming back',
  about:
    'From the loss of a connection that had proved its health to the first event of the next turn, with every delay ' +
    'before a redial set to 0.',
  ways: Object.keys(WAYS),
  metrics: [{ id: 'time', label: 'median of a round', show: milliseconds }],
  goals: [{ what: 'next event', way: 'Holdline, turn of a conversation', metric: 'time', atMost: 1.2 }],
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 1, size: { cycles: 10 } }
      : { rounds: 11, warmUps: 2, size: { cycles: 100 } },
  async open(way, server, { cycles = 0 }) {
    const redialer = await wayOf(WAYS, way)(endpointOf(server, { frames: 1 }))
    return {
      async round() {
        const times: number[] = []
        for (let cycle = 0; cycle < cycles; cycle += 1) times.push(await redialer.cycle())
        return { time: median(times) }
      },
    }
  },
}
