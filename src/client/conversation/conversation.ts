import type { Subscription } from 'xstate'
import type { SendPlan } from '../../../machines/conversation/chain.ts'
import type { ConversationEmitted, TurnPlanned } from '../../../machines/conversation/types.ts'
import { HTTP } from '../../../machines/line/lane-news.ts'
import type { TurnEvent, TurnResult } from '../../../machines/turn/types.ts'
import { answeredCallOf, callIdOf, notRunAnswer } from '../../protocol/calls.ts'
import type { InputItem, ResponseCreateEvent, ServerEvent } from '../../protocol/index.ts'
import { type HoldlineError, isHoldlineError } from '../../protocol/errors.ts'
import { endedError } from '../connection-error.ts'
import { ownFunctions, runnable } from '../tools/index.ts'
import { type ConversationActorRef, conversationOf } from '../line-machine.ts'
import { Calls, type OpenCall } from './calls.ts'
import { Compactions } from './compaction.ts'
import { ForkHold } from './fork-hold.ts'
import {
  type ConversationInput,
  History,
  type HistoryItem,
  badInput,
  noOpenCall,
  toItems,
} from './history.ts'
import { checkHistory } from './history-rules.ts'
import type { ConversationHost, ConversationStart, Exchange } from './host.ts'
import {
  type ConversationSettings,
  checkAbortOptions,
  checkForkOptions,
  checkRespondOptions,
  type AbortOptions,
  type RespondOptions,
} from './options.ts'
import { busy, noWarmUp, notSteerable } from './refusals.ts'
import { createOf, requestOf } from './request.ts'
import { RunLoop, type RunHost } from './run-loop.ts'
import { Run, type RunOptions, type RunResult, type RunSink } from './run.ts'
import { type SavedConversation, saveConversation } from './saved.ts'
import type { Steer } from './steer.ts'
import { Steering } from './steering.ts'
import type { OutputOf, OutputSchema } from './structured-output.ts'
import { TurnError } from './turn-error.ts'
import { TurnRun, lostResult } from './turn-run.ts'
import { Turn } from './turn.ts'

/**
 * One chain of responses: the history, and one turn at a time on it.
 *
 * What the server remembers is only used to send less. When it has forgotten, because the connection was lost or
 * moved, or the lane was given to another, the whole history is sent, and nobody notices.
 *
 * What a tool gave is history from the moment on in which it is there, whatever becomes of the turn that carries it.
 */
export class Conversation {
  /** As given, or a random one. It survives `save`. */
  readonly id: string
  /** The running actor of the conversation chart. */
  readonly actor: ConversationActorRef
  /**
   * In a restored conversation, the turn that was under way when it was saved: its error, with how far it had come
   * and whether sending it again is safe, and its input. Its outcome is `lost`. Else null.
   */
  readonly lostTurn: { readonly error: TurnError; readonly input: Turn['input'] } | null
  readonly #key: string
  readonly #host: ConversationHost<Conversation>
  readonly #settings: ConversationSettings
  readonly #history: History
  readonly #calls: Calls
  readonly #compactions: Compactions
  readonly #steering: Steering
  readonly #parent: ConversationActorRef | null
  /** Of every turn without settings of its own. A copy: what the application changes later is not sent. */
  readonly #request: ResponseCreateEvent
  readonly #isStateless: boolean
  #running: TurnRun | null = null
  #run: Run<unknown> | null = null
  #turns: number

  /**
   * Made by `connection.conversation`.
   *
   * @param key names its actor on the connection
   */
  constructor(
    host: ConversationHost<Conversation>,
    settings: ConversationSettings,
    key: string,
    start: ConversationStart,
  ) {
    this.id = settings.id ?? start.saved?.id ?? `conversation-${crypto.randomUUID()}`
    this.#key = key
    this.#host = host
    this.#settings = settings
    this.#request = structuredClone(requestOf(settings))
    this.#history = new History(start.history, start.at)
    this.#calls = new Calls(this.#history, start.saved?.calls)
    this.#compactions = new Compactions(host)
    this.#turns = start.saved?.turns ?? 0
    this.#parent = start.parent ?? null
    this.#isStateless = start.isStateless === true
    this.lostTurn = lostTurnOf(this.id, start)
    host.line.send({
      type: 'conversation.open',
      conversationId: key,
      input: {
        wantedLane: settings.lane,
        policy: settings.replay,
        limits: settings.limits,
        primes: host.primes && !this.#isStateless,
        chain: start.chain,
      },
    })
    this.actor = conversationOf(host.line, key)
    this.#steering = new Steering(this.actor)
    this.#listen()
    // Its parent may run them: here they are answered as not run.
    if (start.parent !== undefined) this.#answerOpen(true)
  }

  /** Every item so far, verbatim: what was sent, what the model made, and what tools gave. A copy. */
  get history(): readonly HistoryItem[] {
    return this.#history.settled
  }

  /** The turn under way, or null. */
  get turn(): Turn | null {
    return this.#running?.kind === 'turn' ? this.#running.turn : null
  }

  /** Calls of the model's that are not over: without an output, or with one that the model has not answered. */
  get openCalls(): readonly OpenCall[] {
    return this.#calls.list()
  }

  /**
   * Starts a turn: sends the input, with as much of the history as the server does not remember, and with the outputs
   * that are there. Without an input it goes on from what the model has not answered. What becomes of calls without
   * an output says `onOpenCalls`.
   *
   * @throws {HoldlineError} `ERR_BUSY` while another turn or a run is under way; `ERR_BAD_INPUT` when there is nothing
   * to answer, for outputs of calls that are not open, and when calls stay open; `ERR_CLOSED` after `close`. Nothing
   * was sent then.
   */
  respond(input: ConversationInput = [], options: RespondOptions = {}): Turn {
    if (this.#run !== null) throw busy()
    return this.#respond(input, options)
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
    this.#history.begin(items)
    return this.#begin('turn', { items: items as Turn['input'], ...how })
  }

  /**
   * Runs turns until the model asks for no more tools: runs the tools of each response, several at a time, and sends
   * all their outputs with the next turn. Without an input it goes on from what the history has: open calls, outputs
   * that were not delivered, calls that were approved or refused.
   *
   * The result is `paused` when calls wait for you. Errors come by the promise, and to the loop that reads the events:
   * `TurnError` when a turn ends without a response, `ERR_TOOL_LOOP` after `maxRounds` turns that all asked for tools,
   * the reason of `signal`, what a callback threw, and what `respond` throws. No tool runs twice for one call.
   */
  run<const Schema extends OutputSchema>(
    input: ConversationInput | undefined,
    options: RunOptions & { readonly output: Schema },
  ): Run<OutputOf<Schema>>
  run(input?: ConversationInput, options?: RunOptions & { readonly output?: undefined }): Run
  run(input?: ConversationInput, options: RunOptions = {}): Run<unknown> {
    const isFree = this.#run === null
    const loop = async (sink: RunSink): Promise<RunResult<unknown>> => {
      if (!isFree || this.turn !== null) throw busy()
      this.#assertActive()
      return await new RunLoop(this.#runHost(), sink, options).run(input)
    }
    const run = new Run<unknown>(loop, options.signal, this.#settings.maxBufferedEvents)
    if (!isFree) return run
    this.#run = run
    const free = (): void => {
      if (this.#run === run) this.#run = null
    }
    run.then(free, free)
    return run
  }

  /**
   * Gives outputs of open calls without starting a turn. They are history from now on, and go with the next turn. For
   * a call whose output was not delivered yet, the new one counts.
   *
   * @throws {HoldlineError} `ERR_BAD_INPUT` for anything else; nothing was kept then
   */
  answer(outputs: InputItem | readonly InputItem[]): void {
    const { outputs: all, rest } = this.#history.split(toItems([outputs].flat()))
    if (rest.length > 0) throw badInput('holds what is no output of a call', 'Give it to respond() or run()')
    for (const output of all) this.#history.answer(output)
  }

  /**
   * Lets an open call run, with the next `run()`; answers an `mcp_approval_request`.
   *
   * @throws {HoldlineError} `ERR_BAD_INPUT` when the call is not open, or has begun
   */
  approve(callId: string): void {
    const { item } = this.#waiting(callId)
    if (item.type !== 'mcp_approval_request') return this.#calls.mark(callId, 'approved')
    this.#history.answer({ type: 'mcp_approval_response', approval_request_id: callId, approve: true })
  }

  /**
   * Refuses an open call: the model reads the reason in place of an output.
   *
   * @throws {HoldlineError} `ERR_BAD_INPUT` when the call is not open, or has begun; and for a `computer_call`, which
   * is answered by a screenshot
   */
  refuse(callId: string, reason: string = 'The user did not allow this call. It did not run.'): void {
    const output = notRunAnswer(this.#waiting(callId).item, reason)
    if (output === null) throw badInput('names a call that takes no words', 'Give its output to answer()')
    this.#history.answer(output)
  }

  /**
   * Replaces the history by what the function makes of it, and starts a new chain: the next turn sends it whole.
   *
   * @throws {BadOptionError} with the path of what is no item, an output without its call, or reasoning without the
   * item that it led to; the history is as it was then
   * @throws {HoldlineError} `ERR_BUSY` while a turn or a run is under way
   */
  edit(change: (items: HistoryItem[]) => readonly HistoryItem[]): void {
    if (this.#running !== null || this.#run !== null) throw busy()
    const items = change(this.#history.items())
    checkHistory(items, 'history', this.#history.root === null)
    this.#history.replace(structuredClone(items))
    this.actor.send({ type: 'chain.forget' })
  }

  /**
   * Loads model, tools, instructions and history into the connection without generating anything.
   *
   * @throws {TurnError} when it was not done or was cancelled; over HTTP it is not even sent. A signal that has
   * aborted before throws its own reason.
   * @throws {HoldlineError} `ERR_BAD_EVENT` where the provider has no warm-up; `ERR_BAD_INPUT` while calls are open, which
   * the server would refuse; and as `respond` does
   */
  async warmUp(options: AbortOptions = {}): Promise<void> {
    checkAbortOptions(options)
    const { signal } = options
    signal?.throwIfAborted()
    this.#assertActive()
    if (this.#running !== null) throw busy()
    if (!this.#host.primes) throw noWarmUp()
    const open = this.#history.blockingCalls().length
    if (open > 0) throw callsStayOpen(open)
    await this.#begin('warm-up', { signal }).response
  }

  /**
   * Replaces the history by its compacted window (`POST …/responses/compact`), and starts a new chain from it. It has
   * `eventTimeoutMs`, and ends with the conversation and its connection.
   *
   * @throws {HoldlineError} `ERR_BUSY` while a turn runs, or when one has come between; `ERR_BAD_INPUT` without a
   * history, or with open calls; `ERR_TIMEOUT`; `ERR_CLOSED`; and what the request over HTTP throws. The history is as
   * it was then.
   */
  async compact(options: AbortOptions = {}): Promise<void> {
    checkAbortOptions(options)
    const { signal } = options
    this.#assertActive()
    if (this.#running !== null) throw busy()
    if (this.#history.length === 0) throw badInput('is empty', 'Say something first')
    if (this.#history.openCalls().size > 0) throw callsStayOpen(this.#history.openCalls().size)
    const { model, instructions } = this.#settings.request
    const { version, root } = this.#history
    const body = {
      model,
      input: this.#history.items() as never,
      ...(root !== null && { previous_response_id: root }),
      ...(typeof instructions === 'string' && { instructions }),
    }
    const limitMs = this.#settings.limits.interEventMs
    const items = await this.#compactions.compact({ body, limitMs, signal })
    if (this.#running !== null || this.#history.version !== version) throw busy()
    this.#history.replace(items, { answered: items.length, root: null })
    this.actor.send({ type: 'chain.forget' })
  }

  /**
   * A second conversation that goes on from here, on a lane of its own. Until its first turn is bound to the last
   * response, the next turn of this one waits; if the server has moved on, the fork sends its history. Calls that are
   * open here run here, and count as not run in the fork.
   *
   * @throws {HoldlineError} `ERR_BUSY` while a turn runs; `ERR_CLOSED` once the connection was stopped
   */
  fork(options: { readonly lane?: string | undefined } = {}): Conversation {
    checkForkOptions(options)
    if (this.#running !== null) throw busy()
    // Steers that the server keeps for the next turn would go into the fork's, if that came on the same lane.
    const chain = this.#steering.taken().length > 0 ? null : this.actor.getSnapshot().context.chain
    const { answered, root } = this.#history
    const start: ConversationStart = {
      history: this.#history.items(),
      at: { answered, root },
      chain: chain === null ? null : { ...chain, isForked: true },
      parent: this.actor,
    }
    return this.#host.open({ ...this.#settings, id: null, lane: options.lane ?? null }, start)
  }

  /** Hears what the conversation does: `turn.planned`, `turn.resent` with its reason, `turn.settled`, … */
  on<Type extends ConversationEmitted['type']>(
    type: Type,
    listener: (event: Extract<ConversationEmitted, { type: Type }>) => void,
  ): () => void {
    const subscription: Subscription = this.actor.on(type, listener as (event: ConversationEmitted) => void)
    return () => subscription.unsubscribe()
  }

  /** All that another process needs to go on: plain data, without credentials. Every output that is there is in it. */
  save(): SavedConversation {
    const { answered, root } = this.#history
    return saveConversation({
      id: this.id,
      turns: this.#turns,
      history: this.history,
      answered,
      from: root,
      chain: this.actor.getSnapshot().context.chain,
      calls: this.#calls.marks(),
      settings: this.#settings,
      underWay: this.turn === null ? null : { progress: this.#progress(), input: this.turn.input },
    })
  }

  /** Cancels the turn and the run under way, tells running tools to stop, and gives the lane back. */
  close(): void {
    if (this.actor.getSnapshot().status !== 'active') return
    this.#run?.cancel(endedError())
    this.actor.send({ type: 'cancel' })
    this.#host.line.send({ type: 'conversation.close', conversationId: this.#key })
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
      // The server refuses a call without its output, also in a warm-up.
      if (this.#running === null && this.#history.blockingCalls().length === 0) this.#begin('warm-up')
    })
    const ended = (error?: unknown): void => this.#abandon(endedError(error))
    this.actor.subscribe({ complete: ended, error: ended })
  }

  #assertActive(): void {
    if (this.actor.getSnapshot().status !== 'active') throw endedError()
  }

  #respond(input: ConversationInput, options: RespondOptions, watch?: (event: ServerEvent) => void): Turn {
    checkRespondOptions(options)
    const { signal, settings } = options
    signal?.throwIfAborted()
    this.#assertActive()
    if (this.turn !== null) throw busy()
    const { outputs, rest } = this.#history.split(toItems(input))
    this.#check(outputs, rest)
    // A warm-up gives way: the turn carries the history itself.
    if (this.#running !== null) this.#drop(this.#running)
    for (const output of outputs) this.#history.answer(output)
    if (rest.length > 0) this.#answerOpen(false)
    const taken = this.#steering.taken()
    // Where the server puts them is known only right behind what it has answered.
    if (taken.length > 0 && this.#chainLength !== this.#history.answered) this.#forgetChain()
    this.#history.begin(rest, taken)
    return this.#begin('turn', { items: [...outputs, ...rest], signal, settings, watch, taken: taken.length })
  }

  /** @throws {HoldlineError} `ERR_BAD_INPUT` when there is nothing to answer, or calls stay open that must not */
  #check(outputs: readonly InputItem[], rest: readonly InputItem[]): void {
    const answered = new Set(outputs.map(answeredCallOf))
    const open = this.#history.blockingCalls().filter((item) => !answered.has(callIdOf(item)))
    const isAnswered = rest.length > 0 && this.#settings.onOpenCalls === 'answer'
    if (open.length > 0 && !isAnswered) throw callsStayOpen(open.length)
    if (rest.length + outputs.length > 0 || this.#history.hasUnanswered) return
    throw badInput('is empty', 'Give a text or at least one item')
  }

  /** Calls that hold the next message up are answered as not run; what cannot be answered in words is taken out. */
  #answerOpen(withAsync: boolean): void {
    const gone = this.#calls.answerAll(withAsync)
    if (gone.length === 0) return
    this.#history.remove(new Set(gone))
    this.#forgetChain()
  }

  get #chainLength(): number | null {
    return this.actor.getSnapshot().context.chain?.length ?? null
  }

  #forgetChain(): void {
    // A warm-up that gave way is still under way in the chart.
    if (!this.actor.getSnapshot().matches('idle')) this.actor.send({ type: 'cancel' })
    this.actor.send({ type: 'chain.forget' })
  }

  #waiting(callId: string): OpenCall {
    const call = this.#calls.find(callId)
    const isWaiting = call?.state === 'open' || call?.state === 'needs-approval' || call?.state === 'approved'
    if (call === undefined || !isWaiting) throw noOpenCall()
    return call
  }

  #runHost(): RunHost {
    return {
      calls: this.#calls,
      history: this.#history,
      clock: this.#host.clock,
      tools: runnable(this.#settings.tools),
      text: this.#request.text,
      ownFunctions: ownFunctions(this.#settings.tools),
      respond: (input, options, watch) => this.#respond(input, options, watch),
      onResent: (listener) => this.on('turn.resent', listener),
    }
  }

  #begin(kind: TurnRun['kind'], of: Beginning = {}): Turn {
    const { items = [], signal, settings, taken, watch, origin, policy } = of
    if (kind === 'warm-up') this.#history.begin([])
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
    this.#running = new TurnRun({ turn, kind, request, signal, tell, watch, steering: this.#steering })
    // What a caller with a history of its own goes on from has been compared already.
    const model = origin === undefined ? String(request.model) : this.#settings.request.model
    const size = { turnId, length: this.#history.length, model, taken, origin, policy }
    this.actor.send(kind === 'turn' ? { type: 'respond', ...size } : { type: 'prime', ...size })
    return turn
  }

  /** A lane was granted: sends what was planned, on the socket that it was planned for. */
  #transmit(planned: TurnPlanned): void {
    const run = this.#running
    if (run === null) return
    const { connectionKey } = planned
    if (connectionKey === HTTP || !this.#host.switchboard.hasRested(connectionKey)) {
      return this.#handOver(run, planned)
    }
    // After a sleep timers run before the sockets are read: a close that has come is to be seen first.
    setImmediate(() => {
      if (this.#running === run) this.#handOver(run, planned)
    })
  }

  #handOver(run: TurnRun, { connectionKey, lane, plan }: TurnPlanned): void {
    const { switchboard, transport, clock } = this.#host
    const create = createOf(run.request, plan, this.#history)
    try {
      if (connectionKey === HTTP) return run.sendOverHttp(transport(), create, clock)
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
      this.#history.rollBack()
      const because = result.outcome === 'unsent' ? this.#host.closedError() : null
      return run.turn.settle(result, { error: run.errorOf(result, because) })
    }
    const additions = run.additions(result)
    // A warm-up answers nothing; what a server makes of it all the same is history.
    if (run.kind === 'warm-up' && additions.length === 0) this.#history.keep()
    else this.#keep(additions)
    run.turn.settle(result, { response })
  }

  #keep(additions: readonly HistoryItem[]): void {
    if (this.#isStateless) return this.#history.rollBack()
    const dropped = this.#history.commit(additions)
    if (dropped > 0) this.actor.send({ type: 'chain.shrink', items: dropped })
  }

  /** The actor has ended with a turn under way: its waiters must settle all the same. */
  #abandon(error: Error): void {
    this.#compactions.end(error)
    for (const { stop } of this.#calls.allRunning) stop(error)
    this.#run?.cancel(error)
    const run = this.#running
    if (run === null) return
    this.#running = null
    run.end(true)
    this.#history.rollBack()
    this.#steering.cut()
    const result = lostResult(run.turn.id, run.reader === null ? 'queued' : 'streaming')
    run.turn.settle(result, { error: run.errorOf(result, error) })
  }

  /** A warm-up that gives way to a turn. */
  #drop(run: TurnRun): void {
    this.#running = null
    this.#history.keep()
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

function callsStayOpen(count: number): HoldlineError {
  return badInput(
    `leaves ${count} tool call(s) without an output`,
    'Give one output for each, or run(): see conversation.openCalls',
  )
}

interface Beginning extends RespondOptions, Partial<Pick<Exchange, 'origin' | 'policy' | 'request'>> {
  readonly items?: Turn['input']
  readonly taken?: number
  /** Hears each event of the turn. */
  readonly watch?: ((event: ServerEvent) => void) | undefined
}
