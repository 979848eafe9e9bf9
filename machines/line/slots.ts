import type { AnyActorRef } from 'xstate'
import type { LaneLimits } from '../../src/protocol/providers.ts'
import {
  acquireLane,
  drainedLane,
  exhaustNames,
  isStuck,
  laneTable,
  releaseLane,
  vacateLanes,
} from './lanes.ts'
import type { ConnectionMoved, ConnectionSlot, LaneGranted, LaneRequest, LineContext } from './types.ts'

// The line's bookkeeping, as functions of what it knows.

/** Names one socket for good. */
export function socketKey({ id, connectionId }: Pick<ConnectionSlot, 'id' | 'connectionId'>): string {
  return `${id}.${connectionId}`
}

export function newSlot(id: string, limits: LaneLimits | null): ConnectionSlot {
  const lanes = laneTable(limits)
  const nothing = {
    isOpen: false,
    socket: 'none',
    isRipe: false,
    isLeft: false,
    closedBecause: null,
  } as const
  return { id, connectionId: 0, openedId: 0, lanes, ...nothing, isCalled: false, closedBecause: null }
}

/** The slot after its connection has moved. A new socket starts with no lane. */
export function observed(
  slot: ConnectionSlot,
  snapshot: ConnectionMoved['snapshot'],
  limits: LaneLimits | null,
): ConnectionSlot {
  const { connectionId, closedBecause } = snapshot.context
  const age = ageOf(snapshot.value)
  const isSameSocket = connectionId === slot.connectionId
  return {
    id: slot.id,
    connectionId,
    openedId: age === null ? slot.openedId : connectionId,
    lanes: isSameSocket ? slot.lanes : laneTable(limits),
    isOpen: age !== null && age !== 'expired',
    socket: age !== null ? 'open' : isShakingHands(snapshot.value) ? 'closing' : 'none',
    isRipe: age === 'ripe' || age === 'expired',
    isLeft: isSameSocket && slot.isLeft,
    isCalled: slot.isCalled && isSettled(snapshot.value),
    closedBecause: isSettled(snapshot.value) && !slot.isCalled ? (closedBecause ?? 'requested') : null,
  }
}

/** Attempts to connect that failed one after the other, since it was open or was asked to connect. */
export function failedDials(slot: ConnectionSlot, { value, context }: ConnectionMoved['snapshot']): number {
  const dials = context.connectionId - slot.openedId - (isDialing(value) ? 1 : 0)
  return Math.min(context.retry.attempt, dials)
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
  while (current !== null && current.isOpen && !current.isRipe && !current.isLeft) {
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
): Pick<LineContext, 'current' | 'next' | 'retiring'> {
  const apply = <Slot extends ConnectionSlot | null>(slot: Slot): Slot =>
    (slot !== null && socketKey(slot) === connectionKey ? change(slot) : slot) as Slot
  return { current: apply(context.current), next: apply(context.next), retiring: context.retiring.map(apply) }
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
    kept: retiring
      .filter(({ socket }) => socket !== 'none')
      .map((slot) => (isSpent(slot) ? { ...slot, socket: 'closing' } : slot)),
  }
}

function isSpent({ socket, lanes }: ConnectionSlot): boolean {
  return socket === 'open' && lanes.lanes.every(({ state }) => state !== 'busy')
}

/** Someone waits, and nothing but given-up turns keeps him waiting. */
export function isHeldUp({ current, waiting }: LineContext): boolean {
  return waiting.length > 0 && current !== null && current.isOpen && isStuck(current.lanes)
}

function ageOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('open' in value)) return null
  return (value.open as { readonly age: string }).age
}

function isDialing(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === 'connecting'
  return 'reconnecting' in value && value.reconnecting === 'dialing'
}

function isShakingHands(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'closed' in value && value.closed !== 'settled'
}

function isSettled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'closed' in value && value.closed === 'settled'
}
