import { type InspectionEvent, createActor, fromCallback } from 'xstate'
import {
  type LineChart,
  type SocketCommand,
  type SocketInput,
  connectionChart,
  lineChart,
} from '../../../machines/index.ts'
import type { ConnectionSlot } from '../../../machines/line/types.ts'
import { openai } from '../../../src/protocol/providers.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'
import { lineConnectionOptions } from '../model/line-connection.ts'
import type { LineModelOptions, LinePlace, LineStep, LineView } from '../model/line-steps.ts'
import { type FakeNetwork, FakeSocket } from '../../../src/testing/network/fake-socket.ts'
import { happen } from '../../../src/testing/network/happen.ts'
import { connectionInputOf } from './input.ts'
import { LineAskers } from './line-askers.ts'
import { connectionIn, emittedInShort, slotAt, strays, viewOfLine, viewOfSlot } from './line-view.ts'

/** Trials and attempts before a line goes over HTTP, as `ResponsesConnection` has them. */
const FALLBACK = { afterAttempts: 2, coolDownMs: 300_000 }

const MOST_MOVES = 500

/** A line chart with real connection charts, on sockets that only pretend and a simulated clock of its own. */
export class LineSubject {
  readonly clock = new SimulatedClock({ settle: () => Promise.resolve() })
  readonly actor
  readonly #sockets: FakeSocket[] = []
  readonly #askers = new LineAskers(
    (command) => this.actor.send(command),
    ({ connectionKey, lane }) => this.#creates.push(`${connectionKey} ${lane ?? 'default'}`),
  )
  readonly #creates: string[] = []
  #emitted: string[] = []
  /** Microsteps of all its actors since the last step. */
  #moves = 0

  constructor(
    options: LineModelOptions = {},
    chart: LineChart = lineChart,
    inspect?: (event: InspectionEvent) => void,
  ) {
    const input = {
      connection: {
        ...connectionInputOf(lineConnectionOptions(options)),
        provider: { ...openai, lanes: options.lanes ?? null },
      },
      fallback: options.httpFallback === true ? FALLBACK : null,
    }
    this.actor = createActor(withFakeSockets(chart), {
      clock: this.clock,
      input,
      inspect: (event) => {
        if (event.type === '@xstate.microstep') this.#count()
        inspect?.(event)
      },
    })
    registries.set(this.actor.system, { sockets: this.#sockets, clock: this.clock })
    this.clock.watch(this.actor)
    // Without an observer an error of a mutant would be an uncaught exception.
    this.actor.subscribe({ error: () => {} })
    this.actor.on('*', (event) => void this.#emitted.push(emittedInShort(event)))
    this.actor.start()
  }

  view(): LineView {
    return {
      ...viewOfLine(this.actor.getSnapshot()),
      dials: this.#sockets.length,
      live: this.#sockets.filter(({ phase }) => phase !== 'over').length,
      open: this.#sockets.filter(({ phase }) => phase === 'open' || phase === 'closing').length,
      creates: this.#creates.toSorted(),
      key: this.#sockets.at(-1)?.key ?? null,
      told: this.#askers.told,
      emitted: this.#emitted,
    }
  }

  complaints(): string[] {
    const snapshot = this.actor.getSnapshot()
    const { status, error } = snapshot
    return status === 'active' ? strays(snapshot) : [`the chart's status is ${status}: ${String(error)}`]
  }

  async take(step: LineStep): Promise<void> {
    this.#askers.forget()
    this.#emitted = []
    this.#moves = 0
    if (step.do === 'next') return void (await this.clock.next())
    this.#do(step)
    await this.clock.advance(step.do === 'wait' ? step.ms : 0)
  }

  async stop(): Promise<void> {
    this.actor.stop()
  }

  /** What tells one place of a line from another. */
  key(): string {
    const { value, context } = this.actor.getSnapshot()
    const { current, next, retiring, waiting, members } = context
    const [due] = this.clock.pending()
    return JSON.stringify([
      value,
      [current, next, retiring[0] ?? null].map((slot) => slot && this.#keyOf(slot)),
      waiting.map(({ conversationId }) => conversationId),
      this.view().conversations,
      this.#askers.holders,
      Object.keys(members).length > 0,
      due && [due.actor === null || due.actor.includes('connection-'), due.event],
    ])
  }

  /** Ends what would go on for ever, as a mutant of a chart may. */
  #count(): void {
    this.#moves += 1
    if (this.#moves > MOST_MOVES) throw new Error(`One step led to more than ${MOST_MOVES} moves.`)
  }

  #keyOf(slot: ConnectionSlot): unknown {
    const { lanes, isLeft, isRipe, socket, failedDials } = slot
    const used = [lanes.limits, ...lanes.lanes.map(({ name, holder, state }) => [name, holder, state])]
    return [viewOfSlot(this.actor.getSnapshot(), slot).state, used, isLeft, isRipe, socket, failedDials > 0]
  }

  #do(step: Exclude<LineStep, { do: 'next' }>): void {
    if (step.do === 'open' && this.view().conversations.includes(step.who)) return
    if ('who' in step) return this.#askers.take(step)
    if ('of' in step) {
      const socket = this.#socketOf(step.of)
      if (socket !== undefined) happen(step, socket)
      return
    }
    if (step.do === 'connect') {
      const { key } = step
      this.actor.send({ type: 'connect', ...(key !== undefined && { apiKey: new Secret(key) }) })
    } else if (step.do === 'close actor') {
      const snapshot = this.actor.getSnapshot()
      connectionIn(snapshot, snapshot.context.current?.id ?? '')?.send({ type: 'close' })
    } else if (step.do === 'show lanes' || step.do === 'show none') {
      const evidence = step.do === 'show lanes' ? 'believed' : 'absent'
      this.actor.send({ type: 'lanes.shown', evidence })
    } else if (step.do !== 'wait') {
      this.actor.send({ type: step.do })
    }
  }

  #socketOf(place: LinePlace): FakeSocket | undefined {
    const slot = slotAt(this.actor.getSnapshot(), place)
    return slot === null ? undefined : this.#sockets.findLast(({ input }) => input.owner.id === slot.id)
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

const connection = connectionChart.provide({ actors: { socket: fakeSocket } })
const provided = new WeakMap<LineChart, LineChart>()

/** `provide` builds the whole chart anew, which costs more than a short run of it. */
function withFakeSockets(chart: LineChart): LineChart {
  const known = provided.get(chart) ?? chart.provide({ actors: { connection } })
  provided.set(chart, known)
  return known
}
