import type { WebSocket } from 'ws'
import type { Session } from './session.ts'
import type { Wire } from './wire.ts'
import type { World } from './world.ts'

/**
 * Pings and pongs of one connection (RFC 6455 section 5.5.2), and its idle timeout. A ping that is not answered in
 * time ends the connection with 1011 "keepalive ping timeout", as api.openai.com does.
 */
export class Heartbeat {
  readonly #world: World
  readonly #socket: WebSocket
  readonly #wire: Wire
  readonly #session: Session
  #stopped = false
  #ping: unknown = null
  #deadline: unknown = null
  #idle: unknown = null

  constructor(world: World, socket: WebSocket, wire: Wire, session: Session) {
    this.#session = session
    this.#world = world
    this.#socket = socket
    this.#wire = wire
    socket.on('ping', (data) => this.#answer(data))
    socket.on('pong', () => this.#answered())
    this.#schedule()
    this.heard()
  }

  /** Something came in: the idle timeout starts anew. */
  heard(): void {
    const { idleMs } = this.#world.settings.limits
    if (idleMs === null || this.#stopped) return
    this.#clear(this.#idle)
    this.#idle = this.#world.clock.setTimeout(() => this.#idleOut(), idleMs)
  }

  stop(): void {
    this.#stopped = true
    for (const timer of [this.#ping, this.#deadline, this.#idle]) this.#clear(timer)
  }

  #schedule(): void {
    const { everyMs } = this.#world.settings.ping
    if (everyMs === null) return
    this.#ping = this.#world.clock.setTimeout(() => {
      this.#schedule()
      this.#send()
    }, everyMs)
  }

  #send(): void {
    if (this.#deadline !== null) return
    if (this.#wire.ready()) this.#socket.ping(undefined, undefined, () => {})
    const wait = this.#world.settings.ping.pongDeadlineMs
    this.#deadline = this.#world.clock.setTimeout(
      () => this.#wire.close(1011, 'keepalive ping timeout'),
      wait,
    )
  }

  /** By hand, because a silenced server must not answer pings either. */
  #answer(data: Buffer): void {
    this.heard()
    if (!this.#stopped && this.#wire.ready()) this.#socket.pong(data, false, () => {})
  }

  #answered(): void {
    this.heard()
    this.#clear(this.#deadline)
    this.#deadline = null
  }

  #idleOut(): void {
    if (this.#session.idle) this.#wire.close(1001, 'idle')
    else this.heard()
  }

  #clear(timer: unknown): void {
    if (timer !== null) this.#world.clock.clearTimeout(timer)
  }
}
