import type { TurnLost, TurnProgress } from '../../machines/socket-notices.ts'
import type { ClientEvent } from '../protocol/index.ts'
import type { ParsedServerEvent } from '../protocol/parse-server-event.ts'
import { isFollowedUp, progressAfter } from '../protocol/response-progress.ts'
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
  received(frame: ParsedServerEvent): boolean {
    const lane = this.#laneOf(frame.lane)
    if (lane === undefined) return true
    const [turn] = lane.waiting
    if (frame.responseId !== null && lane.ended.isStale(frame, turn?.responseId ?? null)) return false
    if (turn !== undefined) this.#note(frame, lane, turn)
    return true
  }

  /** Whether a turn waits for what comes on this lane: an ending that nobody asked for proves nothing. */
  awaits(lane: string | null): boolean {
    return (this.#laneOf(lane)?.waiting.length ?? 0) > 0
  }

  /** A server without lanes labels nothing: what it says is of the only turn that runs. */
  #laneOf(name: string | null): Lane | undefined {
    const lane = this.#lanes?.get(name)
    if (name !== null || this.#size !== 1 || (lane?.waiting.length ?? 0) > 0) return lane
    return [...(this.#lanes?.values() ?? [])].find(({ waiting }) => waiting.length > 0)
  }

  /** What cannot be read may have been output of any turn that is being answered. */
  receivedGarbage(): void {
    for (const { waiting } of this.#lanes?.values() ?? []) {
      if (waiting[0] !== undefined) waiting[0].progress = 'streaming'
    }
  }

  #note({ kind, responseId, settlement }: ParsedServerEvent, lane: Lane, turn: Turn): void {
    turn.events += 1
    if (kind === 'error') return this.#end(lane, turn.responseId)
    if (settlement === null) {
      if (responseId !== null) turn.responseId = responseId
      turn.progress = progressAfter(kind, turn.progress)
      return
    }
    if (!isFollowedUp(settlement)) return this.#end(lane, responseId ?? turn.responseId)
    // The server goes on by itself with a successor: for the application it is the same turn.
    if (responseId !== null) lane.ended.add(responseId)
    turn.responseId = null
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
