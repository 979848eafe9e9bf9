import { and } from 'xstate'
import type { LossPhase } from '../socket-contract.ts'
import type { ChartCause } from './judgement.ts'

/** How a loss comes to the chart's knowledge: as a fact (`cause` null), or by a clock of its own. */
export interface LossParams {
  readonly cause: ChartCause | null
  readonly phase: LossPhase
}

/** Says to the owner and to listeners what has become of the connection. */
export function announce<const News extends 'opened' | 'lost' | 'ripe' | 'closing' | 'closed'>(news: News) {
  return { type: 'announce', params: { news: `connection.${news}` } } as const
}

/** The event is a fact of a socket that has been replaced: it is consumed, and nothing happens. */
export const dropStale = { guard: 'isStale' } as const

/** What a loss leads to: another attempt, or the end. */
export function lossTransitions<const Params extends LossParams>(params: Params) {
  return [
    {
      guard: { type: 'mayRetry', params },
      target: '#connection.reconnecting',
      actions: ['drawJitter', { type: 'spendRetry', params }, announce('lost')],
    },
    {
      target: '#connection.closed',
      actions: [{ type: 'giveUp', params }, announce('lost')],
    },
  ] as const
}

/** The same for a refused upgrade, after which a renewed credential may be all that is needed. */
export function refusalTransitions<const Params extends LossParams>(params: Params) {
  return [
    {
      guard: { type: 'mayRenew', params },
      target: '#connection.reconnecting',
      actions: [{ type: 'spendRenewal', params }, announce('lost')],
    },
    ...lossTransitions(params),
  ] as const
}

/** The same for a line that was open: the first redial after a stable line owes no floor. */
export function openLossTransitions<const Params extends LossParams>(params: Params) {
  return [
    {
      guard: and(['isStable', { type: 'mayRetry', params }]),
      target: '#connection.reconnecting',
      actions: ['drawJitter', { type: 'spendFirstRetry', params }, announce('lost')],
    },
    ...lossTransitions(params),
  ] as const
}

const byFact = { cause: null, phase: 'dial' } as const
const whileOpen = { cause: null, phase: 'open' } as const

/** An attempt: from the spawn of a socket to `open`, or to its loss, under one connect timeout. */
export const dialing = {
  // A chart never holds two sockets: whatever is left of the last one goes first.
  entry: ['hangUp', 'nextAttempt', 'dial'],
  on: {
    'socket.opened': [dropStale, { target: '#connection.open' }],
    'socket.refused': [dropStale, ...refusalTransitions(byFact)],
    'socket.lost': [dropStale, ...lossTransitions(byFact)],
    'xstate.error.actor.socket': lossTransitions({ cause: 'ERR_CHART_FAILED', phase: 'dial' }),
    close: { target: '#connection.closed', actions: 'abandonAttempt' },
  },
  after: { connectTimeout: lossTransitions({ cause: 'ERR_CONNECT_TIMEOUT', phase: 'dial' }) },
} as const

/** Endings of an open socket, whatever it is doing. */
export const openLosses = {
  'socket.lost': [dropStale, ...openLossTransitions(whileOpen)],
  'socket.refused': [dropStale, ...openLossTransitions(whileOpen)],
  'socket.opened': [dropStale, ...openLossTransitions(whileOpen)],
  'xstate.error.actor.socket': openLossTransitions({ cause: 'ERR_CHART_FAILED', phase: 'open' }),
} as const
