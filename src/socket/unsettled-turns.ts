import type { TurnLost, TurnProgress } from '../../machines/socket-notices.ts'
import type { ClientEvent, ServerEvent } from '../protocol/index.ts'
import { isTerminalEvent, settlementOf } from '../protocol/terminal.ts'
import { EndedResponses } from './ended-responses.ts'

interface Turn {
  responseId: string | null
  progress: TurnProgress
  events: number
}

interface Lane {
  /** Turns in the order of their creates; the first is the one that the server answers. */
  readonly waiting: Turn[]
  /** After an `error` the response's own terminal event can still follow. */
  readonly ended: EndedResponses
}

/** Events that answer a create without being output of it. */
const PRELUDE: ReadonlySet<string> = new Set([
  'response.queued',
  'response.created',
  'response.in_progress',
  'keepalive',
])

/** False for an event that answers a create without being output of it. */
export function carriesOutput(type: string): boolean {
  return !PRELUDE.has(type)
}

/** Turns of one socket that may wait for their end. A server runs 16 at once and queues the rest. */
export const MAX_UNSETTLED_TURNS = 1_024

/**
 * The turns of one socket that have no terminal event yet. A lane answers its creates in order, so its events
 * belong to the first turn that waits there (Responses WebSocket guide, lanes).
 */
export class UnsettledTurns {
  /** Null before the first turn: most of a process's many connections are idle, and a map takes 250 bytes. */
  #lanes: Map<string | null, Lane> | null = null
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Notes an event that was handed to the socket. */
  sent(event: ClientEvent): void {
    if (event.type !== 'response.create') return
    const name = event.stream_id ?? null
    this.#lanes ??= new Map()
    const lane = this.#lanes.get(name) ?? { waiting: [], ended: new EndedResponses() }
    lane.waiting.push({ responseId: null, progress: 'sent', events: 0 })
    this.#lanes.set(name, lane)
    this.#size += 1
  }

  /** Notes an event that the server sent. False when it names a response that is over: it must change nothing. */
  received(event: ServerEvent): boolean {
    const lane = this.#lanes?.get(event.stream_id ?? null)
    if (lane === undefined) return true
    const [turn] = lane.waiting
    if (isStale(event, lane, turn)) return false
    if (turn !== undefined) this.#note(event, lane, turn)
    return true
  }

  #note(event: ServerEvent, lane: Lane, turn: Turn): void {
    turn.events += 1
    if (event.type === 'error') return this.#end(lane, turn.responseId)
    if (isTerminalEvent(event)) {
      const { outcome, response } = settlementOf(event)
      if (outcome !== 'incomplete' || response?.incomplete_details?.reason !== 'steered') {
        return this.#end(lane, response?.id ?? turn.responseId)
      }
      // The server goes on by itself with a successor: for the application it is the same turn.
      lane.ended.add(response.id)
      turn.responseId = null
      return
    }
    turn.responseId ??= responseIdOf(event)
    if (carriesOutput(event.type)) turn.progress = 'streaming'
    else if (turn.progress === 'sent') turn.progress = 'started'
  }

  /** Empties the list, and says of each turn how far it had come. */
  takeLost(connectionId: number): TurnLost[] {
    const lost = [...(this.#lanes ?? [])].flatMap(([lane, { waiting }]) =>
      waiting.map((turn): TurnLost => ({ type: 'turn.lost', connectionId, lane, ...turn })),
    )
    this.#lanes = null
    this.#size = 0
    return lost
  }

  #end(lane: Lane, responseId: string | null): void {
    lane.waiting.shift()
    if (responseId !== null) lane.ended.add(responseId)
    this.#size -= 1
  }
}

/** Events that name a response name the turn's own, or one that is over. */
function isStale(event: ServerEvent, lane: Lane, turn: Turn | undefined): boolean {
  const id = responseIdOf(event)
  if (id === null) return false
  if (lane.ended.has(id)) return true
  return turn !== undefined && turn.responseId !== null && id !== turn.responseId
}

/** The id of the response that an event names, or null. */
export function responseIdOf(event: ServerEvent): string | null {
  const { response } = event as { readonly response?: { readonly id?: unknown } | null }
  return typeof response?.id === 'string' ? response.id : null
}
