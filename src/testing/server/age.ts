import type { Session } from './session.ts'
import type { Wire } from './wire.ts'
import type { World } from './world.ts'

/**
 * The maximum age of a connection (60 minutes at api.openai.com, Responses WebSocket guide): announced by an error
 * frame, then closed after a grace.
 */
export class Age {
  readonly #world: World
  readonly #session: Session
  readonly #wire: Wire
  #timer: unknown = null
  #expired = false
  #closing = false
  /** The connection is gone; an error frame can be what ended it. */
  #over = false

  constructor(world: World, session: Session, wire: Wire) {
    this.#world = world
    this.#session = session
    this.#wire = wire
    session.whenRefusedForAge = () => this.#close()
    const { maxMs } = world.settings.age
    if (maxMs !== null) this.#after(maxMs, () => this.expire())
  }

  expire(): void {
    if (this.#expired || this.#over) return
    this.#cancel()
    this.#expired = true
    this.#session.expire()
    if (this.#world.settings.age.running === 'cut') this.#session.cut()
    if (this.#session.idle) this.idle()
  }

  stop(): void {
    this.#over = true
    this.#cancel()
  }

  #cancel(): void {
    if (this.#timer !== null) this.#world.clock.clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Nothing runs or waits any more. */
  idle(): void {
    const { announce } = this.#world.settings.age
    if (!this.#expired || this.#closing || announce === 'next-create') return
    if (announce !== 'none') this.#session.announceAge()
    this.#close()
  }

  #close(): void {
    if (this.#closing) return
    this.#closing = true
    const { graceMs, closeCode } = this.#world.settings.age
    if (graceMs === 0) this.#wire.close(closeCode, '')
    else this.#after(graceMs, () => this.#wire.close(closeCode, ''))
  }

  #after(ms: number, fn: () => void): void {
    if (this.#over) return
    this.#timer = this.#world.clock.setTimeout(() => {
      this.#timer = null
      fn()
    }, ms)
  }
}
