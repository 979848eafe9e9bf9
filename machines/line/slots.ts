import type { AnyActorRef } from 'xstate'
import type { LaneLimits } from '../../src/protocol/providers.ts'
import type { ConnectionNews } from '../connection/types.ts'
import {
  acquireLane,
  drainedLane,
  exhaustNames,
  isStuck,
  laneTable,
  limitsFor,
  releaseLane,
  vacateLanes,
  withLimits,
} from './lanes.ts'
import { takesTurns } from './moves.ts'
import type { ConnectionSlot, LaneRequest, LineContext } from './types.ts'
import type { LaneEvidence, LaneGranted, LaneLost } from './lane-news.ts'

// The line's bookkeeping, as functions of what it knows.

type Slots = Pick<LineContext, 'current' | 'next' | 'retiring'>

/** Names one socket for good. */
export function socketKey({ id, connectionId }: Pick<ConnectionSlot, 'id' | 'connectionId'>): string {
  return `${id}.${connectionId}`
}

export function newSlot(id: string, limits: LaneLimits | null): ConnectionSlot {
  const lanes = laneTable(limits)
  const nothing = { socket: 'none', isRipe: false, isLeft: false, closedBecause: null } as const
  return { id, connectionId: 0, lanes, failedDials: 0, ...nothing }
}

/** The slots after this news of one of their connections. */
export function withNews(context: LineContext, news: ConnectionNews): Slots {
  const { current, next, retiring, limits } = context
  const take = <Slot extends ConnectionSlot | null>(slot: Slot): Slot =>
    (slot?.id === news.connection ? after(slot, news, limits) : slot) as Slot
  return { current: take(current), next: take(next), retiring: retiring.map(take) }
}

/** One connection after its news. Its lanes, and what is known of its socket, end with the socket. */
function after(slot: ConnectionSlot, news: ConnectionNews, limits: LaneLimits | null): ConnectionSlot {
  switch (news.type) {
    case 'connection.opened':
      return { ...newSlot(slot.id, limits), connectionId: news.connectionId, socket: 'open' }
    case 'connection.ripe':
      return { ...slot, isRipe: true }
    case 'connection.closing':
      return { ...slot, socket: 'closing' }
    case 'connection.lost': {
      const failedDials = slot.socket === 'none' ? slot.failedDials + 1 : 0
      return { ...newSlot(slot.id, limits), connectionId: news.connectionId, failedDials }
    }
    case 'connection.closed':
      return { ...newSlot(slot.id, limits), connectionId: slot.connectionId, closedBecause: news.because }
  }
}

/** Who runs a turn on the socket that has ended with this news, and what they are told. */
export function lostLanes(
  context: LineContext,
  news: ConnectionNews,
): { readonly holders: readonly AnyActorRef[]; readonly lost: LaneLost } | null {
  if (news.type !== 'connection.lost' && news.type !== 'connection.closed') return null
  const slot = slotsOf(context).find(({ id }) => id === news.connection)
  if (slot === undefined) return null
  const holders = slot.lanes.lanes.flatMap(({ state, holder }) =>
    state === 'busy' && holder !== null ? (context.members[holder] ?? []) : [],
  )
  const { closeInfo } = news
  return { holders, lost: { type: 'lane.lost', connectionKey: socketKey(slot), closeInfo } }
}

/** The connections of the line: the one that turns start on, its successor, and its predecessors. */
export function slotsOf({ current, next, retiring }: Slots): ConnectionSlot[] {
  return [current, next, ...retiring].filter((slot) => slot !== null)
}

/** Gives lanes to those who wait, in their order, as far as lanes go. */
export function serve(context: LineContext): {
  readonly context: Pick<LineContext, 'current' | 'waiting' | 'members'>
  readonly grants: readonly { readonly request: LaneRequest; readonly granted: LaneGranted }[]
} {
  let { current } = context
  const waiting = [...context.waiting]
  const members = { ...context.members }
  const grants: { request: LaneRequest; granted: LaneGranted }[] = []
  while (current !== null && takesTurns(current)) {
    const [request] = waiting
    if (request === undefined) break
    const result = acquireLane(current.lanes, request.conversationId, request.wanted)
    if (result === null) break
    waiting.shift()
    // Whoever used the line last stands last.
    delete members[request.conversationId]
    members[request.conversationId] = request.replyTo
    current = { ...current, lanes: result.table }
    const { name, serial } = result.lease
    const connectionKey = socketKey(current)
    grants.push({ request, granted: { type: 'lane.granted', connectionKey, lane: name, laneSerial: serial } })
  }
  return { context: { current, waiting, members }, grants }
}

/** Applies a change to the slot of this socket, if it is still there. */
export function changeSlot(
  context: LineContext,
  connectionKey: string,
  change: (slot: ConnectionSlot) => ConnectionSlot,
): Slots {
  const apply = <Slot extends ConnectionSlot | null>(slot: Slot): Slot =>
    (slot !== null && socketKey(slot) === connectionKey ? change(slot) : slot) as Slot
  return { current: apply(context.current), next: apply(context.next), retiring: context.retiring.map(apply) }
}

/** Every connection of the line carries what is known of the endpoint now. */
export function withEvidence(context: LineContext, evidence: LaneEvidence): Partial<LineContext> {
  const limits = limitsFor(context.connection.provider.lanes, evidence)
  const apply = <Slot extends ConnectionSlot | null>(slot: Slot): Slot =>
    (slot === null ? null : { ...slot, lanes: withLimits(slot.lanes, limits) }) as Slot
  return {
    limits,
    current: apply(context.current),
    next: apply(context.next),
    retiring: context.retiring.map(apply),
  }
}

export const released = (lane: string | null, tail: boolean) => (slot: ConnectionSlot) => ({
  ...slot,
  lanes: releaseLane(slot.lanes, lane, tail),
})

export const exhausted = (lane: string | null) => (slot: ConnectionSlot) => ({
  ...slot,
  lanes: exhaustNames(slot.lanes, lane),
})

export const drained = (lane: string | null) => (slot: ConnectionSlot) => ({
  ...slot,
  lanes: drainedLane(slot.lanes, lane),
})

/** Conversations that are primed on a fresh connection. Each costs its whole history; others send theirs when they go on. */
const PRIMED_MEMBERS = 8

/** Those who used the line last: they are told when it moves over. */
export function lastMembers({ members }: LineContext): readonly AnyActorRef[] {
  return Object.values(members).slice(-PRIMED_MEMBERS)
}

/** Takes a conversation off every list. */
export function withoutMember(context: LineContext, conversationId: string): Partial<LineContext> {
  const leave = <Slot extends ConnectionSlot | null>(slot: Slot): Slot =>
    (slot === null ? null : { ...slot, lanes: vacateLanes(slot.lanes, conversationId) }) as Slot
  return {
    current: leave(context.current),
    next: leave(context.next),
    retiring: context.retiring.map(leave),
    waiting: context.waiting.filter((request) => request.conversationId !== conversationId),
    members: Object.fromEntries(Object.entries(context.members).filter(([id]) => id !== conversationId)),
  }
}

/**
 * Retired connections of which nothing is left, those that run no turn any more and are to be closed, and all that
 * are still there. What only drains is not waited for.
 */
export function sorted({
  retiring,
}: LineContext): Record<'gone' | 'spent' | 'kept', readonly ConnectionSlot[]> {
  return {
    gone: retiring.filter(({ socket }) => socket === 'none'),
    spent: retiring.filter(isSpent),
    kept: retiring.filter(({ socket }) => socket !== 'none'),
  }
}

function isSpent({ socket, lanes }: ConnectionSlot): boolean {
  return socket === 'open' && lanes.lanes.every(({ state }) => state !== 'busy')
}

/** Someone waits, and nothing but given-up turns keeps him waiting. */
export function isHeldUp({ current, waiting }: LineContext): boolean {
  return waiting.length > 0 && current?.socket === 'open' && isStuck(current.lanes)
}
