import type { Subscription } from 'xstate'
import type { Chain, SendPlan } from '../../../machines/conversation/chain.ts'
import type { ConversationEmitted, TurnPlanned } from '../../../machines/conversation/types.ts'
import { HTTP } from '../../../machines/line/types.ts'
import type { TurnEvent, TurnResult } from '../../../machines/turn/types.ts'
import { compactResponse } from '../../http/index.ts'
import { HoldlineError, isHoldlineError } from '../../protocol/errors.ts'
import type { ResponseCreateEvent, ServerEvent } from '../../protocol/index.ts'
import type { Secret } from '../../protocol/secret.ts'
import type { TransportOptions } from '../../protocol/transport.ts'
import { endedError } from '../connection-error.ts'
import { type ConversationActorRef, type LineActorRef, conversationOf } from '../line-machine.ts'
import { toolDefinitions } from '../tools/index.ts'
import { type ConversationInput, History, type HistoryItem, toItems } from './history.ts'
import { sendOverHttp } from './http-sending.ts'
import { LaneInbox } from './lane-inbox.ts'
import type { ConversationSettings } from './options.ts'
import { ForkHold } from './fork-hold.ts'
import { type RunOptions, type RunResult, runTools } from './run.ts'
import { type SavedConversation, saveConversation } from './saved.ts'
import type { Steer } from './steer.ts'
import { Steering } from './steering.ts'
import type { Switchboard } from './switchboard.ts'
import { TurnError } from './turn-error.ts'
import { TurnReader } from './turn-reader.ts'
import { Turn } from './turn.ts'

/** What a conversation needs of the connection that it was opened on. */
export interface ConversationHost {
  readonly line: LineActorRef
  readonly switchboard: Switchboard
  /** Whether the endpoint can be steered with this model. */
  readonly canSteer: (model: string) => boolean
  readonly primes: boolean
  /** What the current connection is dialed with: HTTP takes the same way. */
  readonly transport: () => Secret<TransportOptions>
  /** Opens another conversation on the same connection. */
  readonly open: (settings: ConversationSettings, start: ConversationStart) => Conversation
}

/** Where a conversation begins: from nothing, or from what was saved. */
export interface ConversationStart {
  readonly history: readonly HistoryItem[]
  readonly chain: Chain | null
  /** The conversation that it was forked from: it waits until the fork is bound. */
  readonly parent?: ConversationActorRef | undefined
}

export interface RespondOptions {
  /** Cancels the turn. */
  readonly signal?: AbortSignal | undefined
}

/** The turn under way, with what of it is not the application's business. */
interface Running {
  readonly turn: Turn
  /** History length before it. */
  readonly base: number
  readonly kind: 'turn' | 'warm-up'
  reader: TurnReader | null
  inbox: LaneInbox | null
  /** Ends the exchange of a turn that goes over HTTP. */
  exchange: AbortController | null
  hold: ForkHold | null
  readonly letGo: () => void
  cause: unknown
}

/**
 * One chain of responses: the history, and one turn at a time on it.
 *
 * What the server remembers is only used to send less. When it has forgotten, because the connection was lost or
 * moved, or the lane was given to another, the whole history is sent, and nobody notices.
 */
export class Conversation {
  readonly id: string
  /** The running actor of the conversation chart. */
  readonly actor: ConversationActorRef
  readonly #host: ConversationHost
  readonly #settings: ConversationSettings
  readonly #history: History
  readonly #steering: Steering
  readonly #parent: ConversationActorRef | null
  #running: Running | null = null
  #turns = 0
  #settingsText = ''
  #settingsCount = 0

  /** Made by `connection.conversation`. */
  constructor(host: ConversationHost, settings: ConversationSettings, id: string, start: ConversationStart) {
    this.id = id
    this.#host = host
    this.#settings = settings
    this.#history = new History(start.history)
    this.#parent = start.parent ?? null
    host.line.send({
      type: 'conversation.open',
      conversationId: id,
      input: {
        wantedLane: settings.lane,
        policy: settings.replay,
        limits: settings.limits,
        primes: host.primes,
        chain: start.chain,
      },
    })
    this.actor = conversationOf(host.line, id)
    this.#steering = new Steering(this.actor)
    this.#listen()
  }

  /** Every item so far, verbatim: what was sent, and what the model made. A copy. */
  get history(): readonly HistoryItem[] {
    return this.#history.items(0).slice(0, this.#running?.base ?? this.#history.length)
  }

  /** The turn under way, or null. */
  get turn(): Turn | null {
    return this.#running?.kind === 'turn' ? this.#running.turn : null
  }

  /**
   * Starts a turn: sends the input, with as much of the history as the server does not remember.
   *
   * @throws {HoldlineError} `ERR_BUSY` while another turn runs; `ERR_BAD_INPUT` for an empty input, or tool outputs
   * that do not fit the open calls; `ERR_CLOSED` after `close`. Nothing was sent then.
   */
  respond(input: ConversationInput, { signal }: RespondOptions = {}): Turn {
    signal?.throwIfAborted()
    if (this.actor.getSnapshot().status !== 'active') throw endedError()
    if (this.turn !== null) throw busy()
    const items = toItems(input)
    this.#history.check(items)
    // A warm-up gives way: the turn carries the history itself.
    if (this.#running !== null) this.#drop(this.#running)
    const base = this.#history.length
    const taken = this.#steering.takeForNextTurn()
    if (taken.length > 0) this.actor.send({ type: 'chain.shift', items: taken.length })
    this.#history.append([...taken, ...items])
    return this.#begin('turn', items, base, signal)
  }

  /**
   * Runs turns until the model asks for no more tools: runs the tools of each response, several at a time, and sends
   * all their outputs with the next turn.
   *
   * @throws {TurnError} when a turn ends without a response
   * @throws {HoldlineError} `ERR_TOOL_LOOP` after `maxRounds` turns that all asked for tools, and as `respond` does
   */
  run(input: ConversationInput, options: RunOptions = {}): Promise<RunResult> {
    return runTools(this, this.#settings.tools, input, options)
  }

  /**
   * Loads model, tools, instructions and history into the connection without generating anything.
   *
   * @throws {HoldlineError} as `respond` does
   */
  async warmUp(): Promise<void> {
    if (this.#running !== null) throw busy()
    await this.#begin('warm-up', [], this.#history.length).response
  }

  /**
   * Replaces the history by its compacted window (`POST …/responses/compact`), and starts a new chain from it.
   *
   * @throws {HoldlineError} `ERR_BUSY` while a turn runs, `ERR_BAD_INPUT` without a history, and what the request
   * over HTTP throws; the history is as it was then
   */
  async compact({ signal }: RespondOptions = {}): Promise<void> {
    if (this.#running !== null) throw busy()
    if (this.#history.length === 0) this.#history.check([])
    const { model, instructions } = this.#settings.request
    const base = this.#history.length
    const { output } = await compactResponse({
      transport: this.#host.transport(),
      body: {
        model,
        input: this.#history.items() as never,
        ...(typeof instructions === 'string' && { instructions }),
      },
      signal: signal ?? new AbortController().signal,
    })
    if (this.#running !== null || this.#history.length !== base) throw busy()
    this.#history.replace(output as readonly HistoryItem[])
    this.actor.send({ type: 'chain.forget' })
  }

  /**
   * A second conversation that goes on from here, on a lane of its own. Until its first turn is bound to the last
   * response, the next turn of this one waits; if the server has moved on, the fork sends its history.
   *
   * @throws {HoldlineError} `ERR_BUSY` while a turn runs
   */
  fork(options: { readonly lane?: string | undefined } = {}): Conversation {
    if (this.#running !== null) throw busy()
    const { chain } = this.actor.getSnapshot().context
    const start = {
      history: this.#history.items(),
      chain: chain === null ? null : { ...chain, isForked: true, settings: 'settings-1' },
      parent: this.actor,
    }
    return this.#host.open({ ...this.#settings, lane: options.lane ?? null }, start)
  }

  /** Hears what the conversation does: `turn.planned`, `turn.resent` with its reason, `turn.settled`, … */
  on<Type extends ConversationEmitted['type']>(
    type: Type,
    listener: (event: Extract<ConversationEmitted, { type: Type }>) => void,
  ): () => void {
    const subscription: Subscription = this.actor.on(type, listener as (event: ConversationEmitted) => void)
    return () => subscription.unsubscribe()
  }

  /** All that another process needs to go on: plain data, without credentials. */
  save(): SavedConversation {
    return saveConversation({
      history: this.history,
      chain: this.actor.getSnapshot().context.chain,
      settings: this.#settings,
      underWay: this.turn === null ? null : { progress: this.#progress(), input: this.turn.input },
    })
  }

  /** Cancels the turn under way, and gives the lane back. */
  close(): void {
    if (this.actor.getSnapshot().status !== 'active') return
    this.actor.send({ type: 'cancel' })
    this.#host.line.send({ type: 'conversation.close', conversationId: this.id })
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #listen(): void {
    this.actor.on('turn.planned', (planned) => this.#transmit(planned))
    this.actor.on('turn.listens', () => this.#running?.reader?.await())
    this.actor.on('turn.settled', ({ result }) => this.#settle(result))
    this.actor.on('conversation.moved', () => {
      if (this.#running === null) this.#begin('warm-up', [], this.#history.length)
    })
    const ended = (error?: unknown): void => this.#abandon(endedError(error))
    this.actor.subscribe({ complete: ended, error: ended })
  }

  #begin(kind: Running['kind'], items: Turn['input'], base: number, signal?: AbortSignal): Turn {
    this.#turns += 1
    const turnId = `${this.id}.${this.#turns}`
    const turn = new Turn(
      turnId,
      items,
      { cancel: (one) => this.#cancel(one), steer: (one, input) => this.#steer(one, input) },
      this.#settings.maxBufferedEvents,
    )
    const onAbort = (): void => {
      if (this.#running?.turn !== turn) return
      this.#running.cause = signal?.reason
      turn.cancel()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const letGo = (): void => signal?.removeEventListener('abort', onAbort)
    this.#running = {
      turn,
      base,
      kind,
      reader: null,
      inbox: null,
      exchange: null,
      hold: null,
      letGo,
      cause: undefined,
    }
    const request = { turnId, length: this.#history.length, settings: this.#settingsName() }
    this.actor.send(kind === 'turn' ? { type: 'respond', ...request } : { type: 'prime', ...request })
    return turn
  }

  /** A lane was granted: sends what was planned, on the socket that it was planned for. */
  #transmit({ connectionKey, lane, plan }: TurnPlanned): void {
    const running = this.#running
    if (running === null) return
    if (connectionKey === HTTP) return this.#transmitOverHttp(running, plan)
    running.hold?.release()
    const inbox = this.#host.switchboard.inbox(connectionKey, lane)
    try {
      if (inbox === undefined) throw new HoldlineError('ERR_NOT_OPEN', 'The socket is gone.')
      running.inbox = inbox
      running.hold = this.#holdParent(plan)
      running.reader = this.#readerFor(running, inbox)
      inbox.open(running.reader)
      this.#host.switchboard.send(connectionKey, {
        ...this.#create(plan),
        ...(running.kind === 'warm-up' && { generate: false }),
        ...(lane !== null && { stream_id: lane }),
      })
      this.#tell({ type: 'turn.dispatched' })
    } catch (error) {
      if (running.reader !== null) inbox?.close(running.reader, false)
      const code = isHoldlineError(error) ? error.code : 'ERR_CHART_FAILED'
      running.cause = error
      if (code === 'ERR_NOT_OPEN') this.#host.line.send({ type: 'line.unusable', connectionKey })
      this.#tell({ type: 'turn.undeliverable', code })
    }
  }

  #transmitOverHttp(running: Running, plan: SendPlan): void {
    const inbox = new LaneInbox(() => {})
    const reader = this.#readerFor(running, inbox)
    const exchange = new AbortController()
    inbox.open(reader)
    Object.assign(running, { inbox, reader, exchange })
    void sendOverHttp({
      transport: this.#host.transport(),
      event: this.#create(plan),
      signal: exchange.signal,
      inbox,
      tell: (fact) => {
        if (this.#running === running) this.#tell(fact)
      },
      note: (error) => (running.cause = error),
    })
  }

  #create(plan: SendPlan): ResponseCreateEvent {
    return {
      ...this.#request(),
      ...(plan.kind === 'delta' && { previous_response_id: plan.previousResponseId }),
      input: this.#history.items(plan.from) as never,
    }
  }

  /** The parent's next response would replace the one that this turn continues, before it is bound to it. */
  #holdParent(plan: SendPlan): ForkHold | null {
    const { chain } = this.actor.getSnapshot().context
    if (this.#parent === null || plan.kind === 'full' || chain?.isForked !== true || chain.stored) return null
    return new ForkHold(this.#parent)
  }

  #readerFor(running: Running, inbox: LaneInbox): TurnReader {
    const steering = this.#steering
    const { turn } = running
    return new TurnReader(
      {
        tell: (fact) => {
          this.#tell(fact)
          if (fact.type === 'turn.created') steering.committed((closed) => this.#tell(closed))
        },
        show: (event: ServerEvent) => {
          running.hold?.see(event)
          turn.show(event)
        },
        steer: (event) => steering.receive(event, (fact) => this.#tell(fact)),
        steered: () => steering.taken(),
        now: Date.now,
      },
      inbox,
    )
  }

  /** Tells the turn's actor, if it still runs. */
  #tell(fact: TurnEvent): void {
    const { turn } = this.actor.getSnapshot().children
    if (turn?.getSnapshot().status === 'active') turn.send(fact as never)
  }

  #settle(result: TurnResult): void {
    const running = this.#running
    if (running === null || running.turn.id !== result.turnId) return
    this.#running = null
    running.letGo()
    running.exchange?.abort()
    running.hold?.release()
    if (running.reader !== null) running.inbox?.close(running.reader, result.leavesTail)
    const { reader, turn } = running
    if (result.outcome === 'lost') this.#steering.cut()
    const response = reader?.response ?? null
    if (response !== null && (result.outcome === 'completed' || result.outcome === 'incomplete')) {
      this.#history.append(kept(reader?.additions ?? [], result.outcome))
      const dropped = this.#history.dropCompacted()
      if (dropped > 0) this.actor.send({ type: 'chain.shift', items: -dropped })
      turn.settle(result, { response })
      return
    }
    this.#history.truncate(running.base)
    const error = new TurnError(
      result,
      reader?.items ?? [],
      running.cause === undefined ? {} : { cause: running.cause },
    )
    turn.settle(result, { error })
  }

  /** The actor has ended with a turn under way: its waiters must settle all the same. */
  #abandon(error: Error): void {
    const running = this.#running
    if (running === null) return
    const result = LOST(running.turn.id, this.#lastProgress)
    this.#running = null
    running.letGo()
    running.exchange?.abort()
    running.hold?.release()
    if (running.reader !== null) running.inbox?.close(running.reader, true)
    this.#history.truncate(running.base)
    this.#steering.cut()
    running.turn.settle(result, {
      error: new TurnError(result, running.reader?.items ?? [], { cause: error }),
    })
  }

  #drop(running: Running): void {
    this.#running = null
    if (running.reader !== null) running.inbox?.close(running.reader, true)
    running.turn.settle(LOST(running.turn.id, 'queued'), { error: busy() })
  }

  #cancel(turn: Turn): void {
    if (this.#running?.turn === turn) this.actor.send({ type: 'cancel' })
  }

  #steer(turn: Turn, input: ConversationInput): Steer {
    const running = this.#running
    const targetId = running?.turn === turn ? (running.reader?.responseId ?? null) : null
    const lease = this.actor.getSnapshot().context.lease
    if (targetId === null || lease === null) throw notSteerable('has no running response')
    if (!this.#host.canSteer(this.#settings.request.model))
      throw notSteerable('is on an endpoint without steering')
    return this.#steering.begin(targetId, toItems(input), (event) =>
      this.#host.switchboard.send(lease.connectionKey, event),
    )
  }

  get #lastProgress(): TurnResult['progress'] {
    return this.#running?.reader === null ? 'queued' : 'streaming'
  }

  #progress(): TurnResult['progress'] {
    const { turn } = this.actor.getSnapshot().children
    const context = turn?.getSnapshot().context as { progress?: TurnResult['progress'] } | undefined
    return context?.progress ?? 'queued'
  }

  #request(): ResponseCreateEvent {
    const { request, tools, hostedTools } = this.#settings
    const all = [...toolDefinitions(tools), ...hostedTools]
    return {
      type: 'response.create',
      ...request,
      ...(all.length > 0 && { tools: all as never }),
    } as ResponseCreateEvent
  }

  /** Equal names, equal settings: the chart compares names, and sees no content. */
  #settingsName(): string {
    const text = JSON.stringify(this.#request())
    if (text !== this.#settingsText) this.#settingsCount += 1
    this.#settingsText = text
    return `settings-${this.#settingsCount}`
  }
}

/** A response that was cut short may hold calls that nobody may run; they are not part of the history. */
function kept(items: readonly HistoryItem[], outcome: TurnResult['outcome']): readonly HistoryItem[] {
  if (outcome === 'completed') return items
  return items.filter((item) => !String((item as { type?: string }).type).endsWith('_call'))
}

const LOST = (turnId: string, progress: TurnResult['progress']): TurnResult => ({
  turnId,
  outcome: 'lost',
  progress,
  responseId: null,
  stored: false,
  outputItems: 0,
  code: null,
  fault: 'connection',
  error: null,
  remedy: null,
  resendIsSafe: progress === 'queued',
  resends: {},
  leavesTail: false,
})

function busy(): HoldlineError {
  return new HoldlineError(
    'ERR_BUSY',
    'The conversation runs a turn already. Nothing was sent. Wait for turn.response, or fork the conversation.',
  )
}

function notSteerable(problem: string): HoldlineError {
  return new HoldlineError(
    'ERR_NOT_STEERABLE',
    `The turn ${problem}. Nothing was sent. Put the message into the next turn.`,
  )
}
