import { LineConnection } from './line-connection.ts'
import type { ModelLease } from './line-lanes.ts'
import {
  type LineModelOptions,
  type LinePlace,
  type LineStep,
  type LineView,
  OWN_STEPS,
  SOCKET_STEPS,
} from './line-steps.ts'

/** For turns that were given up, before those who wait get a fresh connection, in ms. */
const DRAIN_MS = 5_000
/** After a successor could not be had, before another is tried, in ms. */
const RETRY_MS = 30_000
/** Of turns over HTTP, before a WebSocket is tried again, in ms. */
const COOL_DOWN_MS = 300_000

type State = 'resting' | 'single' | 'moving' | 'degraded' | 'ended'
type Holding = ModelLease & { readonly key: string; readonly on: LineConnection | null }

/**
 * What a line must do, said plainly: which connections there are, who holds which lane, and who waits. Each of its
 * connections is a reference model of its own. No XState, no timers.
 */
export class LineModel {
  readonly #options: LineModelOptions
  #now = 0
  #state: State = 'resting'
  /** The application has closed it: only the application opens it again. */
  #isClosed = false
  /** A WebSocket is being tried while turns go over HTTP. */
  #isTrial = false
  #key: string | undefined = undefined
  #current: LineConnection
  #next: LineConnection | null = null
  #old: LineConnection[] = []
  #count = 1
  #hasLanes = true
  #dialsOfGone = 0
  #newestKey: string | null = null
  #waiting: string[] = []
  #conversations: string[] = []
  /** Those who had a lane, whoever used it last at the end. */
  #members: string[] = []
  readonly #holding = new Map<string, Holding>()
  readonly #tails = new Map<string, Holding>()
  #exchanges = 0
  readonly #creates: string[] = []
  readonly #due = new Map<'drain' | 'retry' | 'cool-down', number>()
  #told: string[] = []
  #emitted: string[] = []

  constructor(options: LineModelOptions = {}) {
    this.#options = options
    this.#current = new LineConnection('connection-1', options)
  }

  get now(): number {
    return this.#now
  }

  get nextDue(): number | null {
    const due = [...this.#due.values(), ...this.#all.flatMap(({ model }) => model.nextDue ?? [])]
    return due.length === 0 ? null : Math.min(...due)
  }

  view(): LineView {
    return {
      state: this.#state,
      current: this.#current.view(),
      next: this.#next?.view() ?? null,
      old: this.#old.map((one) => one.view()),
      conversations: this.#conversations,
      waiting: this.#waiting,
      dials: this.#all.reduce((sum, { model }) => sum + model.view().dials, this.#dialsOfGone),
      live: this.#all.reduce((sum, { model }) => sum + model.view().live, 0),
      open: this.#all.filter(({ hasSocket }) => hasSocket).length,
      creates: this.#creates.toSorted(),
      key: this.#newestKey,
      told: this.#told,
      emitted: this.#emitted,
    }
  }

  /** Whether a step does more than nothing here. */
  applies(step: LineStep): boolean {
    if ('of' in step) {
      return SOCKET_STEPS.has(step.do) && this.#at(step.of)?.model.applies(step) === true
    }
    if (!('who' in step)) return OWN_STEPS.has(step.do)
    const waits = this.#waiting.includes(step.who)
    const lease = this.#holding.get(step.who)
    switch (step.do) {
      case 'ask':
      case 'leave':
        return lease === undefined && (!waits || step.do === 'leave')
      case 'open':
        return !this.#conversations.includes(step.who)
      case 'withdraw':
        return waits
      case 'drained':
        return this.#tails.has(step.who)
      case 'exhausted':
        return lease !== undefined && lease.lane !== null
      case 'release':
      case 'renew':
      case 'unusable':
        return lease !== undefined
      default:
        return false
    }
  }

  take(step: LineStep): void {
    this.#told = []
    this.#emitted = []
    if (step.do === 'wait') return this.#pass(step.ms)
    if (step.do === 'next') return this.#pass((this.nextDue ?? this.#now) - this.#now)
    if (!this.applies(step)) return
    this.#do(step)
    this.#settle()
  }

  get #all(): LineConnection[] {
    return [this.#current, ...(this.#next === null ? [] : [this.#next]), ...this.#old]
  }

  #at(place: LinePlace): LineConnection | null {
    switch (place) {
      case 'current':
        return this.#current
      case 'next':
        return this.#next
      case 'old':
        return this.#old[0] ?? null
      default:
        return null
    }
  }

  #do(step: Exclude<LineStep, { do: 'wait' | 'next' }>): void {
    if ('of' in step) {
      const connection = this.#at(step.of)
      if (connection !== null) this.#happen(connection, step)
      return
    }
    if ('who' in step) return this.#conversation(step)
    switch (step.do) {
      case 'connect':
        return this.#connect(step.key)
      case 'retry':
        return this.#happen(this.#current, step)
      case 'close':
        return this.#close()
      case 'close actor':
        return this.#happen(this.#current, { do: 'close' })
      case 'show lanes':
      case 'show none':
        this.#hasLanes = step.do === 'show lanes'
        for (const one of this.#all) one.show(this.#hasLanes)
        return
    }
  }

  #connect(key: string | undefined): void {
    this.#key = key ?? this.#key
    if (this.#state === 'degraded' && !this.#isTrial) return this.#try(key)
    if (this.#state === 'resting' || this.#state === 'ended') this.#enterSingle()
    this.#call(this.#current, key)
    if (this.#next !== null) this.#call(this.#next, key)
  }

  #call(connection: LineConnection, key: string | undefined): void {
    this.#happen(connection, { do: 'connect', ...(key !== undefined && { key }) })
  }

  #close(): void {
    for (const one of this.#all) one.take({ do: 'close' })
    this.#state = 'ended'
    this.#isClosed = true
    this.#due.clear()
    this.#dropNext()
    this.#refuse('ERR_CLOSED')
    for (const one of this.#all) this.#loseLanes(one)
  }

  #conversation(step: Extract<LineStep, { readonly who: string }>): void {
    const { who } = step
    const lease = this.#holding.get(who)
    const on = lease === undefined ? null : this.#liveOf(lease)
    switch (step.do) {
      case 'open':
        this.#conversations.push(who)
        return
      case 'ask':
        return this.#ask(who)
      case 'withdraw':
        this.#waiting = this.#waiting.filter((one) => one !== who)
        return
      case 'leave':
        this.#conversations = this.#conversations.filter((one) => one !== who)
        this.#waiting = this.#waiting.filter((one) => one !== who)
        this.#members = this.#members.filter((one) => one !== who)
        for (const one of this.#all) one.lanes.vacate(who)
        return
      case 'release':
        this.#holding.delete(who)
        if (step.tail === true && lease !== undefined) this.#tails.set(who, lease)
        return on?.lanes.release(lease?.lane ?? null, step.tail ?? false)
      case 'exhausted':
        this.#holding.delete(who)
        return on?.lanes.exhausted(lease?.lane ?? null)
      case 'drained': {
        const tail = this.#tails.get(who)
        this.#tails.delete(who)
        if (tail !== undefined) this.#liveOf(tail)?.lanes.drained(tail.lane)
        return
      }
      case 'renew':
        if (on !== this.#current || (this.#state !== 'single' && this.#state !== 'moving')) return
        on.isLeft = true
        if (this.#state === 'single') this.#move()
        return
      case 'unusable':
        this.#holding.delete(who)
        if (on === null) return
        on.isLeft = true
        return on.lanes.release(lease?.lane ?? null, false)
    }
  }

  #ask(who: string): void {
    this.#waiting.push(who)
    if (this.#state === 'ended' && this.#isClosed) return this.#refuse('ERR_CLOSED')
    if (this.#state !== 'resting' && this.#state !== 'ended') return
    this.#enterSingle()
    this.#call(this.#current, undefined)
  }

  /** The connection of a lane, if its socket is still there. */
  #liveOf({ on, key }: Holding): LineConnection | null {
    return on !== null && this.#all.includes(on) && on.key === key ? on : null
  }

  #happen(connection: LineConnection, step: Parameters<LineConnection['take']>[0]): void {
    const dialed = connection.model.view().dials
    const { ripened } = connection.take(step)
    const { dials, key } = connection.model.view()
    if (dials > dialed) this.#newestKey = key
    this.#loseLanes(connection)
    if (connection === this.#next) return this.#nextMoved(connection)
    if (connection === this.#current) return this.#currentMoved(ripened)
  }

  /** Those who hold a lane of a socket that has ended are told. */
  #loseLanes(connection: LineConnection): void {
    for (const [who, { on, key }] of this.#holding) {
      if (on !== connection || (connection.hasSocket && connection.key === key)) continue
      this.#holding.delete(who)
      this.#told.push(`${who}: lost ${key}`)
    }
  }

  #currentMoved(ripened: boolean): void {
    const { closedBecause, isUnreachable } = this.#current
    const fallsBack = this.#options.httpFallback === true && isUnreachable
    if (this.#state === 'degraded' && this.#isTrial) {
      if (this.#current.isOpen) return this.#endTrial()
      if (fallsBack || closedBecause !== null) this.#cool()
    } else if (this.#state === 'single' && fallsBack) {
      this.#degrade()
    } else if (this.#state === 'single' && this.#waiting.length > 0 && this.#current.mayComeBack) {
      // A turn that has not left waits for the next socket, whatever the close code.
      this.#call(this.#current, undefined)
    } else if ((this.#state === 'single' || this.#state === 'moving') && closedBecause !== null) {
      this.#end(closedBecause)
    } else if (this.#state === 'single' && ripened && this.#members.length > 0) {
      this.#move()
    }
  }

  #nextMoved(next: LineConnection): void {
    if (next.isOpen) {
      this.#emitted.push(`switched from ${this.#current.id} to ${next.id}`)
      this.#switch(next)
      this.#enterSingle()
      for (const who of this.#members) this.#told.push(`${who}: moved to ${next.key}`)
    } else if (this.#options.httpFallback === true && next.isUnreachable) {
      this.#switch(next)
      this.#degrade()
    } else if (next.closedBecause !== null) {
      this.#refuse(next.closedBecause)
      this.#dropNext()
      this.#current.isLeft = false
      this.#enterSingle()
      this.#due.set('retry', this.#now + RETRY_MS)
    }
  }

  #switch(next: LineConnection): void {
    this.#old.push(this.#current)
    this.#current = next
    this.#next = null
  }

  #move(): void {
    this.#state = 'moving'
    this.#due.clear()
    this.#count += 1
    this.#next = new LineConnection(`connection-${this.#count}`, this.#options)
    this.#next.show(this.#hasLanes)
    // Its clock starts where the line's stands.
    this.#next.model.take({ do: 'wait', ms: this.#now })
    this.#call(this.#next, this.#key)
  }

  #end(because: string): void {
    this.#state = 'ended'
    this.#isClosed = because === 'requested'
    this.#due.clear()
    this.#dropNext()
    this.#refuse(this.#isClosed ? 'ERR_CLOSED' : because)
  }

  #degrade(): void {
    this.#state = 'degraded'
    this.#emitted.push('http')
    this.#cool()
  }

  #cool(): void {
    this.#isTrial = false
    this.#due.clear()
    this.#due.set('cool-down', this.#now + COOL_DOWN_MS)
    this.#current.take({ do: 'close' })
  }

  #try(key?: string): void {
    this.#isTrial = true
    this.#due.clear()
    this.#emitted.push('trial')
    this.#call(this.#current, key)
  }

  #endTrial(): void {
    this.#emitted.push('websocket')
    this.#enterSingle()
  }

  #enterSingle(): void {
    this.#state = 'single'
    this.#isTrial = this.#isClosed = false
    this.#due.clear()
  }

  #dropNext(): void {
    if (this.#next !== null) this.#dialsOfGone += this.#next.model.view().dials
    this.#next = null
  }

  #refuse(code: string): void {
    const told = code === 'requested' ? 'ERR_CLOSED' : code
    for (const who of this.#waiting) this.#told.push(`${who}: refused ${told}`)
    this.#waiting = []
  }

  /** What follows from anything that happened. */
  #settle(): void {
    this.#serve()
    for (const one of this.#old) {
      if (one.hasSocket && !one.lanes.isRunning) one.take({ do: 'close' })
    }
    const gone = this.#old.filter(({ hasSocket }) => !hasSocket)
    for (const { model } of gone) this.#dialsOfGone += model.view().dials
    this.#old = this.#old.filter(({ hasSocket }) => hasSocket)
    if (this.#state !== 'single') return
    if (this.#waiting.length > 0 && this.#current.isOpen && this.#current.isRipe) {
      this.#move()
    } else if (this.#waiting.length === 0 || !this.#current.isOpen || !this.#current.lanes.isStuck) {
      this.#due.delete('drain')
    } else if (!this.#due.has('drain')) {
      this.#due.delete('retry')
      this.#due.set('drain', this.#now + DRAIN_MS)
    }
  }

  #serve(): void {
    if (this.#state === 'degraded') return this.#serveHttp()
    while (this.#waiting.length > 0 && this.#current.isGood) {
      const [who = ''] = this.#waiting
      const lease = this.#current.lanes.give(who)
      if (lease === null) return
      this.#waiting.shift()
      this.#members = [...this.#members.filter((one) => one !== who), who]
      this.#grant(who, { ...lease, key: this.#current.key, on: this.#current })
    }
  }

  #serveHttp(): void {
    for (const who of this.#waiting) {
      this.#grant(who, { lane: null, serial: this.#exchanges, key: 'http', on: null })
      this.#exchanges += 1
    }
    this.#waiting = []
  }

  #grant(who: string, lease: Holding): void {
    this.#holding.set(who, lease)
    if (lease.on !== null) this.#creates.push(`${lease.key} ${lease.lane ?? 'default'}`)
    this.#told.push(`${who}: ${lease.key} ${lease.lane ?? 'default'} ${lease.serial}`)
  }

  #pass(ms: number): void {
    const until = this.#now + ms
    for (let due = this.nextDue; due !== null && due <= until; due = this.nextDue) {
      this.#wait(due - this.#now)
      for (const [name, at] of this.#due) if (at <= this.#now) this.#fire(name)
      this.#settle()
    }
    this.#wait(until - this.#now)
  }

  #wait(ms: number): void {
    this.#now += ms
    for (const one of this.#all) this.#happen(one, { do: 'wait', ms })
  }

  #fire(name: 'drain' | 'retry' | 'cool-down'): void {
    this.#due.delete(name)
    if (name === 'cool-down') return this.#try()
    const isWanted = name === 'drain' || (this.#current.isRipe && this.#members.length > 0)
    if (isWanted && this.#state === 'single') this.#move()
  }
}

/** The reference model of a line: what must be seen after each step. */
export function createLineModel(options: LineModelOptions = {}): LineModel {
  return new LineModel(options)
}
