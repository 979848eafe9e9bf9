import { memoryInUse, timed } from '../harness/cpu.ts'
import { type Scenario, kibibytes, percent, wayOf } from '../harness/scenario.ts'
import { type OpenIdle, bareWithPing, connectionClass, machine, openMany } from '../ways/idle.ts'
import { endpointOf } from '../ways/talker.ts'

const WAYS: Readonly<Record<string, OpenIdle>> = {
  'bare `ws` with a ping timer': bareWithPing,
  '`connectionMachine`': machine,
  '`ResponsesConnection`': connectionClass,
}

const AT_ONCE = 50

export const idle: Scenario = {
  name: 'idle',
  title: 'Idle connections',
  about:
    'Resident memory of the client for each open connection, and the part of a core that all of them take while ' +
    'nothing happens but a ping each 20 s.',
  ways: Object.keys(WAYS),
  metrics: [
    { id: 'bytes', label: 'memory of one', show: kibibytes },
    { id: 'core', label: 'of a core, all', show: percent },
  ],
  goals: [
    { what: 'memory, machine', way: '`connectionMachine`', metric: 'bytes', atMost: 1.7 },
    { what: 'memory, class', way: '`ResponsesConnection`', metric: 'bytes', atMost: 1.7 },
    { what: 'of a core, machine', way: '`connectionMachine`', metric: 'core', as: 'value', atMost: 0.04 },
    { what: 'of a core, class', way: '`ResponsesConnection`', metric: 'core', as: 'value', atMost: 0.04 },
    { what: 'CPU, machine', way: '`connectionMachine`', metric: 'core', atMost: 2.5 },
    { what: 'CPU, class', way: '`ResponsesConnection`', metric: 'core', atMost: 2.5 },
  ],
  // Each has its own process, and an idle process does not disturb another.
  processes: { fresh: true, together: true },
  plan: (quick) =>
    quick
      ? { rounds: 1, warmUps: 0, size: { connections: 200, seconds: 1, pingMs: 250 } }
      : { rounds: 3, warmUps: 0, size: { connections: 5_000, seconds: 60, pingMs: 20_000 } },
  async open(way, server, { connections = 0, seconds = 0, pingMs = 0 }) {
    const open = wayOf(WAYS, way)
    const to = endpointOf(server, {})
    // What is loaded and compiled once is no cost of a connection.
    const kept = await openMany(20, 10, () => open(to, pingMs))
    return {
      async round() {
        const before = await memoryInUse()
        kept.push(...(await openMany(connections, AT_ONCE, () => open(to, pingMs))))
        const after = await memoryInUse()
        const { cpu, wall } = await timed(() => new Promise((resolve) => setTimeout(resolve, seconds * 1000)))
        if (kept.length !== connections + 20) throw new Error('a connection was not kept')
        return { bytes: (after - before) / connections, core: cpu / wall }
      },
    }
  },
}
