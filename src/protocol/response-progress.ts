import type { EventKind } from './event-kinds.ts'
import type { Settlement } from './terminal.ts'

/**
 * How far a turn had come. It decides whether asking again can cost money twice.
 *
 * - `sent`: the `response.create` was handed to the socket, and nothing came back.
 * - `started`: the server has answered with an event, but no output.
 * - `streaming`: output has arrived.
 */
export type TurnProgress = 'sent' | 'started' | 'streaming'

/** Kinds of events that answer a create without being output of it. */
const BEFORE_OUTPUT: ReadonlySet<EventKind> = new Set(['queued', 'created', 'running', 'alive'])

/** False for an event that answers a create without being output of it. */
export function carriesOutput(kind: EventKind): boolean {
  return !BEFORE_OUTPUT.has(kind)
}

/** How far a response has come with an event of this kind. */
export function progressAfter(kind: EventKind, before: TurnProgress): TurnProgress {
  if (carriesOutput(kind)) return 'streaming'
  return before === 'sent' ? 'started' : before
}

/** After such an end the server goes on by itself, with a successor of the response (steering guide). */
export function isFollowedUp({ outcome, response }: Settlement): boolean {
  return outcome === 'incomplete' && response?.incomplete_details?.reason === 'steered'
}
