import type { LineCommand } from '../line/types.ts'
import type { TurnResult } from '../turn/types.ts'
import { type Chain, type SendPlan, planSending } from './chain.ts'
import type { ConversationContext, ConversationEvent, TurnOrigin, TurnPlanned, TurnSettled } from './types.ts'

// What the conversation's actions write, as functions of context and event.

type Change = Partial<ConversationContext>

export function begin(context: ConversationContext, event: ConversationEvent): Change {
  if (event.type !== 'respond' && event.type !== 'prime') return {}
  const { turnId, length, model, taken, origin, policy } = event
  const kind = event.type === 'respond' ? 'turn' : 'warm-up'
  return {
    request: { turnId, kind, length, model, taken, origin, policy },
    chain: chainFrom(context.chain, origin),
    lease: null,
    plan: null,
    mustReplay: false,
    turns: context.turns + 1,
  }
}

/** What of the server's memory a turn can use whose caller keeps the history. */
function chainFrom(chain: Chain | null, origin: TurnOrigin | undefined): Chain | null {
  if (origin === undefined || origin.kind === 'named') return chain
  return origin.kind === 'none' || chain === null ? null : { ...chain, length: origin.items }
}

/**
 * A refused continuation costs the chain, whatever it was refused for: the server forgets what it continued from
 * (Responses WebSocket guide, errors). Only what was stored can be continued, unless it is the chain that was refused.
 */
export function noteResend({ chain, request }: ConversationContext, event: ConversationEvent): Change {
  if (event.type !== 'turn.requeued') return {}
  // Nobody knows whether the server still has the steers that were to go in before the input.
  const isKept = event.reason !== 'replay' && chain?.stored === true && (request?.taken ?? 0) === 0
  return isKept ? {} : { mustReplay: true, chain: null }
}

/** A lane was granted: what has to be sent there is decided now. */
export function plan(context: ConversationContext, event: ConversationEvent): Change {
  const { request, chain } = context
  if (event.type !== 'lane.granted' || request === null) return {}
  const { connectionKey, lane, laneSerial } = event
  const { model, length, taken = 0, origin } = request
  const lease = { connectionKey, lane, laneSerial }
  if (origin?.kind === 'named') {
    return { lease, plan: { kind: 'delta', previousResponseId: origin.responseId, from: 0 } }
  }
  const planned: SendPlan = context.mustReplay
    ? { kind: 'full', reason: 'replay', from: 0 }
    : planSending(chain, { ...lease, model, length, taken })
  return { lease, plan: planned }
}

export function planAnnouncement({ request, lease, plan: planned }: ConversationContext): TurnPlanned {
  if (request === null || lease === null || planned === null) {
    throw new TypeError('a plan is announced after it was made')
  }
  const { connectionKey, lane } = lease
  const { turnId, origin } = request
  return { type: 'turn.planned', turnId, connectionKey, lane, plan: planned, ...(origin && { origin }) }
}

/**
 * What the server remembers after the turn. Only a completed response is known to be remembered; after anything
 * else the next turn is sent whole (the server evicts what a failed turn continued from).
 */
export function settle(context: ConversationContext, event: ConversationEvent): Change {
  const result = resultOf(event)
  if (result === null) return {}
  const change = { request: null, plan: null, mustReplay: false, lastResult: result }
  // A turn that never left has changed nothing on the server.
  if (result.progress === 'queued') return change
  return { ...change, chain: chainAfter(context, result) }
}

/** The history has shrunk before the place where the next delta starts. */
export function shrinkChain({ chain }: ConversationContext, event: ConversationEvent): Change {
  if (chain === null || event.type !== 'chain.shrink') return {}
  return { chain: { ...chain, length: chain.length - event.items } }
}

export function resultAnnouncement(event: ConversationEvent): TurnSettled {
  const result = resultOf(event)
  if (result === null) throw new TypeError('a result is announced when the turn is done')
  return { type: 'turn.settled', result }
}

/** Nothing was sent on it. */
export function returnedLane(event: ConversationEvent): Extract<LineCommand, { type: 'lane.release' }> {
  if (event.type !== 'lane.granted') throw new TypeError('returnedLane() serves a grant only')
  const { connectionKey, lane } = event
  return { type: 'lane.release', connectionKey, lane, tail: false }
}

export function leavesTail(event: ConversationEvent): boolean {
  return resultOf(event)?.leavesTail ?? false
}

function chainAfter({ request, lease }: ConversationContext, result: TurnResult): Chain | null {
  if (result.outcome !== 'completed' || result.responseId === null) return null
  if (request === null || lease === null) return null
  return {
    responseId: result.responseId,
    connectionKey: lease.connectionKey,
    lane: lease.lane,
    laneSerial: lease.laneSerial,
    stored: result.stored,
    length: request.length + result.outputItems,
    model: request.model,
    isForked: false,
  }
}

function resultOf(event: ConversationEvent): TurnResult | null {
  return event.type === 'xstate.done.actor.turn' ? event.output : null
}
