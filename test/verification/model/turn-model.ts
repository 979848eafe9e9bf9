import { provesNothingRan, remedyFor, waitMs } from './turn-refusals.ts'
import type { TurnModelOptions, TurnStep, TurnView } from './turn-steps.ts'

type Phase = 'queued' | 'sent' | 'started' | 'streaming' | 'interrupted' | 'lingering' | 'settled'

/** What has come while the loop was blocked is read before a clock decides, in ms. */
const GRACE_MS = 100

/** For the server to name the successor of a steered response, in ms. */
const SUCCESSOR_MS = 30_000

/** What one turn must do: sent at most as often as is safe, and settled exactly once. No XState, no timers. */
export class TurnModel {
  readonly #policy: 'never' | 'safe' | 'unanswered'
  readonly #firstMs: number | null
  readonly #interMs: number | null
  #now = 0
  #phase: Phase = 'queued'
  #progress = 'queued'
  #answered = false
  /** When this phase is over by itself, or null. */
  #dueAt: number | null = null
  /** When it asks for the next event again; null while it listens. */
  #listensAt: number | null = null
  #waiting = false
  /** Its time is up, and it reads once more. */
  #overdue = false
  /** Responses that the server has begun, each under its own id. */
  #responses = 0
  /** The server has said which response it is at. */
  #isNamed = false
  #steers = 0
  #resends: Record<string, number> = {}
  /** Why it was sent again last. */
  #reason: string | null = null
  #refusedWith: string | null = null
  /** It is over, and the server may still send more of it. */
  #runsOn = false
  #view = {
    outcome: null as string | null,
    fault: null as string | null,
    code: null as string | null,
    responseId: null as string | null,
    requeued: [] as string[],
    asked: [null] as (string | null)[],
    listened: 0,
  }

  constructor({ policy = 'safe', firstEventMs = 90_000, interEventMs = 900_000 }: TurnModelOptions = {}) {
    this.#policy = policy
    this.#firstMs = firstEventMs === false ? null : firstEventMs
    this.#interMs = interEventMs === false ? null : interEventMs
  }

  get now(): number {
    return this.#now
  }

  get nextDue(): number | null {
    const due = [this.#dueAt, this.#listensAt].filter((at) => at !== null)
    return due.length === 0 ? null : Math.min(...due)
  }

  applies(step: TurnStep): boolean {
    if (step.do === 'wait' || step.do === 'next') return true
    const phase = this.#phase
    if (phase === 'settled') return false
    const isQueued = phase === 'queued'
    switch (step.do) {
      case 'cancel':
        return true
      // A steer is for a response that runs, and may fail until another one begins with it.
      case 'steer accepted':
        return phase === 'started' || phase === 'streaming'
      case 'steer closed':
        return this.#steers > 0
      case 'dispatch':
      case 'undeliverable':
        return isQueued && !this.#waiting
      // A response is named once, and begins to put out once.
      case 'created':
        return !isQueued && phase !== 'started'
      case 'output':
        return !isQueued && phase !== 'streaming'
      case 'heard':
      case 'ended':
      case 'errored':
      case 'cut':
      case 'faulted':
        return !isQueued
      default:
        return false
    }
  }

  view(): TurnView {
    const { outcome } = this.#view
    const settled = this.#phase === 'settled'
    return {
      ...this.#view,
      state: settled ? String(outcome) : this.#phase,
      progress: this.#progress,
      leavesTail: settled ? this.#runsOn : null,
      resendIsSafe: settled ? this.#isSafe() : null,
    }
  }

  take(step: TurnStep): void {
    if (step.do === 'wait') return this.#pass(step.ms)
    if (step.do === 'next') return this.#pass((this.nextDue ?? this.#now) - this.#now)
    if (this.applies(step)) this.#do(step)
  }

  #do(step: Exclude<TurnStep, { do: 'wait' | 'next' }>): void {
    switch (step.do) {
      case 'dispatch':
        return this.#dispatch()
      case 'undeliverable':
        // Of two sendings that nobody answered, the first may have run.
        if (this.#resends['unanswered'] !== undefined) return this.#settle('lost', 'connection')
        return this.#settle('unsent')
      case 'heard':
        return this.#heard()
      case 'created':
      case 'output':
        return this.#progressed(step.do)
      case 'ended':
        return this.#ended(step)
      case 'errored':
        return this.#errored(step)
      case 'cut':
        return this.#cut()
      case 'faulted':
        this.#runsOn = true
        if (this.#phase === 'lingering') return this.#settle('completed')
        return this.#settle('failed', 'unreadable')
      case 'steer accepted':
        this.#steers += 1
        return
      case 'steer closed':
        this.#steers -= 1
        if (this.#phase === 'lingering' && this.#steers === 0) this.#settle('completed')
        return
      case 'cancel':
        this.#runsOn = this.#phase !== 'queued'
        // Of a response that is there, only what might have followed is cancelled.
        return this.#settle(this.#phase === 'lingering' ? 'completed' : 'cancelled')
    }
  }

  #dispatch(): void {
    this.#enter('sent', this.#firstMs)
    this.#progress = 'sent'
    this.#answered = false
  }

  #heard(): void {
    if (this.#phase === 'sent') {
      this.#answered = true
      this.#enter('sent', this.#firstMs)
      this.#view.listened += 1
      return
    }
    const isClocked = this.#phase === 'started' || this.#phase === 'streaming'
    if (isClocked && this.#listensAt === null) this.#rest()
  }

  /** For a tenth of the time between two events it asks for none; without that time it never does. */
  #rest(): void {
    if (this.#interMs === null) return
    this.#overdue = false
    this.#dueAt = null
    this.#listensAt = this.#now + this.#interMs / 10
  }

  #progressed(what: 'created' | 'output'): void {
    this.#answered = true
    if (what === 'created') {
      this.#name()
      // What the server had taken is part of it.
      this.#steers = 0
    }
    const was = this.#phase
    if (what === 'output' || this.#progress === 'streaming') this.#progress = 'streaming'
    else this.#progress = 'started'
    // A successor that was created begins anew, whatever its predecessor had put out.
    this.#enter(what === 'output' || was === 'streaming' ? 'streaming' : 'started', null)
    this.#rest()
  }

  #ended({ end, waits = false, ...step }: Extract<TurnStep, { do: 'ended' }>): void {
    const code = step.code ?? null
    this.#answered = true
    if (!this.#isNamed) this.#name()
    this.#isNamed = false
    this.#view.code = code
    if (end === 'incomplete' && code === 'steered') return this.#enter('interrupted', SUCCESSOR_MS)
    if (end === 'completed' && !waits && this.#steers > 0) return this.#enter('lingering', SUCCESSOR_MS)
    this.#settle(end)
  }

  #name(): void {
    this.#responses += 1
    this.#isNamed = true
    this.#view.responseId = `resp_${this.#responses}`
  }

  #errored({ code, retryAfterMs }: Extract<TurnStep, { do: 'errored' }>): void {
    const unanswered = this.#progress === 'sent' && !this.#answered
    const remedy = remedyFor(code)
    if (unanswered && remedy !== null && this.#policy !== 'never') {
      const before = this.#resends[remedy.reason] ?? 0
      const wait = before < remedy.times ? waitMs(remedy, before, retryAfterMs) : null
      if (wait !== null) return this.#again(remedy.reason, wait)
    }
    this.#view.code = code
    this.#refusedWith = code
    this.#settle(unanswered ? 'refused' : 'failed')
  }

  #cut(): void {
    if (this.#phase === 'lingering') return this.#settle('completed')
    const unanswered = this.#progress === 'sent' && !this.#answered
    if (unanswered && this.#policy === 'unanswered' && this.#resends['unanswered'] === undefined) {
      return this.#again('unanswered', 0)
    }
    this.#settle('lost', 'connection')
  }

  #again(reason: string, wait: number): void {
    this.#resends[reason] = (this.#resends[reason] ?? 0) + 1
    this.#reason = reason
    this.#progress = 'queued'
    this.#view.responseId = null
    this.#enter('queued', null)
    this.#view.requeued.push(reason)
    if (wait === 0) return void this.#view.asked.push(reason)
    this.#waiting = true
    this.#dueAt = this.#now + wait
  }

  #settle(outcome: string, fault: string | null = null): void {
    this.#view.outcome = outcome
    this.#view.fault = fault
    this.#enter('settled', null)
  }

  #isSafe(): boolean {
    if (this.#resends['unanswered'] !== undefined) return false
    if (this.#progress === 'queued') return true
    return (
      this.#view.outcome === 'refused' && this.#refusedWith !== null && provesNothingRan(this.#refusedWith)
    )
  }

  #enter(phase: Phase, ms: number | null): void {
    this.#phase = phase
    this.#waiting = false
    this.#overdue = false
    this.#listensAt = null
    this.#dueAt = ms === null ? null : this.#now + ms
  }

  #pass(ms: number): void {
    const until = this.#now + ms
    for (let next = this.nextDue; next !== null && next <= until; next = this.nextDue) {
      this.#now = next
      this.#fire()
    }
    this.#now = until
  }

  #fire(): void {
    if (this.#listensAt !== null) {
      this.#listensAt = null
      this.#dueAt = this.#interMs === null ? null : this.#now + this.#interMs
      this.#view.listened += 1
      return
    }
    this.#dueAt = null
    if (this.#waiting) {
      this.#waiting = false
      this.#view.asked.push(this.#reason)
      return
    }
    if (!this.#overdue) {
      this.#overdue = true
      this.#dueAt = this.#now + GRACE_MS
      return
    }
    // Nobody says that the server does not go on with it all the same.
    this.#runsOn = true
    if (this.#phase === 'interrupted') this.#settle('incomplete')
    else if (this.#phase === 'lingering') this.#settle('completed')
    else this.#settle('lost', 'silence')
  }
}

/** The reference model of a turn: what must be seen after each step. */
export function createTurnModel(options: TurnModelOptions = {}): TurnModel {
  return new TurnModel(options)
}
