import { timedEach } from '../harness/cpu.ts'
import { type Scenario, microseconds, wayOf } from '../harness/scenario.ts'
import {
  type OpenIdle,
  bareWithPing,
  connectionClass,
  machine,
  openMany,
  openaiSocket,
} from '../ways/idle.ts'
import { endpointOf } from '../ways/talker.ts'

const WAYS: Readonly<Record<string, OpenIdle>> = {
  'bare `ws` with a ping timer': bareWithPing,
  '`connectionMachine`': machine,
  '`ResponsesConnection`': connectionClass,
  '`openai`, `ResponsesWS`': openaiSocket,
}

const AT_ONCE = 50

export const connect: Scenario = {
  name: 'connect',
  title: 'Connecting',
  about: 'Time for each of many connections, 50 of them at a time, until all are open.',
  ways: Object.keys(WAYS),
  metrics: [
    { id: 'wall', label: 'wall time', show: microseconds },
    { id: 'cpu', label: 'CPU, user and system', show: microseconds },
  ],
  goals: [
    { what: 'machine', way: '`connectionMachine`', metric: 'wall', atMost: 1.4 },
    { what: 'class', way: '`ResponsesConnection`', metric: 'wall', atMost: 1.4 },
  ],
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 1, size: { connections: 200 } }
      : { rounds: 11, warmUps: 2, size: { connections: 1_000 } },
  async open(way, server, { connections = 0 }) {
    const open = wayOf(WAYS, way)
    const to = endpointOf(server, {})
    return {
      async round() {
        let opened: (() => void)[] = []
        const sample = await timedEach(connections, async () => {
          opened = await openMany(connections, AT_ONCE, () => open(to, 20_000))
        })
        for (const close of opened) close()
        return sample
      },
    }
  },
}
