import type { LossPhase } from '../socket-contract.ts'
import type { ChartCause } from './judgement.ts'

/** How a loss comes to the chart's knowledge: as a fact (`cause` null), or by a clock of its own. */
export interface LossParams {
  readonly cause: ChartCause | null
  readonly phase: LossPhase
}

/** A fact of the present socket. One of a socket that has been replaced changes nothing. */
export const isFresh = 'isFresh'

/** Says to the owner and to listeners what has become of the connection. */
export function announce<const News extends 'opened' | 'lost' | 'ripe' | 'closing' | 'closed'>(news: News) {
  return { type: 'announce', params: { news: `connection.${news}` } } as const
}

/** The socket has ended, or is given up: how is noted, and what comes of it is decided in one place. */
export function lost<const Cause extends ChartCause | null>(cause: Cause, phase: LossPhase) {
  return {
    target: '#connection.reconnecting.deciding',
    actions: { type: 'recordLoss', params: { cause, phase } },
  } as const
}

/** The same, told by the socket itself. */
export function told<const Cause extends ChartCause | null>(cause: Cause, phase: LossPhase) {
  return { guard: isFresh, ...lost(cause, phase) } as const
}

/** An attempt: from the spawn of a socket to `open`, or to its loss, under one connect timeout. */
export const dialing = {
  // A chart never holds two sockets: whatever is left of the last one goes first.
  entry: ['hangUp', 'nextAttempt', 'dial'],
  on: {
    'socket.opened': { guard: isFresh, target: '#connection.open' },
    'socket.refused': told(null, 'dial'),
    'socket.lost': told(null, 'dial'),
    'xstate.error.actor.socket': lost('ERR_CHART_FAILED', 'dial'),
    close: { target: '#connection.closed', actions: 'abandonAttempt' },
  },
  after: { connectTimeout: lost('ERR_CONNECT_TIMEOUT', 'dial') },
} as const

/** Endings of an open socket, whatever it is doing. */
export const openLosses = {
  'socket.lost': told(null, 'open'),
  'socket.refused': told(null, 'open'),
  'socket.opened': told(null, 'open'),
  'xstate.error.actor.socket': lost('ERR_CHART_FAILED', 'open'),
} as const
