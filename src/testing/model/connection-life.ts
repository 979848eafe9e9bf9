import { type Deadline, Deadlines } from './deadlines.ts'
import { type Ending, endingOf, ownEnding, refusalEnding } from './endings.ts'
import { KeyUse } from './key-use.ts'
import { type Line, newLine } from './line.ts'
import { type ModelSettings, ripeAgeMs } from './options.ts'
import { Retries } from './retries.ts'
import { ServerMemory } from './server-memory.ts'
import type { ConnectionStep } from './steps.ts'
import { closeOf, faultedTurn } from './turn-faults.ts'
import { type UpgradeFaultName, upgradeEffect } from './upgrade-faults.ts'
import type { ModelVerdict } from './verdicts.ts'
import type { ConnectionName, EndView } from './view.ts'

/** After a blocked event loop, timers run before the sockets are read: so long a late pong still counts, in ms. */
const LATE_PONG_MS = 100

const NO_END = { code: 1006, error: null, retryable: false, httpStatus: null, retryAfterMs: null } as const

type TurnStep = Extract<ConnectionStep, { do: 'turn' }>

/** What becomes of a connection when something happens to it. */
export class ConnectionLife {
  readonly due = new Deadlines()
  readonly key: KeyUse
  readonly retries: Retries
  readonly memory = new ServerMemory()
  state: ConnectionName = 'idle'
  line: Line | null = null
  closedBecause: string | null = null
  lastEnd: EndView | null = null
  dials = 0
  pings = 0
  /** What listeners are told. Whoever reads it empties it. */
  told: string[] = []
  readonly #settings: ModelSettings
  #hurried = false
  #reopen = false

  constructor(settings: ModelSettings) {
    this.#settings = settings
    this.key = new KeyUse(settings.credential === 'provider')
    this.retries = new Retries(settings)
  }

  /** The application wants a connection. */
  connect(key: string | undefined): void {
    if (key !== undefined) this.key.take(key)
    if (this.state === 'idle') this.#start(key)
    else if (this.state === 'closed' && this.line === null) this.#start(key)
    else if (this.state === 'closed') {
      this.#reopen = true
      this.closedBecause = null
    }
  }

  /** It is asked for again: what failed before counts all the same. */
  #start(key?: string): void {
    this.key.renewed = false
    if (this.retries.owesNothing) return this.#begin()
    this.closedBecause = null
    const hasFailed = this.lastEnd !== null && this.lastEnd.error !== null
    if (hasFailed && key === undefined) this.#wait(this.retries.use(false, this.lastEnd?.retryAfterMs ?? 0))
    else this.#wait(this.retries.again(key !== undefined))
  }

  #begin(): void {
    this.closedBecause = null
    this.state = 'connecting'
    this.#redial()
  }

  #redial(): void {
    this.due.clear()
    this.line = newLine('dialing')
    this.dials += 1
    this.retries.dialed()
    this.key.use(this.lastEnd?.httpStatus === 401)
    this.due.set('connect', this.#settings.connectTimeoutMs)
  }

  /** The application wants none any more. */
  close(): void {
    const line = this.line
    if (line?.phase === 'closing') {
      this.#reopen = false
      this.closedBecause = 'requested'
    } else if (line?.phase === 'open') {
      this.memory.forgetUnstored()
      this.due.clear()
      this.state = 'closed'
      this.closedBecause = 'requested'
      this.told.push('closing')
      this.line = { ...line, phase: 'closing' }
      this.due.set('close', this.#settings.closeTimeoutMs)
      // A peer that can hear the close frame answers it.
      if (!line.frozen) this.ended(1000)
    } else if (this.state !== 'closed') {
      if (line !== null) this.lastEnd = { ...NO_END, phase: 'dial' }
      this.#settle('requested')
    }
  }

  /** The application does not want to wait. */
  retry(): void {
    if (this.state !== 'reconnecting' || this.line !== null) return
    this.#hurried = true
    if (!this.due.has('floor')) this.#redial()
  }

  /** The server accepted the dial. */
  opened(fault?: UpgradeFaultName): void {
    this.due.clear()
    this.line = newLine('open')
    this.state = 'open'
    this.key.renewed = false
    this.told.push('opened')
    this.due.set('stable', this.#settings.stableAfterMs)
    this.#quiet()
    const ripe = ripeAgeMs(this.#settings)
    if (ripe !== null) this.due.set('ripe', ripe)
    if (fault !== undefined) this.#faulted(fault, this.line)
  }

  #faulted(fault: UpgradeFaultName, line: Line): void {
    const effect = upgradeEffect(fault, this.#settings.maxPayloadBytes)
    if (typeof effect === 'object') return this.#after(effect.afterMs, () => this.ended(effect.closes))
    if (effect === 'silent') return silence(line)
    line.heard = true
    if (effect === 'errored') this.memory.evict(null, false)
  }

  /** The server does this late. */
  #after(ms = 0, act: () => void): void {
    if (ms === 0 || this.line === null) return act()
    this.line.owed = act
    this.due.set('server', ms)
  }

  #catchUp(): void {
    const owed = this.line?.owed
    if (this.line !== null) this.line.owed = null
    owed?.()
  }

  #quiet(): void {
    this.due.drop('pong', 'grace')
    if (this.#settings.pingIntervalMs !== false) this.due.set('ping', this.#settings.pingIntervalMs)
  }

  /** No pong has come in time: bytes that have moved are a sign of life as well. */
  #overdue(): void {
    const { line } = this
    if (line?.moving !== true) return this.due.set('grace', LATE_PONG_MS)
    line.moving = false
    this.#quiet()
  }

  /** The server refused it. */
  refused({ status, code, retryAfterMs }: Extract<ConnectionStep, { do: 'refuse' }>): void {
    this.#over(refusalEnding(status, code, retryAfterMs ?? null))
  }

  /** The line ended from the other side. */
  ended(code: number): void {
    const line = this.line
    if (line === null) return
    if (line.phase === 'closing') return this.#shaken(code)
    this.#over(endingOf(line, code))
  }

  /** The close handshake is over. */
  #shaken(code: number): void {
    this.lastEnd = { ...NO_END, code, phase: 'closing' }
    this.line = null
    if (this.#reopen) {
      this.#reopen = false
      this.told.push('lost, tried again')
      this.#start()
    } else {
      this.#settle('requested')
    }
  }

  #over({ verdict, end }: Ending): void {
    const again = this.#again(verdict)
    if (this.line?.phase === 'open') this.memory.forgetUnstored()
    this.line = null
    this.due.clear()
    this.lastEnd = { ...end, error: verdict.error, retryable: verdict.next === 'retry' || again }
    this.told.push(again ? 'lost, tried again' : 'lost')
    if (again) this.#await(verdict, end.retryAfterMs ?? 0)
    else this.#settle(verdict.next === 'retry' ? 'ERR_RETRIES_EXHAUSTED' : verdict.error)
  }

  #again({ next }: ModelVerdict): boolean {
    if (next === 'stop' || this.retries.isSpent) return false
    return next === 'retry' || (this.key.asks && !this.key.renewed)
  }

  #await({ next }: ModelVerdict, retryAfterMs: number): void {
    if (next === 'renew') this.key.renewed = true
    this.#wait(this.retries.use(next === 'renew', retryAfterMs))
  }

  #wait({ floorMs }: { readonly floorMs: number }): void {
    this.due.clear()
    this.state = 'reconnecting'
    this.#hurried = false
    this.due.set('backoff', this.retries.delayMs)
    this.due.set('floor', floorMs)
  }

  /** Nothing of the connection is left. */
  #settle(because: string): void {
    this.due.clear()
    this.line = null
    this.state = 'closed'
    this.closedBecause = because
    this.told.push(`closed: ${because}`)
  }

  /** The application sends a turn, and the server answers. */
  turn(step: TurnStep): void {
    const line = this.line
    if (line?.phase !== 'open' || line.expired) return void this.told.push('send refused')
    line.heard = true
    this.memory.begin()
    if (step.fault === undefined) return this.#answered(step)
    const fault = faultedTurn(step.fault)
    const closes = closeOf(fault, this.#settings.maxPayloadBytes)
    if (closes !== null) return this.ended(closes)
    if (fault.silences === true) return silence(line)
    this.#after(fault.afterMs, () => this.#answered(step))
  }

  #answered({ end, store = false, code = 'server_error', status = 500, ...step }: TurnStep): void {
    const lane = step.lane ?? null
    if (end === 'completed') {
      this.memory.keep(lane, store)
      this.#healthy()
    } else if (end === 'failed') {
      this.memory.evict(lane, false)
    } else if (end === 'error') {
      if (code === 'previous_response_not_found') this.memory.evict(lane, true)
      else if (status >= 400) this.memory.evict(lane, false)
      this.#endsAfterError()
    }
  }

  #endsAfterError(): void {
    const { line } = this
    if (!this.#settings.closesOnError || line === null || line.ending || line.expired) return
    line.ending = true
    this.told.push('closing')
    this.due.drop('ripe')
    this.due.set('ending', this.#settings.expiryGraceMs)
  }

  #healthy(): void {
    if (this.line === null) return
    this.line.healthy = true
    this.due.drop('stable')
    this.retries.reset()
  }

  /** The server announced that the line is too old. */
  expire(): void {
    const line = this.line
    if (line === null) return
    line.heard = true
    // The notice is an error frame with status 400 on the default lane.
    this.memory.evict(null, false)
    // A second notice is no news.
    if (line.expired || line.ending) return
    line.expired = true
    if (!line.ripe) this.told.push('ripe')
    this.due.drop('ripe')
    this.due.set('expiry', this.#settings.expiryGraceMs)
  }

  /** The network carries again what it held back. */
  thaw(): void {
    const line = this.line
    if (line === null) return
    line.frozen = line.moving = false
    if (line.phase === 'closing') this.ended(1000)
    // The pong to the ping that was held back.
    else if (this.due.has('pong') || this.due.has('grace')) this.#quiet()
  }

  /** The socket actor failed. */
  crash(): void {
    if (this.line?.phase === 'closing') return this.#shaken(1006)
    this.#over(ownEnding('ERR_CHART_FAILED', this.line?.phase === 'dialing' ? 'dial' : 'open'))
  }

  /** The chart was persisted and started again. */
  restore(json: boolean): void {
    const settled = this.line === null && (this.state === 'idle' || this.state === 'closed')
    if (settled) return
    this.memory.forgetUnstored()
    if (this.state === 'closed') this.lastEnd = { ...NO_END, phase: 'closing' }
    if (this.state === 'closed' && !this.#reopen) return this.#settle('requested')
    if (this.#reopen && !json) {
      this.#reopen = false
      this.line = null
      this.told.push('lost, tried again')
      return this.#start()
    }
    this.#reopen = false
    // JSON holds no credential, and without one there is nothing to dial with.
    if (json) {
      this.lastEnd = { ...NO_END, error: 'ERR_CREDENTIAL_MISSING', phase: 'credential' }
      return this.#settle('ERR_CREDENTIAL_MISSING')
    }
    this.retries.reset()
    this.#begin()
  }

  /** What was due happens. */
  fire(name: Deadline): void {
    switch (name) {
      case 'connect':
        return this.#over(ownEnding('ERR_CONNECT_TIMEOUT', 'dial'))
      case 'close':
        return this.#shaken(1006)
      case 'backoff':
        return this.#redial()
      case 'floor':
        if (this.#hurried) this.#redial()
        return
      case 'ping':
        this.pings += 1
        this.due.set('pong', this.#settings.pongTimeoutMs)
        if (this.line?.frozen === false) this.#quiet()
        return
      case 'pong':
        return this.#overdue()
      case 'grace':
        return this.#over(ownEnding('ERR_HALF_OPEN', 'open'))
      case 'stable':
        return this.#healthy()
      case 'ripe':
        if (this.line !== null) this.line.ripe = true
        return void this.told.push('ripe')
      case 'ending':
        return this.#over(ownEnding('ERR_CONNECTION_LOST', 'open'))
      case 'expiry':
        return this.#over(ownEnding('ERR_AGE_LIMIT', 'open'))
      case 'server':
        return this.#catchUp()
    }
  }
}

/** Nothing comes from the server any more. */
function silence(line: Line): void {
  line.frozen = true
  line.silent = true
}
