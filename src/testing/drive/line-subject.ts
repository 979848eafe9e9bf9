import { type AnyActorRef, type InspectionEvent, createActor, fromCallback } from 'xstate'
import {
  type ConnectionContext,
  type LineChart,
  type LineEmitted,
  type SocketCommand,
  type SocketInput,
  connectionChart,
  lineChart,
} from '../../../machines/index.ts'
import type { ConnectionSlot } from '../../../machines/line/types.ts'
import { openai } from '../../protocol/providers.ts'
import { Secret } from '../../protocol/secret.ts'
import { SimulatedClock } from '../clock.ts'
import { lineConnectionOptions } from '../model/line-connection.ts'
import type {
  LineConnectionView,
  LineModelOptions,
  LinePlace,
  LineStep,
  LineView,
} from '../model/line-steps.ts'
import { FakeSocket } from './fake-socket.ts'
import { happen } from './happen.ts'
import { connectionInputOf } from './input.ts'
import { LineAskers } from './line-askers.ts'

/** Trials and attempts before a line goes over HTTP, as `ResponsesConnection` has them. */
const FALLBACK = { afterAttempts: 2, coolDownMs: 300_000 }

const MOST_MOVES = 500

/** A line chart with real connection charts, on sockets that only pretend and a simulated clock of its own. */
export class LineSubject {
  readonly clock = new SimulatedClock({ settle: () => Promise.resolve() })
  readonly actor
  readonly #sockets: FakeSocket[] = []
  readonly #askers = new LineAskers((command) => this.actor.send(command))
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
    registries.set(this.actor.system, this.#sockets)
    this.clock.watch(this.actor)
    // Without an observer an error of a mutant would be an uncaught exception.
    this.actor.subscribe({ error: () => {} })
    this.actor.on('*', (event) => void this.#emitted.push(emittedInShort(event)))
    this.actor.start()
  }

  view(): LineView {
    const { value, context } = this.actor.getSnapshot()
    return {
      state: typeof value === 'string' ? value : String(Object.keys(value)[0]),
      current: this.#viewOf(context.current),
      next: context.next && this.#viewOf(context.next),
      old: context.retiring.map((slot) => this.#viewOf(slot)),
      conversations: this.#children.filter((id) => !id.startsWith('connection-')),
      waiting: context.waiting.map(({ conversationId }) => conversationId),
      dials: this.#sockets.length,
      live: this.#sockets.filter(({ phase }) => phase !== 'over').length,
      key: this.#sockets.at(-1)?.key ?? null,
      told: this.#askers.told,
      emitted: this.#emitted,
    }
  }

  complaints(): string[] {
    const { status, error, context } = this.actor.getSnapshot()
    if (status !== 'active') return [`the chart's status is ${status}: ${String(error)}`]
    const known = [context.current, context.next, ...context.retiring].filter((slot) => slot !== null)
    const alive = this.#children.filter((id) => id.startsWith('connection-'))
    return alive.length === known.length ? [] : [`it has ${alive.join(', ')}, and knows ${known.length}`]
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

  get #children(): string[] {
    return Object.keys(this.actor.getSnapshot().children)
  }

  #keyOf(slot: ConnectionSlot): unknown {
    const { lanes, isLeft, isRipe, isOpen } = slot
    const used = lanes.lanes.map(({ holder, state }) => [holder, state])
    return [this.#viewOf(slot).state, used, isLeft, isRipe, isOpen]
  }

  #do(step: Exclude<LineStep, { do: 'next' }>): void {
    if (step.do === 'open' && this.#children.includes(step.who)) return
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
      const { children, context } = this.actor.getSnapshot()
      const child = (children as Record<string, AnyActorRef | undefined>)[context.current?.id ?? '']
      child?.send({ type: 'close' })
    } else if (step.do !== 'wait') {
      this.actor.send({ type: step.do })
    }
  }

  #socketOf(place: LinePlace): FakeSocket | undefined {
    const { current, next, retiring } = this.actor.getSnapshot().context
    const slot = { current, next, old: retiring[0] ?? null }[place]
    return slot === null ? undefined : this.#sockets.findLast(({ input }) => input.owner.id === slot.id)
  }

  #viewOf(slot: ConnectionSlot | null): LineConnectionView {
    if (slot === null) return { id: '', state: '', connectionId: 0 }
    const { value, context } = this.#snapshotOf(slot)
    const state = typeof value === 'object' && value !== null ? String(Object.keys(value)[0]) : String(value)
    return { id: slot.id, state, connectionId: context.connectionId }
  }

  #snapshotOf({ id }: ConnectionSlot): { readonly value: unknown; readonly context: ConnectionContext } {
    const children = this.actor.getSnapshot().children as Readonly<Record<string, AnyActorRef | undefined>>
    const snapshot: unknown = children[id]?.getSnapshot()
    return snapshot as { readonly value: unknown; readonly context: ConnectionContext }
  }
}

/** What a line tells its listeners, as its view shows it. */
export function emittedInShort(event: LineEmitted): string {
  if (event.type === 'line.switched') return `switched from ${event.from} to ${event.to}`
  return event.type === 'line.transport' ? event.transport : 'trial'
}

/** Where the sockets of an actor system are listed. */
const registries = new WeakMap<object, FakeSocket[]>()

const fakeSocket = fromCallback<SocketCommand, SocketInput>(({ input, system, sendBack, receive }) => {
  const fake = new FakeSocket(input, sendBack)
  registries.get(system)?.push(fake)
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
