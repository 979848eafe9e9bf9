import { type Deadline, Deadlines } from './deadlines.ts'
import { type Line, appliesTo, newLine } from './line.ts'
import {
  type ConnectionModelOptions,
  type ModelSettings,
  TEST_KEY,
  modelSettings,
  ripeAgeMs,
} from './options.ts'
import type { ConnectionStep } from './steps.ts'
import { faultedTurn } from './turn-faults.ts'
import { type ModelVerdict, retry, verdictOnClose, verdictOnStatus } from './verdicts.ts'
import type { ConnectionName, ConnectionView, EndView } from './view.ts'

/** After a blocked event loop, timers run before the sockets are read: so long a late pong still counts, in ms. */
const LATE_PONG_MS = 100

const NO_END = { code: 1006, error: null, retryable: false, httpStatus: null, retryAfterMs: null } as const

/**
 * What a connection must do, said plainly: no XState, no sockets, no timers. It is written from the documentation
 * and not from the chart, so that a rule that the chart gets wrong shows as a difference.
 */
export class ConnectionModel {
  readonly #settings: ModelSettings
  readonly #due = new Deadlines()
  /** The key is asked for before every attempt. */
  #asks: boolean
  #state: ConnectionName = 'idle'
  #line: Line | null = null
  #attempt = 0
  #delayMs = 0
  #hurried = false
  #renewed = false
  #closedBecause: string | null = null
  #lastEnd: EndView | null = null
  #latest: { readonly turn: number; readonly lane: string | null; readonly stored: boolean } | null = null
  #reopen = false
  /** The key for the next dial, and the one of the last. */
  #key = TEST_KEY
  #dialedWith: string | null = null
  #counts = { dials: 0, renewals: 0, pings: 0, turns: 0 }
  #told: string[] = []

  constructor(options: ConnectionModelOptions = {}) {
    this.#settings = modelSettings(options)
    this.#asks = this.#settings.credential === 'provider'
  }

  /** In ms from the beginning. */
  get now(): number {
    return this.#due.now
  }

  /** When the next thing happens by itself, or null. */
  get nextDue(): number | null {
    return this.#due.next
  }

  /** What must be seen now. `told` is since the last step. */
  view(): ConnectionView {
    const { dials, renewals, pings } = this.#counts
    return {
      state: this.#state,
      canSend: this.#state === 'open' && this.#line?.expired === false,
      attempt: this.#attempt,
      delayMs: this.#delayMs,
      closedBecause: this.#closedBecause,
      lastEnd: this.#lastEnd,
      continues: this.#latest?.turn ?? null,
      dials,
      // Every socket has an id of its own, so that no fact is taken for that of another.
      connectionId: dials,
      key: this.#dialedWith,
      live: this.#line === null ? 0 : 1,
      renewals,
      pings,
      told: this.#told,
    }
  }

  /** Whether a step does more than nothing here. */
  applies(step: ConnectionStep): boolean {
    return appliesTo(step, this.#line, this.#due.next !== null)
  }

  /** Does one step. */
  take(step: ConnectionStep): void {
    this.#told = []
    if (!this.applies(step)) return
    this.#do(step)
    this.#pass(0)
  }

  #do(step: ConnectionStep): void {
    switch (step.do) {
      case 'connect':
        return this.#connect(step.key)
      case 'close':
        return this.#close()
      case 'retry':
        return this.#retry()
      case 'turn':
        return this.#turn(step)
      case 'accept':
        return this.#opened()
      case 'refuse':
        return this.#refused(step)
      case 'cut':
        return this.#ended(1006)
      case 'hang-up':
        return this.#ended(step.code)
      case 'freeze':
        if (this.#line !== null) this.#line.frozen = true
        return
      case 'thaw':
        return this.#thaw()
      case 'say':
        if (this.#line !== null) this.#line.heard = true
        return
      case 'expire':
        return this.#expire()
      case 'wait':
        return this.#pass(step.ms)
      case 'next':
        return this.#pass((this.nextDue ?? this.now) - this.now)
      case 'stale':
        return
      case 'crash':
        return this.#crash()
      case 'misreport':
        return step.fact === 'refused' ? this.#refused({ do: 'refuse', status: 503 }) : this.#crash()
      case 'restore':
        return this.#restore(step.json ?? false)
    }
  }

  #connect(key: string | undefined): void {
    if (key !== undefined) {
      this.#key = key
      this.#asks = false
    }
    if (this.#state === 'idle') this.#start()
    else if (this.#state === 'closed' && this.#line === null) this.#start()
    else if (this.#state === 'closed') this.#reopen = true
  }

  #start(): void {
    this.#renewed = false
    this.#begin()
  }

  #begin(): void {
    this.#attempt = 0
    this.#delayMs = 0
    this.#closedBecause = null
    this.#state = 'connecting'
    this.#redial()
  }

  #dial(renew: boolean): void {
    this.#due.clear()
    this.#line = newLine('dialing')
    this.#counts.dials += 1
    if (renew && this.#asks) this.#counts.renewals += 1
    this.#dialedWith = this.#key
    this.#due.set('connect', this.#settings.connectTimeoutMs)
  }

  #close(): void {
    const line = this.#line
    if (line?.phase === 'closing') {
      this.#reopen = false
    } else if (line?.phase === 'open') {
      this.#forgetUnstored()
      this.#due.clear()
      this.#state = 'closed'
      this.#closedBecause = 'requested'
      this.#line = { ...line, phase: 'closing' }
      this.#due.set('close', this.#settings.closeTimeoutMs)
      // A peer that can hear the close frame answers it.
      if (!line.frozen) this.#ended(1000)
    } else if (this.#state !== 'closed') {
      if (line !== null) this.#lastEnd = { ...NO_END, phase: 'dial' }
      this.#settle('requested')
    }
  }

  #retry(): void {
    if (this.#state !== 'reconnecting' || this.#line !== null) return
    this.#hurried = true
    if (!this.#due.has('floor')) this.#redial()
  }

  #redial(): void {
    this.#dial(this.#lastEnd?.httpStatus === 401 && this.#renewed)
  }

  #opened(): void {
    this.#due.clear()
    this.#line = newLine('open')
    this.#state = 'open'
    this.#renewed = false
    this.#told.push('opened')
    this.#due.set('stable', this.#settings.stableAfterMs)
    this.#quiet()
    const ripe = ripeAgeMs(this.#settings)
    if (ripe !== null) this.#due.set('ripe', ripe)
  }

  #quiet(): void {
    this.#due.drop('pong', 'grace')
    if (this.#settings.pingIntervalMs !== false) this.#due.set('ping', this.#settings.pingIntervalMs)
  }

  #refused({ status, code, retryAfterMs }: Extract<ConnectionStep, { do: 'refuse' }>): void {
    const verdict = verdictOnStatus(status, code)
    this.#over(verdict, { code: 1006, phase: 'dial', httpStatus: status, retryAfterMs: retryAfterMs ?? null })
  }

  /** The line ended from the other side. */
  #ended(code: number): void {
    const line = this.#line
    if (line === null) return
    if (line.phase === 'closing') return this.#shaken(code)
    const end = {
      code,
      phase: line.phase === 'dialing' ? 'dial' : 'open',
      httpStatus: null,
      retryAfterMs: null,
    }
    if (line.phase === 'dialing') return this.#over(retry('ERR_DIAL_FAILED'), end)
    if (line.expired) return this.#over(retry('ERR_AGE_LIMIT'), end)
    this.#over(verdictOnClose(code, line.heard), end)
  }

  /** The close handshake is over. */
  #shaken(code: number): void {
    this.#lastEnd = { ...NO_END, code, phase: 'closing' }
    this.#line = null
    if (this.#reopen) {
      this.#reopen = false
      this.#start()
    } else {
      this.#settle('requested')
    }
  }

  #over(verdict: ModelVerdict, end: Omit<EndView, 'error' | 'retryable'>): void {
    const healthy = this.#line?.healthy === true
    const again = this.#again(verdict)
    if (this.#line?.phase === 'open') this.#forgetUnstored()
    this.#line = null
    this.#due.clear()
    this.#lastEnd = { ...end, error: verdict.error, retryable: verdict.next === 'retry' || again }
    this.#told.push(again ? 'lost, tried again' : 'lost')
    if (again) this.#await(verdict, healthy, end.retryAfterMs ?? 0)
    else this.#settle(verdict.next === 'retry' ? 'ERR_RETRIES_EXHAUSTED' : verdict.error)
  }

  #again({ next }: ModelVerdict): boolean {
    if (next === 'stop' || this.#attempt >= this.#settings.maxRetries) return false
    return next === 'retry' || (this.#asks && !this.#renewed)
  }

  #await({ next }: ModelVerdict, healthy: boolean, retryAfterMs: number): void {
    const { backoffDelaysMs, jitter, minRetryDelayMs, maxRetryAfterMs } = this.#settings
    this.#attempt += 1
    const floor = healthy ? 0 : minRetryDelayMs
    const row = backoffDelaysMs[Math.min(this.#attempt, backoffDelaysMs.length) - 1] ?? 0
    const wait = Math.max(
      Math.round(row - (row / 4) * jitter),
      floor,
      Math.min(retryAfterMs, maxRetryAfterMs),
    )
    if (next === 'renew') this.#renewed = true
    this.#delayMs = next === 'renew' ? minRetryDelayMs : wait
    this.#state = 'reconnecting'
    this.#hurried = false
    this.#due.set('backoff', this.#delayMs)
    this.#due.set('floor', floor)
  }

  /** Nothing of the connection is left. */
  #settle(because: string): void {
    this.#due.clear()
    this.#line = null
    this.#state = 'closed'
    this.#closedBecause = because
    this.#told.push(`closed: ${because}`)
  }

  #turn({ end, store = false, code = 'server_error', status = 500, ...step }: TurnStep): void {
    const lane = step.lane ?? null
    const line = this.#line
    if (line?.phase !== 'open' || line.expired) return void this.#told.push('send refused')
    line.heard = true
    this.#counts.turns += 1
    const closes = step.fault === undefined ? undefined : faultedTurn(step.fault).closes
    if (closes !== undefined) return this.#ended(closes)
    if (end === 'completed') {
      this.#latest = { turn: this.#counts.turns, lane, stored: store }
      this.#healthy()
    } else if (end === 'failed') {
      this.#evict(lane, false)
    } else if (end === 'error') {
      if (code === 'previous_response_not_found') this.#evict(lane, true)
      else if (status >= 400) this.#evict(lane, false)
    }
  }

  /** A failure on a lane takes the lane's latest response out of the connection's memory. */
  #evict(lane: string | null, stored: boolean): void {
    if (this.#latest?.lane === lane && (stored || !this.#latest.stored)) this.#latest = null
  }

  #forgetUnstored(): void {
    if (this.#latest?.stored === false) this.#latest = null
  }

  #healthy(): void {
    if (this.#line === null) return
    this.#line.healthy = true
    this.#due.drop('stable')
    this.#attempt = 0
    this.#delayMs = 0
  }

  #expire(): void {
    const line = this.#line
    if (line === null) return
    line.heard = true
    // The notice is an error frame with status 400 on the default lane.
    this.#evict(null, false)
    // A second notice is no news.
    if (line.expired) return
    line.expired = true
    this.#due.drop('ripe')
    this.#due.set('expiry', this.#settings.expiryGraceMs)
  }

  #thaw(): void {
    const line = this.#line
    if (line === null) return
    line.frozen = false
    if (line.phase === 'closing') this.#ended(1000)
    // The pong to the ping that was held back.
    else if (this.#due.has('pong') || this.#due.has('grace')) this.#quiet()
  }

  #crash(): void {
    if (this.#line?.phase === 'closing') return this.#shaken(1006)
    const phase = this.#line?.phase === 'dialing' ? 'dial' : 'open'
    const error = 'ERR_CHART_FAILED'
    this.#over(retry(error), { code: 1006, phase, httpStatus: null, retryAfterMs: null })
  }

  #restore(json: boolean): void {
    const settled = this.#line === null && (this.#state === 'idle' || this.#state === 'closed')
    if (settled) return
    this.#forgetUnstored()
    if (this.#state === 'closed') this.#lastEnd = { ...NO_END, phase: 'closing' }
    if (this.#state === 'closed' && !this.#reopen) return this.#settle('requested')
    this.#reopen = false
    // JSON holds no credential, and without one there is nothing to dial with.
    if (json) {
      this.#lastEnd = { ...NO_END, error: 'ERR_CREDENTIAL_MISSING', phase: 'credential' }
      return this.#settle('ERR_CREDENTIAL_MISSING')
    }
    this.#begin()
  }

  #pass(ms: number): void {
    this.#due.pass(ms, (name) => this.#fire(name))
  }

  #fire(name: Deadline): void {
    const silent = { code: 1006, phase: 'open', httpStatus: null, retryAfterMs: null }
    switch (name) {
      case 'connect':
        return this.#over(retry('ERR_CONNECT_TIMEOUT'), { ...silent, phase: 'dial' })
      case 'close':
        return this.#shaken(1006)
      case 'backoff':
        return this.#redial()
      case 'floor':
        if (this.#hurried) this.#redial()
        return
      case 'ping':
        this.#counts.pings += 1
        this.#due.set('pong', this.#settings.pongTimeoutMs)
        if (this.#line?.frozen === false) this.#quiet()
        return
      case 'pong':
        return this.#due.set('grace', LATE_PONG_MS)
      case 'grace':
        return this.#over(retry('ERR_HALF_OPEN'), silent)
      case 'stable':
        return this.#healthy()
      case 'ripe':
        return void this.#told.push('ripe')
      case 'expiry':
        return this.#over(retry('ERR_AGE_LIMIT'), silent)
    }
  }
}

type TurnStep = Extract<ConnectionStep, { do: 'turn' }>

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
