import { type InspectionEvent, type Snapshot, createActor } from 'xstate'
import type { ConnectionEvent, ConnectionInput } from '../../../machines/index.ts'
import { type ConnectionActorRef, connectionMachine } from '../../../src/client/connection-machine.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import type { SimulatedClock } from '../../../src/testing/clock.ts'
import { type ConnectionModelOptions, TEST_KEY } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import type { ConnectionView } from '../../../src/testing/model/view.ts'
import { connectionInputOf } from './input.ts'
import { toldOf } from './notices.ts'
import { viewOfSnapshot } from './snapshot-view.ts'
import type { ConnectionSubject } from '../../../src/testing/properties/subject.ts'
import { serverComplaints, turnOf, viewOfWorld } from './wire.ts'
import { type World, createWorld } from '../../../src/testing/network/world.ts'

/**
 * `connectionMachine` with real sockets, as an application spawns it that keeps its snapshots: it can be restored, as
 * the class cannot.
 */
export class MachineSubject implements ConnectionSubject {
  readonly world: World
  readonly #inspector: ((event: InspectionEvent) => void) | undefined
  #actor: ConnectionActorRef
  #told: string[] = []
  #pings = 0
  #renewals = 0

  constructor(world: World, options: ConnectionModelOptions, inspect?: (event: InspectionEvent) => void) {
    this.world = world
    this.#inspector = inspect
    const asked = (request: { readonly renew: boolean }): Secret => this.#key(request.renew)
    const apiKey = options.credential === 'provider' ? asked : new Secret(TEST_KEY)
    this.#actor = this.#begin({ input: { ...connectionInputOf(options), url: world.url, apiKey } })
  }

  get clock(): SimulatedClock {
    return this.world.clock
  }

  view(): ConnectionView {
    const { value, context } = this.#actor.getSnapshot()
    return {
      ...viewOfSnapshot({ value, context }),
      ...viewOfWorld(this.world, context.previousResponseId),
      connectionId: context.connectionId,
      renewals: this.#renewals,
      pings: this.#pings,
      told: this.#told,
    }
  }

  complaints(): string[] {
    const { status } = this.#actor.getSnapshot()
    const found = serverComplaints(this.world, this.view().state)
    return status === 'active' ? found : [...found, `the actor's status is ${status}`]
  }

  async take(step: ConnectionStep): Promise<void> {
    this.#told = []
    switch (step.do) {
      case 'connect':
        this.#send({
          type: 'connect',
          ...(step.key !== undefined && { apiKey: new Secret(step.key) }),
        })
        break
      case 'close':
      case 'retry':
        this.#send({ type: step.do })
        break
      case 'turn':
        this.#turn(step)
        await this.world.rest()
        await this.world.serverClock.advance(0)
        break
      case 'restore':
        this.#restore(step.json ?? false)
        break
      case 'stale':
      case 'crash':
      case 'trickle':
      case 'misreport':
        break
      case 'freeze':
        if (this.view().state === 'open') this.world.do(step)
        break
      default:
        return await this.world.take(step)
    }
    await this.clock.advance(0)
  }

  /** Ends the actor, the gate and the server. */
  async stop(): Promise<void> {
    this.#actor.stop()
    await this.world.stop()
  }

  #turn(step: Extract<ConnectionStep, { do: 'turn' }>): void {
    const { gate, server } = this.world
    const { state, canSend } = this.view()
    if (state === 'open' && gate.newest?.frozen === true) return
    const { store = false, lane } = step
    const event = { type: 'response.create', model: 'm', input: 'hi', store } as const
    if (canSend) server.enqueueTurns(turnOf(step))
    this.#send({ type: 'send', event: lane === undefined ? event : { ...event, stream_id: lane } })
  }

  #restore(json: boolean): void {
    const persisted = this.#actor.getPersistedSnapshot()
    this.#actor.stop()
    const snapshot = json ? (JSON.parse(JSON.stringify(persisted)) as Snapshot<unknown>) : persisted
    this.#actor = this.#begin({ input: {}, snapshot })
  }

  #begin(from: {
    readonly input: ConnectionInput
    readonly snapshot?: Snapshot<unknown>
  }): ConnectionActorRef {
    const inspect = (event: InspectionEvent): void => this.#inspect(event)
    const actor = createActor(connectionMachine, { clock: this.clock, ...from, inspect })
    this.clock.watch(actor)
    actor.on('*', (event) => {
      const told = toldOf(event)
      if (told !== null) this.#told.push(told)
    })
    return actor.start()
  }

  #key(renew: boolean): Secret {
    if (renew) this.#renewals += 1
    return new Secret(TEST_KEY)
  }

  #inspect(event: InspectionEvent): void {
    this.world.note()
    if (event.type === '@xstate.event' && event.event.type === 'probe') this.#pings += 1
    this.#inspector?.(event)
  }

  #send(event: ConnectionEvent): void {
    this.#actor.send(event as Parameters<ConnectionActorRef['send']>[0])
  }
}

/** The machine in a world of its own, ready for steps. Stop it when it has served. */
export async function createMachineSubject(
  options: ConnectionModelOptions = {},
  inspect?: (event: InspectionEvent) => void,
): Promise<MachineSubject> {
  return new MachineSubject(await createWorld(), options, inspect)
}
