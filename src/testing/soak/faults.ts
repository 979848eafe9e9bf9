import type { Gate } from '../drive/gate.ts'
import { pick } from '../model/random.ts'
import type { ConnectionFault, Turn } from '../script/types.ts'
import type { ResponsesServer } from '../server/api.ts'
import type { Ledger } from './ledger.ts'

const NETWORK = ['cut', 'freeze'] as const
const CLOSE_CODES = [1000, 1001, 1008, 1011, 1012, 1013]
const STATUSES = [429, 500, 503, 401, 426]

const STRIKES: readonly ConnectionFault[] = [
  { do: 'unknown-event' },
  { do: 'keepalive' },
  { do: 'binary' },
  { do: 'broken-json' },
  { do: 'oversized', bytes: 65_536 },
  { do: 'terminate', reset: true },
  { do: 'error', error: { status: 400, code: 'websocket_connection_limit_reached' } },
]

const TURNS: readonly Turn[] = [
  { text: 'a b c', faults: [{ do: 'terminate', at: 'delta', nth: 1 }] },
  { text: 'a b c', faults: [{ do: 'close', at: 'created', code: 1011 }] },
  { text: 'a b c', faults: [{ do: 'omit-created', at: 'created' }] },
  { text: 'a b c', faults: [{ do: 'sequence-gap', at: 'delta' }] },
  { text: 'a b c', faults: [{ do: 'empty-output', at: 'before-terminal' }] },
  { text: 'a b c', faults: [{ do: 'done-dialect', at: 'before-terminal' }] },
  { text: 'a b c', faults: [{ do: 'silence', at: 'delta' }] },
  { text: 'a b c', delayMs: 20 },
  { failed: {} },
  { incomplete: {} },
  { error: { status: 500 } },
]

/** Makes one random thing go wrong: on the network, at the next dial, on an open line, or in the next turn. */
export function makeTrouble(
  server: ResponsesServer,
  gates: readonly Gate[],
  ledger: Ledger,
  random: () => number,
): void {
  const roll = random()
  if (roll < 0.25) trouble(pick(gates, random), ledger, random)
  else if (roll < 0.45) refuse(server, ledger, random)
  else if (roll < 0.6) hangUp(server, ledger, random)
  else if (roll < 0.75) strike(server, ledger, random)
  else enqueue(server, ledger, random)
}

function trouble(gate: Gate | undefined, ledger: Ledger, random: () => number): void {
  const line = gate?.newest
  if (line?.live !== true) return
  const kind = pick(NETWORK, random)
  ledger.fault(`network: ${kind}`)
  if (kind === 'cut') return line.cut()
  line.freeze()
  setTimeout(() => line.thaw(), 50 + random() * 600).unref()
}

function refuse(server: ResponsesServer, ledger: Ledger, random: () => number): void {
  const status = pick(STATUSES, random) ?? 503
  ledger.fault(`upgrade refused: ${status}`)
  server.enqueueUpgrades({ status })
}

function hangUp(server: ResponsesServer, ledger: Ledger, random: () => number): void {
  const code = pick(CLOSE_CODES, random) ?? 1011
  const line = pick(openLines(server), random)
  if (line === undefined) return
  ledger.fault(`server closes: ${code}`)
  line.strike({ do: 'close', code })
}

function strike(server: ResponsesServer, ledger: Ledger, random: () => number): void {
  const fault = pick(STRIKES, random)
  const line = pick(openLines(server), random)
  if (fault === undefined || line === undefined) return
  ledger.fault(`on the line: ${fault.do}`)
  line.strike(fault)
}

function enqueue(server: ResponsesServer, ledger: Ledger, random: () => number): void {
  const turn = pick(TURNS, random)
  if (turn === undefined || server.turnsLeft() > 8) return
  const kind = turn.faults?.[0]?.do ?? Object.keys(turn).find((name) => name !== 'text') ?? 'none'
  ledger.fault(`in a turn: ${kind}`)
  server.enqueueTurns(turn)
}

function openLines(server: ResponsesServer) {
  return server.connections().filter(({ open }) => open)
}
