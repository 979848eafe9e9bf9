import { SimulatedClock } from '../clock.ts'
import type { ConnectionStep } from '../model/steps.ts'
import { faultedUpgrade } from '../model/upgrade-faults.ts'
import type { ResponsesServer } from '../server/api.ts'
import type { ServerOptions } from '../server/options.ts'
import { createResponsesServer } from '../server/server.ts'
import { Gate, createGate } from './gate.ts'
import { memoryFactory } from './memory.ts'
import { untilAtRest } from './rest.ts'
import type { SocketFactory } from '../../socket/index.ts'

/** Options of {@link createWorld}. */
export interface WorldOptions {
  /** More of the server's script, and of its other options. Default: none. */
  readonly script?: Omit<ServerOptions, 'clock'> | undefined
  /** `memory` runs the same `ws` over pairs of streams: the order of events is the same in every run. Default: `tcp`. */
  readonly network?: 'tcp' | 'memory' | undefined
  /** Turns of the event loop without activity that count as rest. Default: 6. */
  readonly quietTurns?: number | undefined
}

/** What happens to a connection from outside, beside commands. */
export type OutsideStep = Exclude<
  ConnectionStep,
  { do: 'connect' | 'close' | 'retry' | 'turn' | 'stale' | 'crash' | 'trickle' | 'misreport' | 'restore' }
>

/** What a world is put together from. */
interface WorldParts {
  readonly server: ResponsesServer
  readonly serverClock: SimulatedClock
  readonly gate: Gate
  readonly socketFactory?: SocketFactory | undefined
  readonly quietTurns?: number | undefined
}

const LIMIT = 'websocket_connection_limit_reached'

/**
 * The outside of a connection: a local server, a gate before it that holds every dial until a step says how it is
 * answered, and a clock that only steps move.
 */
export class World {
  readonly server: ResponsesServer
  /** The server's own clock: it moves with the other, where the server waits for anything. */
  readonly serverClock: SimulatedClock
  readonly gate: Gate
  /** For `createActor` and for `ResponsesConnection`. */
  readonly clock: SimulatedClock
  /** For `ResponsesConnection`, where the network is memory; undefined where it is TCP. */
  readonly socketFactory: SocketFactory | undefined
  readonly #quietTurns: number | undefined
  #noted = 0

  constructor(parts: WorldParts) {
    this.server = parts.server
    this.serverClock = parts.serverClock
    this.gate = parts.gate
    this.socketFactory = parts.socketFactory
    this.#quietTurns = parts.quietTurns
    this.clock = new SimulatedClock({ settle: () => this.rest() })
  }

  /** Where to connect to. */
  get url(): string {
    return this.gate.url
  }

  /** Tells that something moved, so that rest is not called too early. */
  note(): void {
    this.#noted += 1
  }

  /** Resolves when nothing moves any more. */
  async rest(): Promise<void> {
    await untilAtRest(() => this.gate.activity + this.#noted, this.#quietTurns)
  }

  /** Does one step, and comes to rest. A step that makes no sense now does nothing. */
  async take(step: OutsideStep): Promise<void> {
    this.do(step)
    if (step.do === 'accept' && step.fault !== undefined) {
      await this.rest()
      await this.serverClock.advance(0)
    }
    await this.#pass(this.#msOf(step))
  }

  /** Moves both clocks on: where the server has something to do meanwhile, it does it in its place. */
  async #pass(ms: number): Promise<void> {
    let left = ms
    for (let due = untilNext(this.serverClock); due !== null && due <= left;) {
      await this.clock.advance(due)
      await this.serverClock.advance(due)
      left -= due
      due = untilNext(this.serverClock)
    }
    await this.clock.advance(left)
    if (untilNext(this.serverClock) !== null) await this.serverClock.advance(left)
  }

  /** Whether a step can do anything here: what is frozen hears nothing, and only a dial can be answered. */
  applies(step: OutsideStep): boolean {
    const { newest } = this.gate
    switch (step.do) {
      case 'accept':
      case 'refuse':
        return newest?.held === true
      case 'cut':
        return newest?.live === true
      case 'freeze':
        return newest !== undefined && newest.live && !newest.held && !newest.frozen
      case 'thaw':
        return newest?.frozen === true
      case 'hang-up':
      case 'say':
      case 'expire':
        return newest?.frozen !== true && this.server.connections().some(({ open }) => open)
      case 'wait':
        return true
      case 'next':
        return this.clock.pending().length > 0
      default:
        return false
    }
  }

  /** Does one step, and does not wait. Steps of time do nothing here. */
  do(step: OutsideStep): void {
    const { gate } = this
    switch (step.do) {
      case 'accept':
      case 'refuse':
        return this.#answer(step)
      case 'cut':
        if (gate.newest?.live === true) gate.newest.cut()
        return
      case 'freeze':
        if (gate.newest?.held === false) gate.newest.freeze()
        return
      case 'thaw':
        return gate.newest?.thaw()
      case 'hang-up':
      case 'say':
      case 'expire':
        return this.#serve(step)
      case 'wait':
      case 'next':
    }
  }

  /** Ends the gate and the server. End what is connected to them before. */
  async stop(): Promise<void> {
    await this.rest()
    await this.gate.close()
    await this.rest()
    await this.server.close()
  }

  #answer(step: Extract<OutsideStep, { do: 'accept' | 'refuse' }>): void {
    if (this.gate.newest?.held !== true) return
    if (step.do === 'accept') {
      this.server.acceptUpgrades()
      if (step.fault !== undefined)
        this.server.enqueueUpgrades({ faults: [...faultedUpgrade(step.fault).faults] })
    } else {
      const { status, code, retryAfterMs } = step
      this.server.refuseUpgrades({
        status,
        ...(code !== undefined && { body: { error: { code } } }),
        ...(retryAfterMs !== undefined && { headers: { 'retry-after-ms': retryAfterMs } }),
      })
    }
    this.gate.newest.letThrough()
  }

  #serve(step: Extract<OutsideStep, { do: 'hang-up' | 'say' | 'expire' }>): void {
    if (this.gate.newest?.frozen === true) return
    for (const one of this.server.connections()) {
      if (!one.open) continue
      if (step.do === 'expire') one.strike({ do: 'error', error: { status: 400, code: LIMIT } })
      else if (step.do === 'say') one.strike({ do: 'unknown-event' })
      else one.strike({ do: 'close', code: step.code })
    }
  }

  #msOf(step: OutsideStep): number {
    if (step.do === 'wait') return step.ms
    if (step.do !== 'next') return 0
    const waits = [untilNext(this.clock), untilNext(this.serverClock)].filter((ms) => ms !== null)
    return waits.length === 0 ? 0 : Math.min(...waits)
  }
}

/** Until the first timer of a clock is due, in ms, or null. */
function untilNext(clock: SimulatedClock): number | null {
  const first = clock.pending()[0]
  return first === undefined ? null : first.at - clock.now()
}

/** A world whose server does nothing that a step did not ask for. Stop it when it has served. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const { network = 'tcp', quietTurns, script } = options
  const serverClock = new SimulatedClock()
  const server = await createResponsesServer({ age: { maxMs: null }, ...script, clock: serverClock })
  const parts = { server, serverClock, quietTurns }
  if (network === 'tcp') return new World({ ...parts, gate: await createGate(server) })
  const gate = new Gate(server)
  return new World({ ...parts, gate, socketFactory: memoryFactory(server, gate) })
}
