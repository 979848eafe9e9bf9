import type { Subscription } from 'xstate'
import type { Chain, SendPlan } from '../../../machines/conversation/chain.ts'
import type { ConversationEmitted, TurnPlanned } from '../../../machines/conversation/types.ts'
import { HTTP } from '../../../machines/line/types.ts'
import type { TurnEvent, TurnResult } from '../../../machines/turn/types.ts'
import type { ResponseCreateEvent } from '../../protocol/index.ts'
import { isHoldlineError } from '../../protocol/errors.ts'
import { endedError } from '../connection-error.ts'
import { type ConversationActorRef, conversationOf } from '../line-machine.ts'
import { ForkHold } from './fork-hold.ts'
import { type ConversationInput, History, type HistoryItem, toItems } from './history.ts'
import type { AbortOptions, ConversationHost, ConversationStart, Exchange, RespondOptions } from './host.ts'
import {
  type ConversationSettings,
  checkAbortOptions,
  checkForkOptions,
  checkRespondOptions,
} from './options.ts'
import { busy, noWarmUp, notSteerable } from './refusals.ts'
import { FIRST_SETTINGS, SettingsNames, createOf, requestOf } from './request.ts'
import { type RunOptions, type RunResult, runTools } from './run.ts'
import { type SavedConversation, saveConversation } from './saved.ts'
import type { Steer } from './steer.ts'
import { Steering } from './steering.ts'
import { TurnError } from './turn-error.ts'
import { TurnRun, lostResult } from './turn-run.ts'
import { Turn } from './turn.ts'

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
  /**
   * In a restored conversation, the turn that was under way when it was saved: its error, with how far it had come
   * and whether sending it again is safe, and its input. Its outcome is `lost`. Else null.
   */
  readonly lostTurn: { readonly error: TurnError; readonly input: Turn['input'] } | null
  readonly #host: ConversationHost
  readonly #settings: ConversationSettings
  readonly #history: History
  readonly #steering: Steering
  readonly #parent: ConversationActorRef | null
  /** Of every turn without settings of its own. A copy: what the application changes later is not sent. */
  readonly #request: ResponseCreateEvent
  readonly #names: SettingsNames
  readonly #isStateless: boolean
  #running: TurnRun | null = null
  #turns = 0

  /** Made by `connection.conversation`. */
  constructor(host: ConversationHost, settings: ConversationSettings, id: string, start: ConversationStart) {
    this.id = id
    this.#host = host
    this.#settings = settings
    this.#request = structuredClone(requestOf(settings))
    this.#names = new SettingsNames(this.#request)
    this.#history = new History(start.history)
    this.#parent = start.parent ?? null
    this.#isStateless = start.isStateless === true
    this.lostTurn = lostTurnOf(id, start)
    host.line.send({
      type: 'conversation.open',
      conversationId: id,
      input: {
        wantedLane: settings.lane,
        policy: settings.replay,
        limits: settings.limits,
        primes: host.primes && !this.#isStateless,
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
  respond(input: ConversationInput, options: RespondOptions = {}): Turn {
    checkRespondOptions(options)
    const { signal, settings } = options
    signal?.throwIfAborted()
    this.#assertActive()
    if (this.turn !== null) throw busy()
    const items = toItems(input)
    this.#history.check(items)
    // A warm-up gives way: the turn carries the history itself.
    if (this.#running !== null) this.#drop(this.#running)
    const base = this.#history.length
    const taken = this.#steering.taken()
    this.#history.append([...taken, ...items])
    return this.#begin('turn', { items, base, signal, settings, taken: taken.length })
  }

  /**
   * One turn of a caller that keeps the history: it is forgotten here when the turn is over.
   *
   * @internal
   * @throws {HoldlineError} `ERR_CLOSED` after `close`
   */
  exchange({ items, ...how }: Exchange): Turn {
    how.signal?.throwIfAborted()
    this.#assertActive()
    this.#history.replace(items)
    return this.#begin('turn', { items: items as Turn['input'], base: 0, ...how })
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
   * @throws {TurnError} when it was not done or was cancelled; over HTTP it is not even sent. A signal that has
   * aborted before throws its own reason.
   * @throws {HoldlineError} `ERR_BAD_EVENT` where the provider has no warm-up, and as `respond` does
   */
  async warmUp(options: AbortOptions = {}): Promise<void> {
    checkAbortOptions(options)
    const { signal } = options
    signal?.throwIfAborted()
    this.#assertActive()
    if (this.#running !== null) throw busy()
    if (!this.#host.primes) throw noWarmUp()
    await this.#begin('warm-up', { signal }).response
  }

  /**
   * Replaces the history by its compacted window (`POST …/responses/compact`), and starts a new chain from it.
   *
   * @throws {HoldlineError} `ERR_BUSY` while a turn runs, or when one has come between; `ERR_BAD_INPUT` without a
   * history; and what the request over HTTP throws. The history is as it was then.
   */
  async compact(options: AbortOptions = {}): Promise<void> {
    checkAbortOptions(options)
    const { signal } = options
    if (this.#running !== null) throw busy()
    if (this.#history.length === 0) this.#history.check([])
    const { model, instructions } = this.#settings.request
    const { version } = this.#history
    const request = {
      transport: this.#host.transport(),
      body: {
        model,
        input: this.#history.items() as never,
        ...(typeof instructions === 'string' && { instructions }),
      },
      signal: signal ?? new AbortController().signal,
    }
    const { compactResponse } = await import('../../http/index.ts')
    const { output } = await compactResponse(request)
    if (this.#running !== null || this.#history.version !== version) throw busy()
    this.#history.replace(output as readonly HistoryItem[])
    this.actor.send({ type: 'chain.forget' })
  }

  /**
   * A second conversation that goes on from here, on a lane of its own. Until its first turn is bound to the last
   * response, the next turn of this one waits; if the server has moved on, the fork sends its history.
   *
   * @throws {HoldlineError} `ERR_BUSY` while a turn runs; `ERR_CLOSED` once the connection was stopped
   */
  fork(options: { readonly lane?: string | undefined } = {}): Conversation {
    checkForkOptions(options)
    if (this.#running !== null) throw busy()
    // Steers that the server keeps for the next turn would go into the fork's, if that came on the same lane.
    const chain = this.#steering.taken().length > 0 ? null : this.actor.getSnapshot().context.chain
    const start = {
      history: this.#history.items(),
      chain: chain === null ? null : forkedChain(chain),
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
    this.actor.on('turn.listening', () => this.#running?.listen())
    this.actor.on('turn.resent', () => this.#running?.releaseHold())
    this.actor.on('turn.settled', ({ result }) => this.#settle(result))
    this.actor.on('conversation.moved', () => {
      if (this.#running === null) this.#begin('warm-up')
    })
    const ended = (error?: unknown): void => this.#abandon(endedError(error))
    this.actor.subscribe({ complete: ended, error: ended })
  }

  #assertActive(): void {
    if (this.actor.getSnapshot().status !== 'active') throw endedError()
  }

  #begin(kind: TurnRun['kind'], of: Beginning = {}): Turn {
    const { items = [], base = this.#history.length, signal, settings, taken, origin, policy } = of
    this.#turns += 1
    const turnId = `${this.id}.${this.#turns}`
    const turn = new Turn(
      turnId,
      items,
      {
        cancel: (one) => this.#cancel(one),
        steer: (one, input) => this.#steer(one, input),
        progress: (one) => (this.#running?.turn === one ? this.#progress() : 'queued'),
      },
      this.#settings.maxBufferedEvents,
    )
    const request =
      of.request ?? (settings === undefined ? this.#request : requestOf(this.#settings, settings))
    const tell = (fact: TurnEvent): void => this.#tell(turn, fact)
    this.#running = new TurnRun({ turn, kind, base, request, signal, tell, steering: this.#steering })
    // What a caller with a history of its own goes on from has been compared already.
    const name = origin === undefined ? this.#names.nameOf(request) : FIRST_SETTINGS
    const size = { turnId, length: this.#history.length, settings: name, taken, origin, policy }
    this.actor.send(kind === 'turn' ? { type: 'respond', ...size } : { type: 'prime', ...size })
    return turn
  }

  /** A lane was granted: sends what was planned, on the socket that it was planned for. */
  #transmit({ connectionKey, lane, plan }: TurnPlanned): void {
    const run = this.#running
    if (run === null) return
    const { switchboard, transport } = this.#host
    const create = createOf(run.request, plan, this.#history)
    try {
      if (connectionKey === HTTP) return run.sendOverHttp(transport(), create)
      const inbox = switchboard.inbox(connectionKey, lane)
      run.sendOnLane(inbox, this.#holdParent(plan), () =>
        switchboard.send(connectionKey, {
          ...create,
          ...(run.kind === 'warm-up' && { generate: false }),
          ...(lane !== null && { stream_id: lane }),
        }),
      )
    } catch (error) {
      const code = isHoldlineError(error) ? error.code : 'ERR_CHART_FAILED'
      // The socket is closing: nothing has left, and the turn waits for the next one.
      if (code === 'ERR_NOT_OPEN') this.actor.send({ type: 'lane.unusable' })
      else this.#tell(run.turn, { type: 'turn.undeliverable', code })
    }
  }

  /** The parent's next response would replace the one that this turn continues, before it is bound to it. */
  #holdParent(plan: SendPlan): ForkHold | null {
    const { chain } = this.actor.getSnapshot().context
    if (this.#parent === null || plan.kind === 'full' || chain?.isForked !== true || chain.stored) return null
    return new ForkHold(this.#parent)
  }

  /** Tells a turn's actor, if it still runs. */
  #tell(turn: Turn, fact: TurnEvent): void {
    if (this.#running?.turn !== turn) return
    const actor = this.actor.getSnapshot().children['turn']
    if (actor?.getSnapshot().status === 'active') actor.send(fact as never)
  }

  #settle(result: TurnResult): void {
    const run = this.#running
    if (run === null || run.turn.id !== result.turnId) return
    this.#running = null
    run.end(result.leavesTail)
    // Nothing of a turn that never left has touched what the server keeps.
    if (run.reader === null) this.#steering.close()
    else if (result.outcome === 'lost' || result.outcome === 'cancelled') this.#steering.cut()
    else this.#steering.close()
    const response = run.reader?.response ?? null
    if (response === null || (result.outcome !== 'completed' && result.outcome !== 'incomplete')) {
      this.#history.truncate(run.base)
      const because = result.outcome === 'unsent' ? this.#host.closedError() : null
      return run.turn.settle(result, { error: run.errorOf(result, because) })
    }
    this.#keep(run.additions(result))
    run.turn.settle(result, { response })
  }

  #keep(additions: readonly HistoryItem[]): void {
    if (this.#isStateless) return this.#history.replace([])
    const dropped = this.#history.appendOutput(additions)
    if (dropped > 0) this.actor.send({ type: 'chain.shrink', items: dropped })
  }

  /** The actor has ended with a turn under way: its waiters must settle all the same. */
  #abandon(error: Error): void {
    const run = this.#running
    if (run === null) return
    this.#running = null
    run.end(true)
    this.#history.truncate(run.base)
    this.#steering.cut()
    const result = lostResult(run.turn.id, run.reader === null ? 'queued' : 'streaming')
    run.turn.settle(result, { error: run.errorOf(result, error) })
  }

  /** A warm-up that gives way to a turn. */
  #drop(run: TurnRun): void {
    this.#running = null
    run.end(this.#progress() !== 'queued')
    run.turn.settle(lostResult(run.turn.id, 'queued'), { error: busy() })
  }

  #cancel(turn: Turn): void {
    if (this.#running?.turn === turn) this.actor.send({ type: 'cancel' })
  }

  #steer(turn: Turn, input: ConversationInput): Steer {
    const targetId = this.#running?.turn === turn ? this.#running.responseId : null
    const { lease } = this.actor.getSnapshot().context
    if (targetId === null || lease === null) throw notSteerable('has no running response')
    const { canSteer, switchboard } = this.#host
    if (!canSteer(this.#settings.request.model)) throw notSteerable('is on an endpoint without steering')
    return this.#steering.begin(targetId, toItems(input), (event) =>
      switchboard.send(lease.connectionKey, event),
    )
  }

  #progress(): TurnResult['progress'] {
    const actor = this.actor.getSnapshot().children['turn']
    const context = actor?.getSnapshot().context as { progress?: TurnResult['progress'] } | undefined
    return context?.progress ?? 'queued'
  }
}

function lostTurnOf(id: string, { underWay }: ConversationStart): Conversation['lostTurn'] {
  if (underWay === undefined || underWay === null) return null
  return {
    error: new TurnError({ result: lostResult(`${id}.saved`, underWay.progress) }),
    input: underWay.input,
  }
}

/** The fork counts its settings anew: only those that both were opened with have the same name in both. */
function forkedChain(chain: Chain): Chain {
  const settings = chain.settings === FIRST_SETTINGS ? FIRST_SETTINGS : `parent-${chain.settings}`
  return { ...chain, isForked: true, settings }
}

interface Beginning extends RespondOptions, Partial<Pick<Exchange, 'origin' | 'policy' | 'request'>> {
  readonly items?: Turn['input']
  readonly base?: number
  readonly taken?: number
}
