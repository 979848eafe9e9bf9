import { ResponsesConnection } from '../../../src/client/connection.ts'
import { connectionOf } from '../../../src/client/line-machine.ts'
import type { LaneGranted } from '../../../machines/line/lane-news.ts'
import { openai } from '../../../src/protocol/providers.ts'
import { socketHandle } from '../../../src/socket/index.ts'
import type { SimulatedClock } from '../../../src/testing/clock.ts'
import { lineConnectionOptions } from '../model/line-connection.ts'
import type { LineModelOptions, LineStep, LineView } from '../model/line-steps.ts'
import { TEST_KEY } from '../../../src/testing/model/options.ts'
import { LineAskers } from './line-askers.ts'
import { emittedInShort, slotAt, slotsOf, strays, viewOfLine, viewOfSlot } from './line-view.ts'
import { keyIn } from './key-in.ts'
import type { Passage } from '../../../src/testing/network/passage.ts'
import { type World, createWorld } from '../../../src/testing/network/world.ts'

type PlaceStep = Extract<LineStep, { readonly of: string }>

const LIMIT = 'websocket_connection_limit_reached'

/** One dial: whose it is, where it goes through the gate, and what the server knows it by. */
interface Dial {
  readonly key: string
  readonly passage: Passage
  serverId: number | null
}

/**
 * A `ResponsesConnection` with real sockets, whose line is asked for lanes. Each turn that gets one puts a create on
 * the wire, which the server takes and does not answer.
 */
export class LineClassSubject {
  readonly connection: ResponsesConnection
  readonly #world: World
  readonly #dials: Dial[] = []
  readonly #askers: LineAskers
  /** The dial that the present step lets through. */
  #accepted: Dial | null = null
  #emitted: string[] = []
  #problems: string[] = []

  constructor(world: World, options: LineModelOptions) {
    const { lanes = null, httpFallback = false } = options
    this.#world = world
    const { jitter: _, ...connection } = lineConnectionOptions(options)
    this.connection = new ResponsesConnection({
      ...connection,
      provider: { ...openai, url: world.url, lanes },
      httpFallback,
      url: world.url,
      apiKey: TEST_KEY,
      jitter: 'none',
      clock: world.clock,
      inspect: () => world.note(),
    })
    const { line } = this.connection
    this.#askers = new LineAskers(
      (command) => line.send(command),
      (granted) => this.#create(granted),
    )
    line.on('*', (event) => void this.#emitted.push(emittedInShort(event)))
  }

  get clock(): SimulatedClock {
    return this.#world.clock
  }

  view(): LineView {
    const { gate, server } = this.#world
    const keyOf = (id: number | null): string =>
      this.#dials.find(({ serverId }) => serverId === id)?.key ?? '(unknown)'
    return {
      ...viewOfLine(this.connection.line.getSnapshot()),
      dials: gate.passages.length,
      live: gate.live,
      open: server.connections().filter(({ open }) => open).length,
      creates: server
        .requests()
        .map(({ connection, lane }) => `${keyOf(connection)} ${lane ?? 'default'}`)
        .toSorted(),
      key: keyIn(gate.newest?.hello ?? ''),
      told: this.#askers.told,
      emitted: this.#emitted,
    }
  }

  complaints(): string[] {
    const { connection } = this
    const line = connection.line.getSnapshot()
    if (line.status !== 'active') return [`the line's status is ${line.status}: ${String(line.error)}`]
    const { id, state } = viewOfLine(line).current
    const found = [...this.#problems, ...strays(line)]
    if (connection.actor.id !== id) found.push(`the class has ${connection.actor.id}, the line ${id}`)
    if (connection.state !== state) found.push(`the class says ${connection.state}, the chart ${state}`)
    return found
  }

  async take(step: LineStep): Promise<void> {
    this.#askers.forget()
    this.#emitted = []
    this.#problems = []
    if (step.do === 'next') await this.clock.next()
    else {
      this.#do(step)
      await this.clock.advance(step.do === 'wait' ? step.ms : 0)
    }
    this.#noteDials()
  }

  async stop(): Promise<void> {
    this.connection.stop()
    await this.#world.stop()
  }

  #do(step: Exclude<LineStep, { do: 'next' }>): void {
    const { connection } = this
    if ('who' in step) return this.#askers.take(step)
    if ('of' in step) return this.#happen(step)
    switch (step.do) {
      case 'connect':
        // Whether it resolves is tested elsewhere.
        connection.connect({ apiKey: step.key }).catch(() => {})
        return
      case 'close':
        return void connection.close()
      case 'retry':
        return connection.retry()
      case 'show lanes':
      case 'show none': {
        const evidence = step.do === 'show lanes' ? 'believed' : 'absent'
        return this.connection.line.send({ type: 'lanes.shown', evidence })
      }
      case 'close actor':
        return connection.actor.send({ type: 'close' })
      case 'wait':
    }
  }

  #happen(step: PlaceStep): void {
    const slot = slotAt(this.connection.line.getSnapshot(), step.of)
    const dial = this.#dials.findLast(({ key }) => slot !== null && key.startsWith(`${slot.id}.`))
    if (dial === undefined) return
    const { passage, serverId } = dial
    const { server } = this.#world
    const atServer = server.connections().find(({ id }) => id === serverId)
    switch (step.do) {
      case 'accept':
        server.acceptUpgrades()
        this.#accepted = dial
        return passage.letThrough()
      case 'refuse':
        server.refuseUpgrades({ status: step.status })
        return passage.letThrough()
      case 'cut':
        return passage.cut()
      case 'freeze':
        return passage.freeze()
      case 'thaw':
        return passage.thaw()
      case 'hang-up':
        return atServer?.strike({ do: 'close', code: step.code })
      case 'expire':
        return atServer?.strike({ do: 'error', error: { status: 400, code: LIMIT } })
    }
  }

  /** Which connection has dialed since the last step, and which dial the server has taken. */
  #noteDials(): void {
    const { gate, server } = this.#world
    const line = this.connection.line.getSnapshot()
    const known = new Set(this.#dials.map(({ key }) => key))
    const keys = slotsOf(line)
      .map((slot) => viewOfSlot(line, slot))
      .filter(({ connectionId }) => connectionId > 0)
      .map(({ id, connectionId }) => `${id}.${connectionId}`)
      .filter((key) => !known.has(key))
    for (const passage of gate.passages.slice(this.#dials.length)) {
      this.#dials.push({ key: keys.shift() ?? '(gone)', passage, serverId: null })
    }
    if (this.#accepted !== null) this.#accepted.serverId = server.connections().at(-1)?.id ?? null
    this.#accepted = null
  }

  #create({ connectionKey, lane }: LaneGranted): void {
    const actor = connectionOf(this.connection.line, connectionKey.replace(/\.\d+$/, ''))
    const handle = socketHandle(actor?.getSnapshot().children.socket)
    // Nobody moves the server's clock.
    this.#world.server.enqueueTurns({ text: 'never', faults: [{ at: 'request', do: 'delay', ms: 1_000 }] })
    try {
      if (handle === undefined) throw new Error('there is no socket')
      handle.send({
        type: 'response.create',
        model: 'm',
        input: 'hi',
        ...(lane !== null && { stream_id: lane }),
      })
    } catch (error) {
      this.#problems.push(`nothing can be sent on ${connectionKey}: ${String(error)}`)
    }
  }
}

/** A line in a world of its own, ready for steps. Stop it when it has served. */
export async function createLineClassSubject(options: LineModelOptions = {}): Promise<LineClassSubject> {
  return new LineClassSubject(await createWorld(), options)
}
