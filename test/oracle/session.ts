import { Buffer } from 'node:buffer'
import { type Act, type Answer, answerOf } from './answer.ts'
import { Memory, problemOf } from './context.ts'
import { errorFrame, injection } from './error-shapes.ts'
import { Opcode, encodeFragments, encodeFrame } from './frames.ts'
import type { Peer, Time } from './peer.ts'
import type { CreateRecord, Item, WrittenEvent } from './records.ts'
import type { AnswerPlan, Dialect, InjectName, RefusalName } from './schedule.ts'

/** What the sessions of one endpoint share. */
export interface Endpoint {
  readonly dialect: Dialect
  readonly time: Time
  /** Responses that outlive their connection. */
  readonly stored: Map<string, readonly Item[]>
  readonly nextPlan: () => AnswerPlan
  /** Another id each time. */
  readonly freshId: () => string
}

const IN_FLIGHT = 16

const FATAL: ReadonlySet<InjectName> = new Set(['bad-utf8', 'reserved-bits', 'masked'])

interface Waiting {
  readonly create: CreateRecord
  readonly body: Item
}

interface Running {
  readonly create: CreateRecord
  readonly stored: boolean
  timer: unknown
}

/** Answers the creates of one WebSocket. */
export class Session {
  readonly peer: Peer
  readonly #endpoint: Endpoint
  readonly #memory = new Memory()
  readonly #waiting: Waiting[] = []
  readonly #running = new Map<string | null, Running>()
  readonly #endedIds: string[] = []
  readonly #ownId: string
  readonly #creates: CreateRecord[] = []
  #isExpired = false
  /** A frame went out after which no client reads on (RFC 6455). */
  #isBroken = false

  constructor(peer: Peer, endpoint: Endpoint) {
    this.peer = peer
    this.#endpoint = endpoint
    this.#ownId = `resp_c${peer.id}`
    peer.onEnd = () => this.#stop()
  }

  /** Nothing runs and nothing waits. */
  get isQuiet(): boolean {
    return this.#running.size === 0 && this.#waiting.length === 0
  }

  take(create: CreateRecord, body: Item): void {
    this.#creates.push(create)
    this.#waiting.push({ create, body })
    this.#serve()
  }

  /** Says that the connection is too old. What is not begun will not run, but for the create that it crosses. */
  notice(crossed: CreateRecord | null = null): void {
    this.#isExpired = true
    this.#send(errorFrame('age', 'nested'))
    for (const { create } of this.#waiting.splice(0)) create.fate = 'refused'
    for (const [slot, { create, timer }] of this.#running) {
      if (create.events.length > 0 || create === crossed) continue
      create.fate = 'refused'
      this.#endpoint.time.clearTimeout(timer)
      this.#running.delete(slot)
    }
  }

  /** An event of a response that has ended, or of nobody. */
  stray(): void {
    const id = this.#endedIds.at(-1)
    if (id === undefined || this.#endpoint.dialect.ids !== 'own') {
      this.#send({
        type: 'response.completed',
        stream_id: 'nobody',
        response: { id: 'resp_x', status: 'completed', output: [] },
      })
    } else {
      this.#send({ type: 'response.failed', response: { id, status: 'failed', output: [], error: null } })
    }
  }

  #serve(): void {
    for (let at = 0; at < this.#waiting.length;) {
      const { create, body } = this.#waiting[at] as Waiting
      const slot = this.#slotOf(create)
      const isFree = !this.#running.has(slot) && this.#running.size < IN_FLIGHT
      const isFirst = this.#waiting.findIndex((one) => this.#slotOf(one.create) === slot) === at
      if (!isFree || !isFirst || this.peer.ended !== null) {
        at += 1
        continue
      }
      this.#waiting.splice(at, 1)
      this.#begin(create, body)
      at = 0
    }
  }

  /** Where there are no lanes, everything is in one line. */
  #slotOf({ lane }: CreateRecord): string | null {
    return this.#hasLanes ? lane : null
  }

  get #hasLanes(): boolean {
    return this.#endpoint.dialect.lanes === 'echo' || this.#endpoint.dialect.lanes === 'junk'
  }

  #labelOf({ lane }: CreateRecord): string | null {
    if (lane === null || !this.#hasLanes) return null
    return this.#endpoint.dialect.lanes === 'junk' ? `not-${lane}` : lane
  }

  #begin(create: CreateRecord, body: Item): void {
    const { dialect, nextPlan } = this.#endpoint
    if (create.lane !== null && dialect.lanes.startsWith('refuse')) return this.#refuseLane(create)
    const { previousId, input } = create
    const before = previousId === null ? [] : this.#find(previousId)
    create.context = before === null ? null : [...before, ...input]
    create.problem = create.context === null ? null : problemOf(create.context)
    if (this.#isExpired) return this.#refuse(create, 'age', {})
    if (create.context === null) return this.#refuse(create, 'not-found', {})
    if (create.problem !== null) return this.#refuse(create, 'bad-request', {})
    const plan = create.isWarmUp ? ({ kind: 'text' } as const) : nextPlan()
    if (plan.kind === 'refuse') return this.#refuse(create, plan.refusal ?? 'bad-request', plan)
    this.#run(create, plan, body['store'] !== false)
  }

  #find(id: string): readonly Item[] | null {
    if (!this.#endpoint.dialect.remembers) return null
    return this.#memory.find(id) ?? this.#endpoint.stored.get(id) ?? null
  }

  #refuse(create: CreateRecord, name: RefusalName, plan: Partial<AnswerPlan>): void {
    create.fate = 'refused'
    if (create.previousId !== null) this.#memory.evict(create.lane, create.previousId)
    const label = this.#labelOf(create)
    const frame = { ...errorFrame(name, plan.shape ?? 'nested'), ...(label !== null && { stream_id: label }) }
    const slot = this.#slotOf(create)
    const running: Running = { create, stored: false, timer: null }
    this.#running.set(slot, running)
    running.timer = this.#endpoint.time.setTimeout(() => {
      this.#note(create, 'error', frame)
      this.#finish(slot, true)
    }, plan.firstMs ?? 0)
  }

  #refuseLane(create: CreateRecord): void {
    create.fate = 'refused'
    const isDetail = this.#endpoint.dialect.lanes === 'refuse-detail'
    const message = "Unsupported parameter: 'stream_id'"
    const error = isDetail
      ? { detail: message }
      : { type: 'invalid_request_error', code: 'unsupported_parameter', param: 'stream_id', message }
    this.#note(create, 'error', { type: 'error', status: 400, error })
    if (this.#endpoint.dialect.closesOnError) this.peer.end('close', 1011)
  }

  #run(create: CreateRecord, plan: AnswerPlan, stored: boolean): void {
    create.fate = 'ran'
    const { dialect, freshId } = this.#endpoint
    let named: string | null = null
    const id = (): string | null => {
      if (dialect.ids === 'none') return null
      if (dialect.ids === 'connection') return this.#ownId
      if (dialect.ids === 'changing') return (named = freshId())
      return (named ??= freshId())
    }
    const context = create.context ?? []
    const label = this.#labelOf(create)
    const answer = answerOf(plan, dialect, {
      n: create.n,
      context,
      isWarmUp: create.isWarmUp,
      label,
      stored,
      id,
    })
    const running: Running = { create, stored, timer: null }
    const slot = this.#slotOf(create)
    this.#running.set(slot, running)
    const cutAt = plan.cut === undefined ? -1 : Math.floor(plan.cut.share * answer.acts.length)
    const step = (at: number): void => {
      const act = answer.acts[at]
      // It runs for ever, or as long as its connection.
      if (act === undefined) return
      running.timer = this.#endpoint.time.setTimeout(() => {
        running.timer = null
        if (at === cutAt) return this.#cut(plan, act)
        this.#act(act, running, answer, () => step(at + 1))
      }, act.afterMs)
    }
    step(0)
  }

  #act(act: Act, { create, stored }: Running, answer: Answer, goOn: () => void): void {
    if (act.do === 'end-of-answer') return this.#finish(this.#slotOf(create), false)
    if (act.do === 'inject') {
      this.peer.push(injection(act.name, this.#labelOf(create)))
      this.#isBroken ||= FATAL.has(act.name)
      return goOn()
    }
    if (act.what === 'terminal' || act.what === 'error') this.#settle(create, answer, act.event, stored)
    if (act.what === 'notice') this.notice(create)
    else this.#note(create, act.what, act.event)
    goOn()
  }

  /** From its terminal event on a response can be continued. */
  #settle(create: CreateRecord, answer: Answer, event: Item, stored: boolean): void {
    create.output ??= answer.output
    create.outcome ??= answer.outcome
    const { id } = (event['response'] ?? {}) as { id?: string }
    if (id === undefined) return
    this.#endedIds.push(id)
    if (event['type'] !== 'response.completed' && event['type'] !== 'response.done') return
    const items = [...(create.context ?? []), ...answer.output]
    this.#memory.keep(this.#slotOf(create), id, items)
    if (stored && this.#endpoint.dialect.ids === 'own') this.#endpoint.stored.set(id, items)
  }

  #finish(slot: string | null, hasFailed: boolean): void {
    this.#running.delete(slot)
    const { closesAfterAnswer, closesOnError } = this.#endpoint.dialect
    if (closesAfterAnswer !== null) this.peer.end('close', closesAfterAnswer)
    else if (hasFailed && closesOnError) this.peer.end('close', 1011)
    this.#serve()
  }

  #cut(plan: AnswerPlan, act: Act): void {
    const { how = 'fin', torn = false, code } = plan.cut ?? {}
    if (torn && act.do === 'event') {
      const frame = encodeFrame(Opcode.text, Buffer.from(JSON.stringify(act.event)))
      this.peer.push(frame.subarray(0, Math.ceil(frame.length / 2)))
    }
    this.peer.end(how, code ?? null)
  }

  #note(create: CreateRecord, what: WrittenEvent['what'], event: Item): void {
    const written: WrittenEvent = { at: this.#endpoint.time.now(), what, isDelivered: false }
    create.events.push(written)
    // What is labelled for nobody reaches nobody.
    const isAddressed = this.#endpoint.dialect.lanes !== 'junk' || create.lane === null
    const isRead = isAddressed && !this.#isBroken
    this.#send(event, () => (written.isDelivered = isRead))
  }

  #send(event: Item, written?: () => void): void {
    const text = JSON.stringify(event)
    // What crosses the notice arrives with it: else nobody could know of it in time.
    const bytes = this.#isExpired ? 'whole' : this.#endpoint.dialect.bytes
    if (bytes === 'fragments') return this.peer.push(encodeFragments(text, 3), 0, written)
    const frame = encodeFrame(Opcode.text, Buffer.from(text))
    if (bytes === 'whole') return this.peer.push(frame, 0, written)
    const middle = Math.ceil(frame.length / 3)
    this.peer.push(frame.subarray(0, 1))
    this.peer.push(frame.subarray(1, middle), 1)
    this.peer.push(frame.subarray(middle), 1, written)
  }

  /** Nothing of it can be said any more. What was not begun never will be. */
  #stop(): void {
    const now = this.#endpoint.time.now()
    for (const { timer } of this.#running.values()) this.#endpoint.time.clearTimeout(timer)
    // A reset takes with it what the client had not read.
    const unread = this.peer.ended === 'rst' ? this.#creates.flatMap(({ events }) => events) : []
    for (const event of unread) if (event.at === now) event.isDelivered = false
    this.#running.clear()
    this.#waiting.length = 0
  }
}
