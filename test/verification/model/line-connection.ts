import { type ConnectionModel, createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import { ModelLanes } from './line-lanes.ts'
import type { LineConnectionView, LineModelOptions } from './line-steps.ts'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import type { EndView } from '../../../src/testing/model/view.ts'

const UNREACHABLE = ['ERR_DIAL_FAILED', 'ERR_CONNECT_TIMEOUT']

/** Attempts to connect that may fail one after the other before turns go over HTTP. */
const ATTEMPTS = 2

/** The options of every connection of a line. No two clocks of it are due at the same time. */
export function lineConnectionOptions(options: LineModelOptions): ConnectionModelOptions {
  const { maxAgeMs = false, turnBudgetMs, maxRetries } = options
  return {
    pingIntervalMs: false,
    stableAfterMs: 3_600_007,
    maxAgeMs,
    ...(turnBudgetMs !== undefined && { turnBudgetMs }),
    ...(maxRetries !== undefined && { maxRetries }),
  }
}

/** One connection of a line, with the lanes of its present socket. */
export class LineConnection {
  readonly id: string
  readonly model: ConnectionModel
  readonly #limits: LineModelOptions['lanes']
  readonly #maxRetries: number
  lanes: ModelLanes
  isRipe = false
  /** Its server has asked for another socket, or nothing can be sent on this one. */
  isLeft = false
  #connectionId = 0
  #failures = 0
  #lastEnd: EndView | null = null
  #hasLanes = true

  constructor(id: string, options: LineModelOptions) {
    this.id = id
    this.model = createConnectionModel(lineConnectionOptions(options))
    this.#limits = options.lanes ?? null
    this.#maxRetries = options.maxRetries ?? 5
    this.lanes = new ModelLanes(this.#limits)
  }

  get key(): string {
    return `${this.id}.${this.model.view().connectionId}`
  }

  /** It has an open socket. */
  get isOpen(): boolean {
    return this.model.view().state === 'open'
  }

  /** Further turns should be started on it. */
  get isGood(): boolean {
    return this.isOpen && !this.isRipe && !this.isLeft
  }

  /** Why it is closed, with nothing left of it, or null. */
  get closedBecause(): string | null {
    const { state, live, closedBecause } = this.model.view()
    return state === 'closed' && live === 0 ? (closedBecause ?? 'requested') : null
  }

  /** The server has closed its open socket for good, and the budget has attempts left. */
  get mayComeBack(): boolean {
    const { closedBecause, lastEnd, attempt } = this.model.view()
    const isLost = closedBecause === 'ERR_CONNECTION_LOST' && lastEnd?.phase === 'open'
    return isLost && attempt < this.#maxRetries
  }

  /** It has, or shakes hands on, a socket that was open. */
  get hasSocket(): boolean {
    const { state, live } = this.model.view()
    return state === 'open' || (state === 'closed' && live > 0)
  }

  /** A WebSocket cannot be had for now, for a reason that says nothing against HTTP. */
  get isUnreachable(): boolean {
    const { closedBecause, lastEnd } = this.model.view()
    if (closedBecause === 'ERR_TRANSPORT_UNAVAILABLE') return true
    if (closedBecause === 'ERR_RETRIES_EXHAUSTED') return isFailedDial(lastEnd)
    return closedBecause === null && this.#failures >= ATTEMPTS
  }

  view(): LineConnectionView {
    const { state, connectionId } = this.model.view()
    return { id: this.id, state, connectionId }
  }

  show(areThere: boolean): void {
    this.#hasLanes = areThere
    this.lanes.show(areThere)
  }

  /** Does a step, and says whether it has become too old with it. */
  take(step: ConnectionStep): { readonly ripened: boolean } {
    const wasRipe = this.isRipe
    if (step.do === 'connect' && this.closedBecause !== null) this.#failures = 0
    this.model.take(step)
    const { state, canSend, connectionId, lastEnd, told } = this.model.view()
    if (connectionId !== this.#connectionId) {
      this.#connectionId = connectionId
      this.lanes = new ModelLanes(this.#limits ?? null)
      if (!this.#hasLanes) this.lanes.show(false)
      this.isLeft = false
    }
    if (state === 'open') this.#failures = 0
    else if (lastEnd !== this.#lastEnd && isFailedDial(lastEnd)) this.#failures += 1
    this.#lastEnd = lastEnd
    if (state !== 'open' || told.includes('opened')) this.isRipe = false
    this.isRipe ||= told.includes('ripe') || (state === 'open' && !canSend)
    return { ripened: this.isRipe && !wasRipe }
  }
}

function isFailedDial(end: EndView | null): boolean {
  if (end === null || end.phase !== 'dial' || end.error === null) return false
  return UNREACHABLE.includes(end.error) || (end.httpStatus ?? 0) >= 500
}
