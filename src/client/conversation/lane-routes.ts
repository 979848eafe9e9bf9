import { namesLane, readErrorFrame } from '../../protocol/error-details.ts'
import type { ErrorEvent } from '../../protocol/index.ts'
import type { ParsedServerEvent } from '../../protocol/parse-server-event.ts'
import type { LaneInbox } from './lane-inbox.ts'

/** What a socket shows of its lanes. */
export interface LaneWitness {
  /** An event was labelled, as one of a server that has lanes. */
  seen(): void
  /** An answer to a named lane came without its label, or `stream_id` was refused. */
  absent(): void
  /** What comes on this socket cannot be told apart any more. */
  distrusted(): void
}

/** A connection that has reached its age says so on no lane, whatever runs. */
const OF_THE_CONNECTION = 'websocket_connection_limit_reached'

/**
 * Which lane of one socket an event belongs to.
 *
 * A labelled event belongs to its lane, and one without a label to the default lane. A server that has no lanes labels
 * nothing: it shows by an unlabelled answer where only a named lane waits for one. If that can only be one turn, it is
 * that turn's; else nobody can say whose it is.
 */
export class LaneRoutes {
  readonly inboxes = new Map<string | null, LaneInbox>()
  readonly #witness: LaneWitness
  #areSeen = false

  constructor(witness: LaneWitness) {
    this.#witness = witness
  }

  receive(frame: ParsedServerEvent, bytes: number): void {
    if (frame.lane !== null) {
      const inbox = this.inboxes.get(frame.lane)
      if (inbox !== undefined && !this.#areSeen) {
        this.#areSeen = true
        this.#witness.seen()
      }
      return inbox?.receive(frame, bytes)
    }
    if (this.#isOver(frame)) return
    const own = this.inboxes.get(null)
    if (own !== undefined && !own.isIdle && !isAboutLanes(frame)) return own.receive(frame, bytes)
    this.#receiveUnlabelled(frame, bytes)
  }

  receiveGarbage(): void {
    for (const inbox of this.inboxes.values()) inbox.receiveGarbage()
  }

  /**
   * It names a response that has ended on another lane. Without lanes every event comes here, and a late one must not
   * answer whoever waits now. A service that gives every response the same id begins each of them.
   */
  #isOver({ kind, responseId: id }: ParsedServerEvent): boolean {
    if (id === null || kind === 'created' || this.inboxes.size === 1) return false
    let isOver = false
    for (const inbox of this.inboxes.values()) {
      if (inbox.current === id) return false
      isOver ||= inbox.hasEnded(id)
    }
    return isOver
  }

  #receiveUnlabelled(frame: ParsedServerEvent, bytes: number): void {
    if (frame.kind === 'alive' || isOfConnection(frame)) return
    const waiting = [...this.inboxes].flatMap(([lane, inbox]) =>
      lane === null || inbox.isIdle ? [] : [inbox],
    )
    const [only] = waiting
    if (isAboutLanes(frame)) {
      this.#witness.absent()
      // Whoever was meant: each of them is refused in the same way. The default lane's turn named no lane, so it is
      // meant only where there is no other.
      const alone = this.inboxes.size === 1 ? this.inboxes.get(null) : undefined
      return (waiting.find((inbox) => inbox.isUnanswered) ?? only ?? alone)?.receive(frame, bytes)
    }
    if (only === undefined) return this.inboxes.get(null)?.receive(frame, bytes)
    // Of a server with lanes it is that of the connection, or of a turn that is over.
    if (this.#areSeen) return
    const mayBeLate = frame.settlement?.outcome === 'failed' && this.inboxes.get(null)?.hasUnknown === true
    if (frame.kind !== 'error' && !mayBeLate) this.#witness.absent()
    if (waiting.length === 1 && !(mayBeLate && only.current === null)) return only.receive(frame, bytes)
    if (frame.kind === 'error') return
    this.#witness.distrusted()
    for (const inbox of waiting) inbox.distrust()
  }
}

/** It refuses `stream_id`, so it answers a create that had one. */
function isAboutLanes({ kind, event }: ParsedServerEvent): boolean {
  return kind === 'error' && namesLane(readErrorFrame(event as ErrorEvent, 0))
}

function isOfConnection({ kind, event }: ParsedServerEvent): boolean {
  return kind === 'error' && readErrorFrame(event as ErrorEvent, 0).code === OF_THE_CONNECTION
}
