import type { ConnectionNews } from '../connection/types.ts'
import { shouldFallBack } from './fallback.ts'
import type { ConnectionSlot, LineContext, LineEvent } from './types.ts'

// What the line's guards read.

export type Place = 'current' | 'next'

/** The event is news of the connection in this place. */
export function isOf(context: LineContext, event: LineEvent, place: Place): event is ConnectionNews {
  return 'connection' in event && event.connection === context[place]?.id
}

/** A WebSocket cannot be had in this place, and turns may go over HTTP. */
export function fallsBack(context: LineContext, event: LineEvent, place: Place): boolean {
  if (!isOf(context, event, place)) return false
  return shouldFallBack(context.fallback, event, context[place]?.failedDials ?? 0)
}

export function hasMembers({ members }: LineContext): boolean {
  return Object.keys(members).length > 0
}

/**
 * The server has closed an open socket for good, and someone waits whose turn has not left: it waits for the next one,
 * whatever the close code, as far as the budget goes.
 */
export function isWantedAgain({ waiting, current }: LineContext, event: LineEvent): boolean {
  return (
    event.type === 'connection.closed' &&
    event.connection === current?.id &&
    event.because === 'ERR_CONNECTION_LOST' &&
    event.closeInfo?.phase === 'open' &&
    event.hasBudget &&
    waiting.length > 0
  )
}

/** Turns may start on it. */
export function takesTurns({ socket, isRipe, isLeft }: ConnectionSlot): boolean {
  return socket === 'open' && !isRipe && !isLeft
}
