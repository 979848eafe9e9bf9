import type { ErrorFrame } from '../script/types.ts'
import { errorFrameOf } from './error-frames.ts'
import { UNKNOWN_ID } from './faults.ts'
import { LaneNames } from './lane-names.ts'
import type { Create } from './lanes.ts'
import { Lanes } from './lanes.ts'
import { ConnectionMemory } from './memory.ts'
import { prepare } from './prepare.ts'
import type { RequestRecord } from './records.ts'
import { addCreate, recordOf } from './request-record.ts'
import type { ModelRequest } from './request.ts'
import type { Outcome } from './run-context.ts'
import { Run } from './run.ts'
import { type Steer, Steering } from './steering.ts'
import type { Wire } from './wire.ts'
import { isObject, stringField } from './wire.ts'
import type { World } from './world.ts'
import { countUp } from './world.ts'

interface QueuedCreate extends Create {
  readonly record: RequestRecord
}

/** Finished ids that a connection knows, to tell a late steer from a wrong one. The oldest go first. */
const KNOWN_IDS = 1000

/** The Responses protocol on one WebSocket: what arrives, and what comes of it. */
export class Session {
  readonly memory: ConnectionMemory
  readonly #world: World
  readonly #wire: Wire
  readonly #connection: number
  readonly #lanes: Lanes<QueuedCreate>
  readonly #names: LaneNames
  readonly #runs = new Map<string, { run: Run; record: RequestRecord }>()
  /** Runs that may write something yet: also those whose lane has gone on. */
  readonly #writing = new Set<Run>()
  readonly #finished = new Map<string, Outcome>()
  readonly #steering: Steering
  #model: string | null = null
  #lastId: string | null = null
  #expired = false
  #over = false
  /** Called whenever the last running or waiting create has ended. */
  whenIdle: () => void = () => {}
  /** Called when a create was answered with the age limit. */
  whenRefusedForAge: () => void = () => {}

  constructor(world: World, wire: Wire, connection: number) {
    const { limits, steering } = world.settings
    this.#world = world
    this.#wire = wire
    this.#connection = connection
    this.memory = new ConnectionMemory(limits.memory)
    this.#names = new LaneNames(limits)
    this.#lanes = new Lanes(limits, (create) => this.#begin(create))
    this.#steering = new Steering(steering, world.ids, (frame) => wire.send(frame))
  }

  get idle(): boolean {
    return this.#lanes.idle
  }

  /** The latest response's id, for a stale event. */
  get lastId(): string {
    return this.#lastId ?? UNKNOWN_ID
  }

  /** One text message from the client. */
  receive(text: string): void {
    const event = parse(text)
    if (event === null)
      return this.#error({ status: 400, message: 'The message is not a JSON object.' }, null)
    if (event['type'] === 'response.create') return this.#create(event)
    if (event['type'] === 'response.steer' && this.#world.settings.steering.enabled) return this.#steer(event)
    const type = stringField(event, 'type')?.slice(0, 64)
    this.#error({ status: 400, message: `Unknown event type: '${type ?? 'none'}'.`, param: 'type' }, null)
  }

  /** From now on every create is answered with the age limit. */
  expire(): void {
    this.#expired = true
  }

  announceAge(): void {
    this.#error({ status: 400, code: 'websocket_connection_limit_reached' }, null)
  }

  /** Ends everything without sending anything, because the connection is gone. */
  stop(): void {
    this.#over = true
    for (const create of this.#lanes.drain()) create.record.outcome = 'dropped'
    for (const run of this.#writing) run.stop()
    this.#writing.clear()
    this.memory.forget()
  }

  /** Cuts what runs or waits, and leaves the connection as it is. */
  cut(): void {
    for (const create of this.#lanes.drain()) create.record.outcome = 'dropped'
    for (const { run } of this.#runs.values()) run.stop()
  }

  #create(event: Readonly<Record<string, unknown>>): void {
    const { type: _type, stream_id: named, ...body } = event
    const isIgnored = this.#world.settings.limits.lanes === 'ignored'
    const lane = typeof named === 'string' && !isIgnored ? named : null
    const record = this.#record(body, lane)
    addCreate(this.#world.logs, record)
    const refused = this.#names.add(named)
    if (refused !== null) {
      record.outcome = 'error'
      return this.#error(refused, refused.code === 'websocket_stream_limit_reached' ? lane : null)
    }
    if (!this.#sameModel(body)) {
      record.outcome = 'dropped'
      return
    }
    if (this.#expired) {
      record.outcome = 'error'
      this.announceAge()
      return this.whenRefusedForAge()
    }
    if (this.#lanes.add({ lane, body, record })) return
    record.outcome = 'error'
    this.#error({ status: 429, code: 'websocket_queue_full', message: 'Too many creates wait here.' }, lane)
  }

  #record(body: Readonly<Record<string, unknown>>, lane: string | null): RequestRecord {
    const at = this.#world.clock.now()
    return recordOf(body, { at, lane, transport: 'websocket', connection: this.#connection })
  }

  #sameModel(body: Readonly<Record<string, unknown>>): boolean {
    const model = stringField(body, 'model') ?? null
    this.#model ??= model
    if (!this.#world.settings.limits.oneModel || model === this.#model) return true
    this.#wire.close(1008, 'model cannot change on a connection')
    return false
  }

  #begin(create: QueuedCreate): boolean {
    const { lane, body, record } = create
    const previous = stringField(body, 'previous_response_id') ?? ''
    const steers = this.#steering.waitingFor(previous, lane)
    const request = prepare(body, {
      lane,
      transport: 'websocket',
      find: (id) => this.memory.find(id) ?? this.#world.stored.get(id),
      findItem: (id) => this.#world.stored.item(id),
      steered: steers.flatMap((steer) => steer.items),
    })
    if ('refused' in request) {
      record.outcome = 'error'
      this.memory.evict(lane, previous)
      this.#error(request.refused, lane)
      this.#steering.fail(steers)
      return false
    }
    this.#run(request, record)
    return true
  }

  #run(request: ModelRequest, record: RequestRecord, from: readonly Steer[] = []): void {
    const { clock, ids, settings, logs, turns, byHand } = this.#world
    const run = new Run({
      clock,
      ids,
      wire: this.#wire,
      byHand,
      request,
      turn: turns.take(request),
      errors: settings.errors,
      warmupCreated: settings.warmup.created,
      responseId: settings.responseIds === 'response' ? null : () => this.#responseId(),
      staleId: () => this.lastId,
      interrupted: (output) => this.#steering.interrupts(run.id, output),
      failSteer: (isNamed) => this.#steering.failOldest(run, isNamed),
      settled: (outcome) => this.#settled(run, record, outcome),
      released: (outcome) => this.#released(run, outcome),
      finished: () => this.#writing.delete(run),
    })
    record.responseId = run.id
    if (!record.warmup && !request.successor) countUp(logs.runs, record.turnKey)
    this.#runs.set(run.id, { run, record })
    this.#writing.add(run)
    this.#steering.open(run, from)
    run.start()
    this.#world.changed()
  }

  #settled(run: Run, record: RequestRecord, outcome: Outcome): void {
    record.outcome = outcome
    if (this.#over || outcome === 'dropped') return
    const { request } = run
    const failed = outcome === 'error' || (outcome === 'failed' && this.#world.settings.limits.failedEvicts)
    if (failed && request.previousResponseId !== null)
      this.memory.evict(request.lane, request.previousResponseId)
    if (outcome === 'completed' || outcome === 'incomplete') {
      this.memory.remember(request.lane, run.remembered())
      if (request.store) this.#world.stored.add(run.remembered())
    }
    this.#lastId = run.shownId
    if (outcome === 'error') this.#afterError()
  }

  /** What an event of a response names it by, where that is no id of its own. */
  #responseId(): string {
    const { settings, ids } = this.#world
    return settings.responseIds === 'connection' ? `resp_of_connection_${this.#connection}` : ids.next('resp')
  }

  #released(run: Run, outcome: Outcome): void {
    this.#runs.delete(run.id)
    this.#finish(run.id, outcome)
    const { lane } = run.request
    if (this.#over) return
    const steers = this.#steering.settle(run, outcome, this.#lanes.next(lane)?.body)
    const from = steers ?? (run.isSteeredByHand ? [] : null)
    if (from === null || !this.#succeed(run, from)) this.#lanes.release(lane)
    if (this.idle) this.whenIdle()
    this.#world.changed()
  }

  /** The response that the server starts by itself, with the settings of the one that was steered. */
  #succeed(target: Run, steers: readonly Steer[]): boolean {
    const { lane, body } = target.request
    const input = steers.flatMap((steer) => steer.items)
    const next = { ...body, previous_response_id: target.id, input }
    const request = prepare(next, {
      lane,
      transport: 'websocket',
      find: (id) => this.memory.find(id),
      findItem: (id) => this.#world.stored.item(id),
      successor: true,
    })
    if ('refused' in request) return false
    this.#run(request, this.#record(next, lane), steers)
    return true
  }

  #steer(event: Readonly<Record<string, unknown>>): void {
    this.#steering.receive(event, this.#finished)
    this.#world.changed()
  }

  #finish(id: string, outcome: Outcome): void {
    this.#finished.set(id, outcome)
    const [oldest] = this.#finished.keys()
    if (this.#finished.size > KNOWN_IDS && oldest !== undefined) this.#finished.delete(oldest)
  }

  #error(error: ErrorFrame, lane: string | null): void {
    const frame = errorFrameOf(error, this.#world.settings.errors)
    this.#wire.send(lane === null ? frame : { ...frame, stream_id: lane })
    this.#afterError()
  }

  #afterError(): void {
    if (this.#world.settings.limits.closesOnError) this.#wire.close(1011, '')
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
