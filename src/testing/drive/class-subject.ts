import type { InspectionEvent } from 'xstate'
import { ResponsesConnection } from '../../client/connection.ts'
import type { ConnectionOptions } from '../../client/options.ts'
import { SimulatedClock } from '../clock.ts'
import { type ConnectionModelOptions, TEST_KEY } from '../model/options.ts'
import type { ConnectionStep } from '../model/steps.ts'
import type { ConnectionView } from '../model/view.ts'
import type { Turn } from '../script/types.ts'
import type { ResponsesServer } from '../server/api.ts'
import { createResponsesServer } from '../server/server.ts'
import { Gate, createGate } from './gate.ts'
import { memoryFactory } from './memory.ts'
import { toldOf } from './notices.ts'
import { untilAtRest } from './rest.ts'
import { endView, viewOfSnapshot } from './snapshot-view.ts'
import type { ConnectionSubject } from './subject.ts'
import { Waiters } from './waiters.ts'

/** Options of {@link createClassSubject}. */
export interface ClassSubjectOptions {
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
  /** Further options of the connection, as `socketFactory`. Default: none. */
  readonly connection?: ConnectionOptions | undefined
  /** Turns of the event loop without activity that count as rest. Default: 6. */
  readonly quietTurns?: number | undefined
  /** `memory` runs the same `ws` over pairs of streams: the order of events is the same in every run. Default: `tcp`. */
  readonly network?: 'tcp' | 'memory' | undefined
}

/**
 * The connection class with real sockets: a gate in the middle, a local server behind it, and a simulated clock.
 * Every step is caused from outside: by a command, by the server, by the network, or by the clock.
 */
export class ClassSubject implements ConnectionSubject {
  readonly clock: SimulatedClock
  readonly connection: ResponsesConnection
  readonly server: ResponsesServer
  readonly gate: Gate
  readonly #waiters = new Waiters()
  readonly #quietTurns: number | undefined
  #told: string[] = []
  #pings = 0
  #renewals = 0
  #inspected = 0

  constructor(
    server: ResponsesServer,
    gate: Gate,
    options: ConnectionModelOptions,
    more: ClassSubjectOptions = {},
  ) {
    this.server = server
    this.gate = gate
    this.#quietTurns = more.quietTurns
    this.clock = new SimulatedClock({ settle: () => this.rest() })
    const { credential = 'fixed', jitter = 0, ...rest } = options
    this.connection = new ResponsesConnection({
      ...rest,
      url: gate.url,
      apiKey: credential === 'fixed' ? TEST_KEY : (request) => this.#key(request.renew),
      random: () => jitter,
      clock: this.clock,
      inspect: (event) => this.#inspect(event, more.inspect),
      ...more.connection,
    })
    this.connection.on('*', (event) => {
      const told = toldOf(event)
      if (told !== null) this.#told.push(told)
    })
  }

  /** Resolves when nothing moves any more between the connection and its server. */
  async rest(): Promise<void> {
    await untilAtRest(() => this.gate.activity + this.#inspected, this.#quietTurns)
  }

  view(): ConnectionView {
    const { connection, gate } = this
    const { value, context } = connection.actor.getSnapshot()
    const id = connection.previousResponseId
    return {
      ...viewOfSnapshot({ value, context }),
      state: connection.state,
      canSend: connection.isOpen,
      lastEnd: endView(connection.lastCloseInfo),
      continues:
        id === null ? null : this.server.requests().findIndex(({ responseId }) => responseId === id) + 1,
      dials: gate.passages.length,
      connectionId: context.connectionId,
      key: keyIn(gate.newest?.hello ?? ''),
      live: gate.live,
      renewals: this.#renewals,
      pings: this.#pings,
      told: this.#told,
    }
  }

  complaints(): string[] {
    const { connection, gate, server } = this
    const { value, status } = connection.actor.getSnapshot()
    const found = this.#waiters.complaints(connection.state, connection.isOpen, gate.live)
    if (status !== 'active') found.push(`the connection actor's status is ${status}`)
    const name = typeof value === 'string' ? value : Object.keys(value)[0]
    if (name !== connection.state) found.push(`the chart says ${name}, the class says ${connection.state}`)
    const open = server.connections().filter((one) => one.open).length
    const wanted = connection.state === 'open' || (connection.state === 'closed' && gate.live > 0) ? 1 : 0
    if (open !== wanted) found.push(`the server holds ${open} connections instead of ${wanted}`)
    if (server.turnsLeft() > 0) found.push('the server never got the turn that was sent')
    return found
  }

  async take(step: ConnectionStep): Promise<void> {
    this.#told = []
    this.#do(step)
    await this.clock.advance(this.#msOf(step))
  }

  /** Ends the connection, the gate and the server. */
  async stop(): Promise<void> {
    this.connection.stop()
    await this.rest()
    await this.gate.close()
    await this.rest()
    await this.server.close()
  }

  #do(step: ConnectionStep): void {
    switch (step.do) {
      case 'connect':
        return this.#waiters.wait('connect', this.connection.connect({ apiKey: step.key }))
      case 'close':
        return this.#waiters.wait('close', this.connection.close())
      case 'retry':
        return this.connection.retry()
      case 'turn':
        return this.#turn(step)
      case 'accept':
      case 'refuse':
        return this.#answer(step)
      case 'cut':
        if (this.gate.newest?.live === true) this.gate.newest.cut()
        return
      case 'freeze':
        if (this.connection.state === 'open') this.gate.newest?.freeze()
        return
      case 'thaw':
        return this.gate.newest?.thaw()
      case 'hang-up':
      case 'say':
      case 'expire':
        return this.#serve(step)
      default:
    }
  }

  #answer(step: Extract<ConnectionStep, { do: 'accept' | 'refuse' }>): void {
    if (this.gate.newest?.held !== true) return
    if (step.do === 'accept') this.server.acceptUpgrades()
    else {
      const { status, code, retryAfterMs } = step
      this.server.refuseUpgrades({
        status,
        ...(code !== undefined && { body: { error: { code } } }),
        ...(retryAfterMs !== undefined && { headers: { 'retry-after-ms': retryAfterMs } }),
      })
    }
    this.gate.newest.letThrough()
  }

  #serve(step: Extract<ConnectionStep, { do: 'hang-up' | 'say' | 'expire' }>): void {
    if (this.connection.state !== 'open' || this.gate.newest?.frozen === true) return
    for (const one of this.server.connections()) {
      if (!one.open) continue
      if (step.do === 'expire') one.strike({ do: 'error', error: { status: 400, code: LIMIT } })
      else if (step.do === 'say') one.strike({ do: 'unknown-event' })
      else one.strike({ do: 'close', code: step.code })
    }
  }

  #turn(step: Extract<ConnectionStep, { do: 'turn' }>): void {
    const { connection, gate, server } = this
    if (connection.state === 'open' && gate.newest?.frozen === true) return
    const { store = false, lane } = step
    const event = { type: 'response.create', model: 'm', input: 'hi', store } as const
    if (connection.isOpen) server.enqueueTurns(turnOf(step))
    connection.actor.send({ type: 'send', event: lane === undefined ? event : { ...event, stream_id: lane } })
  }

  #msOf(step: ConnectionStep): number {
    if (step.do === 'wait') return step.ms
    if (step.do !== 'next') return 0
    return (this.clock.pending()[0]?.at ?? this.clock.now()) - this.clock.now()
  }

  #key(renew: boolean): string {
    if (renew) this.#renewals += 1
    return TEST_KEY
  }

  #inspect(event: InspectionEvent, observer: ((event: InspectionEvent) => void) | undefined): void {
    this.#inspected += 1
    if (event.type === '@xstate.event' && event.event.type === 'probe') this.#pings += 1
    observer?.(event)
  }
}

const LIMIT = 'websocket_connection_limit_reached'

/** The key in the upgrade request, as it crossed the wire. */
function keyIn(request: string): string | null {
  return /^authorization: Bearer (.+)$/im.exec(request)?.[1]?.trim() ?? null
}

function turnOf({ end, code, status }: Extract<ConnectionStep, { do: 'turn' }>): Turn {
  if (end === 'completed') return { text: 'ok' }
  if (end === 'failed') return { text: 'ok', failed: {} }
  if (end === 'incomplete') return { text: 'ok', incomplete: {} }
  return { error: { status: status ?? 500, code: code ?? 'server_error' } }
}

/** A class, a gate and a server, ready for steps. Stop it when it has served. */
export async function createClassSubject(
  options: ConnectionModelOptions = {},
  more: ClassSubjectOptions = {},
): Promise<ClassSubject> {
  // A clock that nobody moves: this server does nothing that a step did not ask for.
  const clock = new SimulatedClock()
  const server = await createResponsesServer({
    clock,
    age: { maxMs: null },
  })
  if (more.network !== 'memory') return new ClassSubject(server, await createGate(server), options, more)
  const gate = new Gate(server)
  const socketFactory = await memoryFactory(server, gate)
  return new ClassSubject(server, gate, options, {
    ...more,
    connection: { ...more.connection, socketFactory },
  })
}
