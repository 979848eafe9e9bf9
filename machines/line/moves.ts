import { shouldFallBack } from './fallback.ts'
import { failedDials, observed } from './slots.ts'
import type { ConnectionMoved, ConnectionSlot, LineContext, LineEvent } from './types.ts'

// What the line's guards read of a connection that has moved.

type Place = 'current' | 'next'

/** The connection in this place as it is after this event, which is its own; null for any other event. */
function movedOf(context: LineContext, event: LineEvent, place: Place): ConnectionSlot | null {
  const slot = context[place]
  const snapshot = snapshotOf(slot, event)
  return slot === null || snapshot === null ? null : observed(slot, snapshot, context.limits)
}

export function hasOpened(context: LineContext, event: LineEvent, place: Place): boolean {
  return movedOf(context, event, place)?.isOpen === true
}

export function hasClosed(context: LineContext, event: LineEvent, place: Place): boolean {
  return (movedOf(context, event, place)?.closedBecause ?? null) !== null
}

/** It has become ripe with this move, and there are conversations to move. */
export function ripens(context: LineContext, event: LineEvent): boolean {
  return (
    context.current?.isRipe === false &&
    hasMembers(context) &&
    movedOf(context, event, 'current')?.isRipe === true
  )
}

/** A WebSocket cannot be had, and turns may go over HTTP. */
export function fallsBack(context: LineContext, event: LineEvent, place: Place): boolean {
  const slot = context[place]
  const snapshot = snapshotOf(slot, event)
  if (slot === null || snapshot === null) return false
  return shouldFallBack(context.fallback, snapshot, failedDials(slot, snapshot))
}

export function hasMembers({ members }: LineContext): boolean {
  return Object.keys(members).length > 0
}

/** Every connection of the line, seen as it is after this event. */
export function observe(context: LineContext, event: LineEvent): Pick<LineContext, Place | 'retiring'> {
  const { current, next, retiring, limits } = context
  const watch = <Slot extends ConnectionSlot | null>(slot: Slot): Slot => {
    const snapshot = snapshotOf(slot, event)
    return (slot === null || snapshot === null ? slot : observed(slot, snapshot, limits)) as Slot
  }
  return { current: watch(current), next: watch(next), retiring: retiring.map(watch) }
}

/** The line sees something of this move: most moves of a connection, such as those of its pings, are its own matter. */
export function hasNews(context: LineContext, event: LineEvent): boolean {
  const { current, next, retiring, limits } = context
  for (const slot of [current, next, ...retiring]) {
    const snapshot = snapshotOf(slot, event)
    if (slot !== null && snapshot !== null) return isOtherThan(observed(slot, snapshot, limits), slot)
  }
  return false
}

function isOtherThan(seen: ConnectionSlot, slot: ConnectionSlot): boolean {
  return (Object.keys(seen) as (keyof ConnectionSlot)[]).some((field) => seen[field] !== slot[field])
}

/** What this connection has moved to, if the event is its own. */
function snapshotOf(slot: ConnectionSlot | null, event: LineEvent): ConnectionMoved['snapshot'] | null {
  return slot !== null && event.type === `xstate.snapshot.${slot.id}` && 'snapshot' in event
    ? event.snapshot
    : null
}
