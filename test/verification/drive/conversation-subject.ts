import {
  type AnyActorRef,
  type AnyEventObject,
  type InspectionEvent,
  createActor,
  fromCallback,
} from 'xstate'
import { type ConversationChart, conversationChart } from '../../../machines/conversation/chart.ts'
import type { ConversationEmitted, TurnPlanned } from '../../../machines/conversation/types.ts'
import type { TurnEvent } from '../../../machines/turn/types.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'
import type {
  ConversationModelOptions,
  ConversationStep,
  ConversationView,
} from '../model/conversation-steps.ts'
import { beginningOf } from '../model/conversation-model.ts'
import { chainOf, chartChainOf, keyOf, laneName, planView, shownOf } from './conversation-words.ts'
import { LineEar } from './line-ear.ts'
import { ResponseNames } from './response-names.ts'
import { turnEventOf } from './turn-subject.ts'
import { topName } from './top-name.ts'

type Step<Name extends ConversationStep['do']> = Extract<ConversationStep, { do: Name }>

/**
 * A conversation chart with a real turn in it, on a simulated clock of its own. Its line only listens; what an owner
 * does with what it emits is done here, in the same moment: handing turns over, keeping the history.
 */
export class ConversationSubject {
  readonly clock = new SimulatedClock({ settle: () => Promise.resolve() })
  readonly actor
  readonly #ear = new LineEar('mine')
  readonly #sent: ConversationView['sent'][number][] = []
  readonly #resent: string[] = []
  readonly #settled: string[] = []
  readonly #moves: number[] = []
  #listened = 0
  #turns = 0
  #history: number
  /** Items of the history before the turn under way. */
  #base = 0
  #names = new ResponseNames()
  #steers = 0
  #unsent: Step<'grant'>['unsent']
  /** The response that has ended begins with a compaction. */
  #compacts = false

  constructor(
    options: ConversationModelOptions = {},
    chart: ConversationChart = conversationChart,
    inspect?: (event: InspectionEvent) => void,
  ) {
    const { policy = 'safe', firstEventMs = 90_000, interEventMs = 900_000 } = options
    const { primes = true } = options
    const { history, chain } = beginningOf(options)
    this.#history = history
    const line = createActor(
      fromCallback<AnyEventObject>(({ receive }) => receive((event) => this.#ear.hear(event))),
      { clock: this.clock },
    ).start()
    this.actor = createActor(chart, {
      clock: this.clock,
      input: {
        line,
        conversationId: 'one',
        wantedLane: 'mine',
        policy,
        limits: { firstEventMs: firstEventMs || null, interEventMs: interEventMs || null },
        primes,
        chain: chain && chartChainOf(chain),
      },
      ...(inspect && { inspect }),
    })
    this.clock.watch(this.actor)
    // Without an observer an error of a mutant would be an uncaught exception.
    this.actor.subscribe({ error: () => {} })
    this.actor.on('*', (event: ConversationEmitted) => this.#heed(event))
    this.actor.start()
  }

  view(): ConversationView {
    const snapshot = this.actor.getSnapshot()
    const { chain, lease } = snapshot.context
    return {
      ...shownOf(snapshot),
      history: this.#history,
      chain: chain === null ? null : chainOf(chain),
      lease: lease === null ? null : laneName(lease),
      sent: this.#sent,
      told: this.#ear.told,
      resent: this.#resent,
      settled: this.#settled,
      moves: this.#moves,
      listened: this.#listened,
    }
  }

  complaints(): string[] {
    const { status, error } = this.actor.getSnapshot()
    return status === 'error'
      ? [`the chart failed: ${String(error)}`, ...this.#ear.complaints]
      : this.#ear.complaints
  }

  async take(step: ConversationStep): Promise<void> {
    if (step.do === 'next') await this.clock.next()
    else if (step.do === 'wait') await this.clock.advance(step.ms)
    else if (this.actor.getSnapshot().status === 'active') this.#do(step)
  }

  async stop(): Promise<void> {
    this.actor.stop()
  }

  /** What tells one place of a conversation from another. How its turn is resent, and how often, is the turn's. */
  key(): string {
    const { value, context } = this.actor.getSnapshot()
    const { chain, lease, holds, steers, request } = context
    const kind = chain === null ? null : chain.isForked ? 'forked' : chain.stored
    const turn = this.#turn === null ? null : topName(this.#turn.getSnapshot().value)
    const shown = [value, request?.kind, kind, lease !== null, Math.min(holds, 2), turn]
    return JSON.stringify([...shown, Object.keys(steers).length > 0])
  }

  get #turn(): AnyActorRef | null {
    const turn = this.actor.getSnapshot().children['turn'] as AnyActorRef | undefined
    return turn?.getSnapshot().status === 'active' ? turn : null
  }

  #do(step: Exclude<ConversationStep, { do: 'wait' | 'next' }>): void {
    const { actor } = this
    switch (step.do) {
      case 'respond':
        return this.#respond(step)
      case 'prime':
        if (actor.getSnapshot().value === 'idle') this.#begin('prime', { modelName: step.modelName })
        return
      case 'forget':
      case 'shrink':
        if (actor.getSnapshot().value === 'idle') this.#compact(step)
        return
      case 'grant': {
        const { socket = 1, lane = null, holding = 0, unsent } = step
        this.#unsent = unsent
        this.#ear.grant()
        actor.send({ type: 'lane.granted', connectionKey: keyOf(socket), lane, laneSerial: holding })
        return
      }
      case 'refuse':
        if (this.#ear.refuse()) actor.send({ type: 'lane.refused', code: 'ERR_CLOSED' })
        return
      case 'moved':
        return actor.send({ type: 'line.moved', connectionKey: keyOf(step.socket) })
      case 'lost elsewhere':
        return actor.send({ type: 'lane.lost', connectionKey: keyOf(99), closeInfo: null })
      case 'hold':
        return actor.send({ type: 'chain.hold' })
      case 'release':
        // Only what was held is let go.
        if (actor.getSnapshot().context.holds > 0) actor.send({ type: 'chain.release' })
        return
      case 'cancel':
        return actor.send({ type: 'cancel' })
      case 'steer':
        this.#steers += 1
        return actor.send({ type: 'steer.begin', steerKey: `steer-${this.#steers}`, targetId: 'resp_1' })
      case 'steer over':
        Object.values(actor.getSnapshot().context.steers)[0]?.send({ type: 'steer.cut' })
        return
      default:
        return this.#hear(step)
    }
  }

  #respond(step: Step<'respond'>): void {
    const { request } = this.actor.getSnapshot().context
    if (request?.kind !== 'turn') return this.#begin('respond', { ...step, items: step.items ?? 1 })
    // Nothing comes of a second turn. Who owns the conversation does not ask for one.
    this.actor.send({ type: 'respond', turnId: 'second', length: this.#history + 1, model: 'same' })
  }

  #begin(type: 'respond' | 'prime', { items = 0, taken = 0, modelName = 'same' }: Beginning): void {
    this.#turns += 1
    this.#names = new ResponseNames()
    this.#base = this.#history
    this.#history += taken + items
    const turnId = `turn-${this.#turns}`
    this.actor.send({ type, turnId, length: this.#history, model: modelName, taken })
  }

  #compact(step: Step<'forget' | 'shrink'>): void {
    if (step.do === 'forget') {
      this.#history = step.length
      this.actor.send({ type: 'chain.forget' })
    } else if (this.#history > step.items) {
      this.#history -= step.items
      this.actor.send({ type: 'chain.shrink', items: step.items })
    }
  }

  /** An event of the server's. It reaches a turn only where that was sent. */
  #hear(
    step: Step<
      'heard' | 'created' | 'output' | 'ended' | 'errored' | 'cut' | 'steer accepted' | 'steer closed'
    >,
  ): void {
    if (this.actor.getSnapshot().context.lease === null) return
    const event = turnEventOf(step, `turn-${this.#turns}.${this.#names.nameIn(step)}`)
    if (step.do === 'cut') return this.#cut()
    if (step.do !== 'ended') return this.#tell(event)
    const { stored = false, items = 1, compacts = false } = step
    this.#compacts = compacts
    this.#tell({ ...event, stored, outputItems: items } as TurnEvent)
  }

  /** The line tells of its socket. */
  #cut(): void {
    const { lease } = this.actor.getSnapshot().context
    if (lease === null) return
    this.actor.send({ type: 'lane.lost', connectionKey: lease.connectionKey, closeInfo: null })
  }

  #tell(event: TurnEvent): void {
    this.#turn?.send(event)
  }

  #heed(event: ConversationEmitted): void {
    switch (event.type) {
      case 'turn.planned':
        return this.#handOver(event)
      case 'turn.resent':
        return void this.#resent.push(event.reason)
      case 'turn.listening':
        this.#listened += 1
        return
      case 'conversation.moved':
        this.#moves.push(Number(event.connectionKey.split('.').at(-1)))
        return this.#begin('prime', {})
      case 'turn.settled': {
        const { turnId, outcome, progress, outputItems } = event.result
        this.#settled.push(`${turnId} ${outcome} ${progress}`)
        const answered = outcome === 'completed' || outcome === 'incomplete'
        const before = this.#history
        this.#history = answered ? before + outputItems : this.#base
        if (answered && this.#compacts && before > 0) this.#compact({ do: 'shrink', items: before })
      }
    }
  }

  #handOver({ connectionKey, lane, plan }: TurnPlanned): void {
    this.#sent.push({ at: laneName({ connectionKey, lane }), plan: planView(plan, this.#history) })
    const unsent = this.#unsent
    if (unsent === undefined) this.#tell({ type: 'turn.dispatched' })
    else if (unsent === 'not open') this.actor.send({ type: 'lane.unusable' })
    else this.#tell(turnEventOf({ do: 'undeliverable' }, ''))
  }
}

interface Beginning {
  readonly items?: number | undefined
  readonly taken?: number | undefined
  readonly modelName?: string | undefined
}
