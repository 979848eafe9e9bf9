import { ConnectionLife } from './connection-life.ts'
import { appliesTo } from './line.ts'
import { type ConnectionModelOptions, modelSettings } from './options.ts'
import type { ConnectionStep } from './steps.ts'
import type { ConnectionView } from './view.ts'

/**
 * What a connection must do, said plainly: no XState, no sockets, no timers. It is written from the documentation
 * and not from the chart, so that a rule that the chart gets wrong shows as a difference.
 */
export class ConnectionModel {
  readonly #life: ConnectionLife

  constructor(options: ConnectionModelOptions = {}) {
    this.#life = new ConnectionLife(modelSettings(options))
  }

  /** In ms from the beginning. */
  get now(): number {
    return this.#life.due.now
  }

  /** When the next thing happens by itself, or null. */
  get nextDue(): number | null {
    return this.#life.due.next
  }

  /** What must be seen now. `told` is since the last step. */
  view(): ConnectionView {
    const { state, line, retries, key, memory, closedBecause, lastEnd, dials, pings, told } = this.#life
    return {
      state,
      canSend: state === 'open' && line?.expired === false,
      attempt: retries.attempt,
      delayMs: retries.delayMs,
      closedBecause,
      lastEnd,
      continues: memory.continues,
      dials,
      // Every socket has an id of its own, so that no fact is taken for that of another.
      connectionId: dials,
      key: key.dialedWith,
      live: line === null ? 0 : 1,
      renewals: key.renewals,
      pings,
      told,
    }
  }

  /** Whether a step does more than nothing here. */
  applies(step: ConnectionStep): boolean {
    return appliesTo(step, this.#life.line, this.nextDue !== null)
  }

  /** Does one step. */
  take(step: ConnectionStep): void {
    this.#life.told = []
    if (!this.applies(step)) return
    this.#do(step)
    this.#pass(0)
  }

  #do(step: ConnectionStep): void {
    const life = this.#life
    switch (step.do) {
      case 'connect':
        return life.connect(step.key)
      case 'close':
        return life.close()
      case 'retry':
        return life.retry()
      case 'turn':
        return life.turn(step)
      case 'accept':
        return life.opened(step.fault)
      case 'refuse':
        return life.refused(step)
      case 'cut':
        return life.ended(1006)
      case 'hang-up':
        return life.ended(step.code)
      case 'freeze':
        if (life.line !== null) life.line.frozen = true
        return
      case 'thaw':
        return life.thaw()
      case 'say':
        if (life.line !== null) life.line.heard = true
        return
      case 'expire':
        return life.expire()
      case 'wait':
        return this.#pass(step.ms)
      case 'next':
        return this.#pass((this.nextDue ?? this.now) - this.now)
      case 'stale':
        return
      case 'crash':
        return life.crash()
      case 'trickle':
        if (life.line !== null) life.line.moving = true
        return
      case 'misreport':
        return step.fact === 'refused' ? life.refused({ do: 'refuse', status: 503 }) : life.crash()
      case 'restore':
        return life.restore(step.json ?? false)
    }
  }

  #pass(ms: number): void {
    this.#life.due.pass(ms, (name) => this.#life.fire(name))
  }
}

/**
 * The reference model of a connection: what must be seen after each step.
 *
 * @example
 * ```ts
 * const model = createConnectionModel({ maxRetries: 1 })
 * model.take({ do: 'connect' })
 * model.view().state // 'connecting'
 * ```
 */
export function createConnectionModel(options: ConnectionModelOptions = {}): ConnectionModel {
  return new ConnectionModel(options)
}
