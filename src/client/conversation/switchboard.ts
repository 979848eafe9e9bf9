import type { AnyActorRef } from 'xstate'
import type { LaneEvidence } from '../../../machines/line/lane-news.ts'
import type { ClientEvent } from '../../protocol/index.ts'
import { socketGone } from './refusals.ts'
import { outletOf, socketHandle } from '../../socket/index.ts'
import type { ConnectionActorRef } from '../connection-machine.ts'
import { type LineActorRef, connectionOf } from '../line-machine.ts'
import { LaneInbox } from './lane-inbox.ts'
import { LaneRoutes } from './lane-routes.ts'

/** The lanes of one connection's present socket. */
interface Exchange {
  readonly connection: ConnectionActorRef
  /** The socket that the inboxes belong to. */
  connectionId: number
  routes: LaneRoutes
  /** When it was opened, or a turn was sent there last. */
  usedAt: number
}

/** So long without a turn, in ms, a process may have slept, and its socket may have been closed meanwhile. */
const REST_MS = 1_000

/**
 * Brings the events of every connection of a line to the turns that wait for them. Content goes straight from the
 * socket to its turn: one lookup by lane a frame, and no transition.
 */
export class Switchboard {
  readonly #line: LineActorRef
  readonly #note: (evidence: LaneEvidence) => void
  #evidence: LaneEvidence
  readonly #exchanges = new Map<string, Exchange>()

  /**
   * @param evidence what is known of the endpoint's lanes
   * @param note remembers for the endpoint what it has shown of them
   */
  constructor(line: LineActorRef, evidence: LaneEvidence, note: (evidence: LaneEvidence) => void) {
    this.#line = line
    this.#evidence = evidence
    this.#note = note
  }

  /** Listens to a connection from now on. */
  attach(connection: ConnectionActorRef): void {
    const exchange: Exchange = {
      connection,
      connectionId: 0,
      routes: this.#routes(connection.id, 0),
      usedAt: 0,
    }
    this.#exchanges.set(connection.id, exchange)
    connection.on('connection.opened', ({ connectionId }) => this.#renew(exchange, connectionId))
    const gone = (): void => void this.#exchanges.delete(connection.id)
    ;(connection as AnyActorRef).subscribe({ complete: gone, error: gone })
  }

  /**
   * The inbox of a lane of the socket with this key.
   *
   * @throws {HoldlineError} `ERR_NOT_OPEN` when its connection is gone
   */
  inbox(connectionKey: string, lane: string | null): LaneInbox {
    const { id, connectionId } = splitKey(connectionKey)
    const exchange = this.#exchanges.get(id)
    if (exchange === undefined) throw socketGone()
    // The line gives lanes of a socket that has opened before listeners hear of it.
    this.#renew(exchange, connectionId)
    const known = exchange.routes.inboxes.get(lane)
    if (known !== undefined) return known
    const inbox = new LaneInbox({
      drained: () => this.#line.send({ type: 'lane.drained', connectionKey, lane }),
      distrusted: () => this.#line.send({ type: 'line.renew', connectionKey }),
    })
    exchange.routes.inboxes.set(lane, inbox)
    listen(exchange)
    return inbox
  }

  /** Nothing was sent on this socket for a while: what has arrived there should be read first. */
  hasRested(connectionKey: string): boolean {
    const { id, connectionId } = splitKey(connectionKey)
    const exchange = this.#exchanges.get(id)
    return exchange?.connectionId === connectionId && performance.now() - exchange.usedAt > REST_MS
  }

  /**
   * Sends one event on the socket with this key.
   *
   * @throws {HoldlineError} `ERR_NOT_OPEN` when that socket is gone, and as `SocketHandle.send` does
   */
  send(connectionKey: string, event: ClientEvent): void {
    const { id, connectionId } = splitKey(connectionKey)
    const snapshot = connectionOf(this.#line, id)?.getSnapshot()
    const handle =
      snapshot?.context.connectionId === connectionId ? socketHandle(snapshot.children.socket) : undefined
    if (handle === undefined) {
      throw socketGone()
    }
    handle.send(event)
    const exchange = this.#exchanges.get(id)
    if (exchange !== undefined) exchange.usedAt = performance.now()
  }

  /** Another socket: its lanes have nothing to do with those of the last one. */
  #renew(exchange: Exchange, connectionId: number): void {
    if (exchange.connectionId === connectionId) return
    exchange.routes = this.#routes(exchange.connection.id, connectionId)
    exchange.connectionId = connectionId
    exchange.usedAt = performance.now()
  }

  #routes(id: string, connectionId: number): LaneRoutes {
    const show = (evidence: 'believed' | 'absent'): void => {
      if (evidence === this.#evidence) return
      this.#evidence = evidence
      this.#note(evidence)
      this.#line.send({ type: 'lanes.shown', evidence })
    }
    return new LaneRoutes({
      seen: () => show('believed'),
      absent: () => show('absent'),
      distrusted: () => this.#line.send({ type: 'line.renew', connectionKey: `${id}.${connectionId}` }),
    })
  }
}

/** Hears every frame, from the first turn on: without turns a frame costs nothing here. */
function listen(exchange: Exchange): void {
  const outlet = outletOf(exchange.connection)
  if (outlet === undefined) return
  outlet.tap ??= {
    take: (frame, bytes) => exchange.routes.receive(frame, bytes),
    takeGarbage: () => exchange.routes.receiveGarbage(),
  }
}

function splitKey(connectionKey: string): { id: string; connectionId: number } {
  const dot = connectionKey.lastIndexOf('.')
  return { id: connectionKey.slice(0, dot), connectionId: Number(connectionKey.slice(dot + 1)) }
}
