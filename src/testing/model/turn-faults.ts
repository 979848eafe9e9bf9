import type { Turn } from '../script/types.ts'
import { OVERSIZED_BYTES, isOver } from './upgrade-faults.ts'

/** How a turn that the server is asked for ends. */
export type TurnEnd = 'completed' | 'failed' | 'incomplete' | 'error'

/** What goes wrong in a turn: every fault that the local server can be asked for in the middle of one. */
export type TurnFaultName = keyof typeof FAULTS

interface FaultedTurn {
  /** How the turn must end for it, where the line lasts. */
  readonly end: TurnEnd
  /** The line ends with this close code before the turn does. */
  readonly closes?: number
  /** It closes only a line whose `maxPayloadBytes` is smaller than this. Default: every line. */
  readonly bytes?: number
  /** From then on nothing comes from the server. */
  readonly silences?: boolean
  /** So long it takes until the answer comes, in ms. Default: 0. */
  readonly afterMs?: number
  readonly turn: Turn
}

/** No other clock of a connection is due as late as this, in ms. */
const DELAY_MS = 1_237

const text = ['some ', 'text']
const refused = { status: 429, code: 'rate_limit_exceeded' }
const headers = { 'retry-after-ms': 1_500 }

const FAULTS = {
  close: {
    end: 'completed',
    closes: 1011,
    turn: { text, faults: [{ at: 'delta', do: 'close', code: 1011 }] },
  },
  terminate: { end: 'completed', closes: 1006, turn: { text, faults: [{ at: 'delta', do: 'terminate' }] } },
  silence: { end: 'completed', silences: true, turn: { text, faults: [{ at: 'delta', do: 'silence' }] } },
  delay: {
    end: 'completed',
    afterMs: DELAY_MS,
    turn: { text, faults: [{ at: 'created', do: 'delay', ms: DELAY_MS }] },
  },
  'double terminal': {
    end: 'error',
    turn: { text, faults: [{ at: 'before-terminal', do: 'double-terminal' }] },
  },
  'stale event': { end: 'completed', turn: { text, faults: [{ at: 'delta', do: 'stale-event' }] } },
  'unknown event': { end: 'completed', turn: { text, faults: [{ at: 'item', do: 'unknown-event' }] } },
  keepalive: { end: 'completed', turn: { text, faults: [{ at: 'in-progress', do: 'keepalive' }] } },
  'binary frame': { end: 'completed', turn: { text, faults: [{ at: 'delta', do: 'binary' }] } },
  'broken JSON': { end: 'completed', turn: { text, faults: [{ at: 'request', do: 'broken-json' }] } },
  'oversized frame': {
    end: 'completed',
    closes: 1009,
    bytes: OVERSIZED_BYTES,
    turn: { text, faults: [{ at: 'delta', do: 'oversized', bytes: OVERSIZED_BYTES }] },
  },
  'sequence gap': { end: 'completed', turn: { text, faults: [{ at: 'delta', do: 'sequence-gap' }] } },
  'no created': { end: 'completed', turn: { text, faults: [{ at: 'created', do: 'omit-created' }] } },
  'empty output': {
    end: 'completed',
    turn: { text, faults: [{ at: 'before-terminal', do: 'empty-output' }] },
  },
  'done dialect': {
    end: 'completed',
    turn: { text, faults: [{ at: 'before-terminal', do: 'done-dialect' }] },
  },
  'flat error': { end: 'error', turn: { error: { ...refused, shape: 'flat' } } },
  'detail error': { end: 'error', turn: { error: { ...refused, shape: 'detail' } } },
  'status_code alias': { end: 'error', turn: { error: { ...refused, statusField: 'status_code' } } },
  'headers inside': { end: 'error', turn: { error: { ...refused, headers, headersIn: 'error' } } },
  'headers on top': { end: 'error', turn: { error: { ...refused, headers, headersIn: 'top' } } },
} as const satisfies Readonly<Record<string, FaultedTurn>>

/** All faults of turns. */
export const TURN_FAULTS = Object.keys(FAULTS) as TurnFaultName[]

/** What the server is to do, and what comes of it. */
export function faultedTurn(name: TurnFaultName): FaultedTurn {
  return FAULTS[name]
}

/** The close code with which it ends a line that takes messages of this size, or null. */
export function closeOf({ closes, bytes }: FaultedTurn, maxPayloadBytes: number): number | null {
  return closes !== undefined && isOver(bytes, maxPayloadBytes) ? closes : null
}
