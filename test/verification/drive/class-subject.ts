import type { InspectionEvent } from 'xstate'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import type { ConnectionOptions } from '../../../src/client/options.ts'
import { openai } from '../../../src/protocol/providers.ts'
import type { SimulatedClock } from '../../../src/testing/clock.ts'
import { type ConnectionModelOptions, TEST_KEY } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import type { ConnectionView } from '../../../src/testing/model/view.ts'
import { toldOf } from './notices.ts'
import { endView, viewOfSnapshot } from './snapshot-view.ts'
import type { ConnectionSubject } from '../../../src/testing/properties/subject.ts'
import { serverComplaints, turnOf, viewOfWorld } from './wire.ts'
import { Waiters } from './waiters.ts'
import { type World, type WorldOptions, createWorld } from '../../../src/testing/network/world.ts'

/** Options of {@link createClassSubject}. */
export interface ClassSubjectOptions extends WorldOptions {
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
  /** Further options of the connection, as `socketFactory`. Default: none. */
  readonly connection?: ConnectionOptions | undefined
}

/**
 * The connection class with real sockets: a gate in the middle, a local server behind it, and a simulated clock.
 * Every step is caused from outside: by a command, by the server, by the network, or by the clock.
 */
export class ClassSubject implements ConnectionSubject {
  readonly connection: ResponsesConnection
  readonly world: World
  readonly #waiters = new Waiters()
  #told: string[] = []
  #pings = 0
  #renewals = 0

  constructor(world: World, options: ConnectionModelOptions, more: ClassSubjectOptions = {}) {
    this.world = world
    const { credential = 'fixed', jitter = 0, closesOnError = false, ...rest } = options
    this.connection = new ResponsesConnection({
      ...rest,
      provider: { ...openai, closesOnError },
      url: world.url,
      apiKey: credential === 'fixed' ? TEST_KEY : (request) => this.#key(request.renew),
      random: () => jitter,
      clock: world.clock,
      socketFactory: world.socketFactory,
      inspect: (event) => this.#inspect(event, more.inspect),
      ...more.connection,
    })
    this.connection.on('*', (event) => {
      const told = toldOf(event)
      if (told !== null) this.#told.push(told)
    })
  }

  get clock(): SimulatedClock {
    return this.world.clock
  }

  view(): ConnectionView {
    const { connection } = this
    const { value, context } = connection.actor.getSnapshot()
    return {
      ...viewOfSnapshot({ value, context }),
      ...viewOfWorld(this.world, connection.previousResponseId),
      state: connection.state,
      canSend: connection.isOpen,
      lastEnd: endView(connection.lastCloseInfo),
      connectionId: context.connectionId,
      renewals: this.#renewals,
      pings: this.#pings,
      told: this.#told,
    }
  }

  complaints(): string[] {
    const { connection } = this
    const { value, status } = connection.actor.getSnapshot()
    const found = this.#waiters.complaints(connection.state, connection.isOpen, this.world.gate.live)
    if (status !== 'active') found.push(`the connection actor's status is ${status}`)
    const name = typeof value === 'string' ? value : Object.keys(value)[0]
    if (name !== connection.state) found.push(`the chart says ${name}, the class says ${connection.state}`)
    return [...found, ...serverComplaints(this.world, connection.state)]
  }

  async take(step: ConnectionStep): Promise<void> {
    this.#told = []
    await this.#do(step)
  }

  /** Ends the connection, the gate and the server. */
  async stop(): Promise<void> {
    this.connection.stop()
    await this.world.stop()
  }

  async #do(step: ConnectionStep): Promise<void> {
    switch (step.do) {
      case 'connect':
        this.#waiters.wait('connect', this.connection.connect({ apiKey: step.key }))
        break
      case 'close':
        this.#waiters.wait('close', this.connection.close())
        break
      case 'retry':
        this.connection.retry()
        break
      case 'turn':
        this.#turn(step)
        await this.world.rest()
        await this.world.serverClock.advance(0)
        break
      case 'stale':
      case 'crash':
      case 'trickle':
      case 'misreport':
      case 'restore':
        break
      case 'freeze':
        if (this.connection.state === 'open') this.world.do(step)
        break
      default:
        return await this.world.take(step)
    }
    await this.clock.advance(0)
  }

  #turn(step: Extract<ConnectionStep, { do: 'turn' }>): void {
    const { connection } = this
    const { gate, server } = this.world
    if (connection.state === 'open' && gate.newest?.frozen === true) return
    const { store = false, lane } = step
    const event = { type: 'response.create', model: 'm', input: 'hi', store } as const
    if (connection.isOpen) server.enqueueTurns(turnOf(step))
    connection.actor.send({ type: 'send', event: lane === undefined ? event : { ...event, stream_id: lane } })
  }

  #key(renew: boolean): string {
    if (renew) this.#renewals += 1
    return TEST_KEY
  }

  #inspect(event: InspectionEvent, observer: ((event: InspectionEvent) => void) | undefined): void {
    this.world.note()
    if (event.type === '@xstate.event' && event.event.type === 'probe') this.#pings += 1
    observer?.(event)
  }
}

/** A class in a world of its own, ready for steps. Stop it when it has served. */
export async function createClassSubject(
  options: ConnectionModelOptions = {},
  more: ClassSubjectOptions = {},
): Promise<ClassSubject> {
  return new ClassSubject(await createWorld(more), options, more)
}
