import { type ActorRefFrom, type InspectionEvent, type Snapshot, createActor, fromCallback } from 'xstate'
import {
  type ConnectionChart,
  type ConnectionEvent,
  type ConnectionInput,
  type SocketCommand,
  type SocketFact,
  type SocketInput,
  connectionChart,
} from '../../../machines/index.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { closeOf, faultedTurn } from '../../../src/testing/model/turn-faults.ts'
import type { ConnectionView } from '../../../src/testing/model/view.ts'
import { type FakeNetwork, FakeSocket } from '../../../src/testing/network/fake-socket.ts'
import { factOf, happen } from '../../../src/testing/network/happen.ts'
import { connectionInputOf } from './input.ts'
import { toldOf } from './notices.ts'
import { viewOfSnapshot } from './snapshot-view.ts'
import type { ConnectionSubject } from '../../../src/testing/properties/subject.ts'

/** Options of {@link ChartSubject}. */
export interface ChartSubjectOptions {
  /** What is under test. Default: `connectionChart`. */
  readonly chart?: ConnectionChart | undefined
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
}

/** A connection chart alone, on a simulated clock of its own, with a socket that only pretends. */
export class ChartSubject implements ConnectionSubject {
  readonly clock = new SimulatedClock({ settle: () => Promise.resolve() })
  readonly #chart: ConnectionChart
  readonly #inspect: ChartSubjectOptions['inspect']
  readonly #sockets: FakeSocket[] = []
  #actor: ActorRefFrom<ConnectionChart>
  #told: string[] = []
  #turns = 0

  constructor(
    options: ConnectionModelOptions = {},
    { chart = connectionChart, inspect }: ChartSubjectOptions = {},
  ) {
    this.#chart = withFakeSockets(chart)
    this.#inspect = inspect
    this.#actor = this.#begin({ input: connectionInputOf(options) })
  }

  /** The running chart; another one after `restore`. */
  get actor(): ActorRefFrom<ConnectionChart> {
    return this.#actor
  }

  view(): ConnectionView {
    const { value, context } = this.actor.getSnapshot()
    const sockets = this.#sockets
    const id = context.previousResponseId
    return {
      ...viewOfSnapshot({ value, context }),
      continues: id === null ? null : Number(id.replace('turn ', '')),
      dials: sockets.length,
      connectionId: context.connectionId,
      key: sockets.at(-1)?.key ?? null,
      live: sockets.filter(({ phase }) => phase !== 'over').length,
      renewals: sockets.filter(({ asksAnew }) => asksAnew).length,
      pings: sockets.reduce((sum, { pings }) => sum + pings, 0),
      told: this.#told,
    }
  }

  complaints(): string[] {
    const { status, error } = this.actor.getSnapshot()
    return status === 'active' ? [] : [`the chart's status is ${status}: ${String(error)}`]
  }

  async take(step: ConnectionStep): Promise<void> {
    this.#told = []
    this.#do(step)
    await this.clock.advance(this.#msOf(step))
  }

  async stop(): Promise<void> {
    this.actor.stop()
  }

  /** The newest socket. */
  get socket(): FakeSocket | undefined {
    return this.#sockets.at(-1)
  }

  #do(step: ConnectionStep): void {
    switch (step.do) {
      case 'connect':
        return this.#send({
          type: 'connect',
          ...(step.key !== undefined && { apiKey: new Secret(step.key) }),
        })
      case 'close':
      case 'retry':
        return this.#send({ type: step.do })
      case 'turn':
        return this.#turn(step)
      case 'crash':
        return this.#crash()
      case 'restore':
        return this.#restore(step.json ?? false)
      case 'stale':
        return this.#send(factOf(step.fact, -1))
      default:
        if (this.socket !== undefined) happen(step, this.socket)
    }
  }

  #msOf(step: ConnectionStep): number {
    if (step.do === 'wait') return step.ms
    if (step.do !== 'next') return 0
    return (this.clock.pending()[0]?.at ?? this.clock.now()) - this.clock.now()
  }

  #turn({ end, store = false, lane, code, status, fault }: Extract<ConnectionStep, { do: 'turn' }>): void {
    const { socket } = this
    if (socket?.phase === 'open' && socket.frozen) return
    const before = socket?.sent
    this.#send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'hi' } })
    if (socket === undefined || socket.sent === before) return
    this.#turns += 1
    const from = { connectionId: socket.id, lane: lane ?? null }
    const responseId = `turn ${this.#turns}`
    const answer: SocketFact =
      end === 'error'
        ? { type: 'server.errored', ...from, status: status ?? 500, code: code ?? 'server_error' }
        : { type: 'server.settled', ...from, responseId, outcome: end, stored: store }
    if (fault === undefined) return socket.hears(answer)
    const faulted = faultedTurn(fault)
    const closes = closeOf(faulted, socket.maxPayloadBytes)
    socket.hears()
    if (closes !== null) socket.ends(closes)
    else if (faulted.silences === true) socket.isSilenced()
    else socket.after(faulted.afterMs ?? 0, () => socket.hears(answer))
  }

  #begin(from: {
    readonly input: ConnectionInput
    readonly snapshot?: Snapshot<unknown>
  }): ActorRefFrom<ConnectionChart> {
    const inspect = this.#inspect
    const actor = createActor(this.#chart, { clock: this.clock, ...from, ...(inspect && { inspect }) })
    registries.set(actor.system, { sockets: this.#sockets, clock: this.clock })
    this.clock.watch(actor)
    // Without an observer an error of a mutant would be an uncaught exception.
    actor.subscribe({ error: () => {} })
    actor.on('*', (event) => {
      const told = toldOf(event)
      if (told !== null) this.#told.push(told)
    })
    return actor.start()
  }

  /** As `connectionMachine` does it: no socket comes back, and the first event says what has happened. */
  #restore(json: boolean): void {
    const persisted = Object.assign(this.#actor.getPersistedSnapshot(), { children: {} })
    const snapshot = json ? (JSON.parse(JSON.stringify(persisted)) as Snapshot<unknown>) : persisted
    this.#actor.stop()
    this.#actor = this.#begin({ input: {}, snapshot })
    this.#send({ type: 'connection.restored' })
  }

  #crash(): void {
    if (this.socket === undefined || this.socket.phase === 'over') return
    this.socket.stop()
    this.#send({ type: 'xstate.error.actor.socket', error: new Error('crash'), actorId: 'socket' })
  }

  #send(event: ConnectionEvent): void {
    this.actor.send(event as Parameters<typeof this.actor.send>[0])
  }
}

/** The sockets of each actor system. */
const registries = new WeakMap<object, FakeNetwork>()

const fakeSocket = fromCallback<SocketCommand, SocketInput>(({ input, system, sendBack, receive }) => {
  const { sockets, clock } = registries.get(system) as FakeNetwork
  const fake = new FakeSocket(input, sendBack, clock)
  sockets.push(fake)
  receive((command) => fake.receive(command))
  return () => fake.stop()
})

const provided = new WeakMap<ConnectionChart, ConnectionChart>()

/** `provide` builds the whole chart anew, which costs more than a short run of it. */
function withFakeSockets(chart: ConnectionChart): ConnectionChart {
  const known = provided.get(chart) ?? chart.provide({ actors: { socket: fakeSocket } })
  provided.set(chart, known)
  return known
}
