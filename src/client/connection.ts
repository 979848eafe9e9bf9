import { createActor, waitFor } from 'xstate'
import { CloseCode, canSteer, openai } from '../protocol/index.ts'
import type { CloseInfo, ConnectionEmitted, ConnectionStateName } from '../../machines/index.ts'
import { BadOptionError, HoldlineError } from '../protocol/errors.ts'
import type {
  ClientEvent,
  FunctionToolDefinition,
  ResponseCreateEvent,
  ServerEvent,
} from '../protocol/index.ts'
import { type RequestCredential, isOwnCredential } from '../dial/own-credential.ts'
import { type SocketFactory, createSocketActor, socketHandle } from '../socket/index.ts'
import { type ConnectionError, closedError, degradedError, endedError } from './connection-error.ts'
import { type ConnectionActorRef, type ConnectionSnapshot, connectionMachine } from './connection-machine.ts'
import { Conversation } from './conversation/conversation.ts'
import type { ConversationHost, ConversationStart } from './conversation/host.ts'
import {
  type ConversationOptions,
  type ConversationSettings,
  conversationSettings,
  type AbortOptions,
} from './conversation/options.ts'
import { checkHistory } from './conversation/history-rules.ts'
import { type SavedConversation, parseSaved, restoredChain } from './conversation/saved.ts'
import type { Turn } from './conversation/turn.ts'
import { Switchboard } from './conversation/switchboard.ts'
import { Following } from './following.ts'
import type { RequestBody } from './request/request-body.ts'
import { type RequestTurnOptions, Requests } from './request/requests.ts'
import { type LineActorRef, type LineSnapshot, connectionOf, lineMachine } from './line-machine.ts'
import type { ApiKey } from '../protocol/secret.ts'
import { type ConnectionOptions, connectionInput, sealKey, toFallback } from './options.ts'
import { laneEvidence, noteLaneEvidence } from './endpoint-lanes.ts'
import { isServerEvent } from './server-event.ts'
import { nodeClock } from './tools/run-options.ts'

/** Options of `connect`. */
export interface ConnectOptions {
  /** Serves from the next attempt on. Default: the `apiKey` of the constructor. */
  readonly apiKey?: ApiKey | undefined
  /** Aborted while the connection is not open yet, it gives the attempt up and rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** Options of `close`: the close frame (RFC 6455 section 5.5.1). */
export interface CloseOptions {
  /** 1000, or 3000 to 4999. Default: 1000. */
  readonly code?: number | undefined
  /** At most 123 bytes of UTF-8. Default: none. */
  readonly reason?: string | undefined
}

/** What a warm-up sends ahead: the settings of the turns to come. */
export interface WarmUpParams {
  readonly model: string
  readonly tools?: readonly FunctionToolDefinition[] | undefined
  readonly instructions?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

type EmittedOf<Type extends ConnectionEmitted['type']> = Extract<ConnectionEmitted, { type: Type }>

/**
 * One kept WebSocket to a Responses API: the charts behind methods and promises.
 *
 * Nothing here decides anything. `line` is the running owner of the connection, and `actor` the connection itself,
 * for `subscribe`, `select` and inspection.
 *
 * @example
 * ```ts
 * await using connection = new ResponsesConnection({ apiKey: process.env.OPENAI_API_KEY })
 * const conversation = connection.conversation({ model: 'gpt-5.4', instructions: 'Be brief.' })
 * const { text } = await conversation.run('Hello')
 * ```
 */
export class ResponsesConnection {
  /** The running actor of the line chart: one connection, and two while it moves over. */
  readonly line: LineActorRef
  readonly #following: Following
  readonly #host: ConversationHost<Conversation>
  #actor: ConnectionActorRef
  #conversations = 0
  #requests: Requests | null = null

  /** @throws {BadOptionError} with the path of the first bad option. Nothing is dialed before it is asked for. */
  constructor(options: ConnectionOptions = {}) {
    const connection = connectionInput(options)
    const { inspect, clock, provider = openai } = options
    const lanes = laneEvidence(provider, connection.endpoint)
    this.line = createActor(machineFor(options), {
      input: {
        connection,
        fallback: toFallback(options),
        lanes,
      },
      ...(inspect && { inspect }),
      ...(clock && { clock }),
    })
    const switchboard = new Switchboard(this.line, lanes, (evidence) =>
      noteLaneEvidence(connection.endpoint, evidence),
    )
    this.#following = new Following((one) => one.id === this.actor.id)
    this.#host = {
      line: this.line,
      switchboard,
      canSteer: (model) => canSteer(provider, model),
      primes: provider.warmUp,
      clock: clock ?? nodeClock,
      closedError: () => this.closedError,
      transport: () => this.actor.getSnapshot().context.transport,
      open: (settings, start) => this.#open(settings, start),
    }
    const attached = new Set<string>()
    const attach = (): void => {
      for (const { id } of slotsOf(this.line.getSnapshot())) {
        const actor = connectionOf(this.line, id)
        if (actor === undefined || attached.has(id)) continue
        attached.add(id)
        switchboard.attach(actor)
        this.#following.attach(actor)
      }
    }
    // With an observer for it, an error of the chart is this class's to report, not an uncaught exception.
    this.line.subscribe({ next: attach, error: () => {} })
    this.line.start()
    attach()
    this.#actor = connectionOf(this.line, 'connection-1') as ConnectionActorRef
  }

  /** The running actor of `connectionMachine` on which turns start. It is another one after the line has moved. */
  get actor(): ConnectionActorRef {
    const { current } = this.line.getSnapshot().context
    this.#actor = (current && connectionOf(this.line, current.id)) ?? this.#actor
    return this.#actor
  }

  /** The top-level state of the chart; `closed` once it was stopped. */
  get state(): ConnectionStateName {
    const { value, status } = this.#snapshot
    if (status !== 'active') return 'closed'
    return (typeof value === 'string' ? value : Object.keys(value)[0]) as ConnectionStateName
  }

  /** True when `send` would put an event on the wire now. */
  get isOpen(): boolean {
    return isReady(this.#snapshot)
  }

  /** How the last socket, or the last attempt, ended; null before any has. */
  get lastCloseInfo(): CloseInfo | null {
    return this.#snapshot.context.lastCloseInfo
  }

  /** Why the connection is `closed`, with what to do about it; null in every other state. */
  get closedError(): ConnectionError | null {
    return this.state === 'closed' ? closedError(this.#snapshot.context) : null
  }

  /** The response that the next `response.create` may continue, or null. */
  get previousResponseId(): string | null {
    return this.#snapshot.context.previousResponseId
  }

  /**
   * Resolves when `send` would be taken, at once if it would. Calls made while an attempt is under way join it; one
   * made after the connection was given up starts over.
   *
   * @throws {ConnectionError} when the retries are spent, when the verdict is final, or when it is closed meanwhile
   */
  async connect({ apiKey, signal }: ConnectOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    this.#assertRunning()
    // Another key may not see what was stored under the last one.
    if (apiKey !== undefined) this.#requests?.forget()
    this.line.send({ type: 'connect', apiKey: apiKey === undefined ? undefined : sealKey(apiKey) })
    await this.#until((line) => this.isOpen || isEnded(line), signal).catch((error: unknown) => {
      if (signal?.aborted === true && !this.isOpen) this.line.send({ type: 'close' })
      throw error
    })
    if (this.isOpen) return
    throw this.line.getSnapshot().matches('degraded') ? degradedError() : closedError(this.#snapshot.context)
  }

  /** Skips the rest of the backoff, but not the floor between two attempts. Does nothing in other states. */
  retry(): void {
    this.line.send({ type: 'retry' })
  }

  /**
   * Puts one event on the wire, now.
   *
   * @throws {HoldlineError} `ERR_NOT_OPEN`, `ERR_BAD_EVENT`, `ERR_FRAME_TOO_LARGE` or `ERR_BACKPRESSURE`; then
   * nothing of it was sent
   */
  send(event: ClientEvent): void {
    const handle = isReady(this.#snapshot) ? socketHandle(this.#snapshot.children.socket) : undefined
    if (handle === undefined) {
      throw new HoldlineError(
        'ERR_NOT_OPEN',
        `The connection is ${this.state}, not open. The event was not sent. Wait for connect(), and send it again.`,
      )
    }
    handle.send(event)
  }

  /**
   * Sends a `response.create` with `generate: false`, which loads model, tools and instructions and generates
   * nothing. Its `response.completed` carries an id that the first turn can continue.
   *
   * @throws {HoldlineError} as `send` does
   */
  warmUp(params: WarmUpParams): void {
    const { model, tools, instructions, metadata } = params
    const event: ResponseCreateEvent = { type: 'response.create', generate: false, model, input: [] }
    this.send({
      ...event,
      ...(tools && { tools }),
      ...(instructions !== undefined && { instructions }),
      ...(metadata && { metadata }),
    })
  }

  /**
   * Shakes hands and stays closed; resolves when nothing of the connection is left. Waiting `connect` calls reject.
   *
   * @throws {BadOptionError} for a close code or a reason that RFC 6455 does not allow
   */
  async close({ code, reason }: CloseOptions = {}): Promise<void> {
    checkCloseFrame(code, reason)
    if (this.line.getSnapshot().status !== 'active') return
    this.line.send({ type: 'close', code, reason })
    // Stopped meanwhile is closed as well.
    await this.#until(() => !this.#isShakingHands()).catch(() => {})
  }

  /** Ends everything at once, without a close handshake: the peer sees 1006. The connection cannot be used again. */
  stop(): void {
    this.line.stop()
  }

  /**
   * Opens a conversation: a chain of turns with its history. It connects by itself when its first turn needs it.
   *
   * @throws {BadOptionError} with the option's path
   */
  conversation(options: ConversationOptions): Conversation {
    const settings = conversationSettings(options)
    const { history = [], from } = options
    checkHistory(history, 'history', from === undefined)
    return this.#open(settings, {
      history: structuredClone(history),
      at: { root: from ?? null },
      chain: null,
    })
  }

  /**
   * Goes on with a conversation that was saved, in this process or another. Turns that were stored are continued by
   * id, others by sending the history. A turn that was under way comes back as `lostTurn`.
   *
   * @throws {BadOptionError} with the path of what is not as `save` writes it, or of a bad option
   */
  restore(saved: SavedConversation, options: ConversationOptions): Conversation {
    const checked = parseSaved(saved)
    const settings = conversationSettings({
      replay: checked.replay,
      ...(checked.lane !== null && { lane: checked.lane }),
      ...options,
    })
    const { history, answered, from, underWay } = checked
    const chain = restoredChain(checked)
    return this.#open(settings, { history, at: { answered, root: from }, underWay, chain, saved: checked })
  }

  /**
   * Runs a request that brings its whole history, as for `POST …/responses`, and sends of it what the server does not
   * remember: where this connection has answered a beginning of the input, that response is continued. Ids, `status`,
   * reasoning and the form of texts and arguments do not matter for that; the model, `store` and the scope do.
   *
   * A `previous_response_id` of the body is continued as it is. If the server does not know it the turn is refused,
   * and nothing is sent without it. Do not change the body before the turn is over.
   *
   * @throws {BadOptionError} with the path of a bad option, or of what a WebSocket cannot take (`body.background`)
   * @throws {ConnectionError} `ERR_CLOSED` once the connection was stopped
   */
  request(body: RequestBody, options: RequestTurnOptions = {}): Turn {
    this.#assertRunning()
    this.#requests ??= new Requests(this.#host)
    return this.#requests.begin(body, options)
  }

  /**
   * Whether this connection is dialed with this key, organization and project. A function as key is asked. False
   * where either side has one that the other has not.
   */
  isFor(credential: RequestCredential, { signal }: AbortOptions = {}): Promise<boolean> {
    return isOwnCredential(this.#host.transport(), credential, signal ?? new AbortController().signal)
  }

  /**
   * Hears one type of event, across reconnects: any server event by its `type`, or what the connection says
   * itself (`connection.opened`, `connection.lost`, `connection.closed`, `send.refused`, …). `*` hears all.
   *
   * @returns a function that ends it
   */
  on<Type extends ConnectionEmitted['type'] | '*'>(
    type: Type,
    listener: (event: Type extends ConnectionEmitted['type'] ? EmittedOf<Type> : ConnectionEmitted) => void,
  ): () => void {
    return this.#following.on(type, listener as (event: ConnectionEmitted) => void)
  }

  /** Hears every server event, those of unknown type included. Returns a function that ends it. */
  onMessage(listener: (event: ServerEvent) => void): () => void {
    return this.on('*', (event) => {
      if (isServerEvent(event)) listener(event)
    })
  }

  /** Closes, and stops the actor. The connection cannot be used again. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
    this.stop()
  }

  get #snapshot(): ConnectionSnapshot {
    return this.actor.getSnapshot()
  }

  #open(settings: ConversationSettings, start: ConversationStart): Conversation {
    this.#assertRunning()
    this.#conversations += 1
    return new Conversation(this.#host, settings, `conversation-${this.#conversations}`, start)
  }

  #assertRunning(): void {
    const { status, error } = this.line.getSnapshot()
    if (status !== 'active') throw endedError(error)
  }

  #isShakingHands(): boolean {
    return slotsOf(this.line.getSnapshot()).some(
      ({ id }) => connectionOf(this.line, id)?.getSnapshot().matches({ closed: 'handshake' }) === true,
    )
  }

  async #until(predicate: (snapshot: LineSnapshot) => boolean, signal?: AbortSignal): Promise<void> {
    try {
      await waitFor(this.line, predicate, { timeout: Infinity, ...(signal && { signal }) })
    } catch {
      if (signal?.aborted === true) throw signal.reason
      throw endedError(this.line.getSnapshot().error)
    }
  }
}

/** To lay out a machine costs more than to run it: each factory's serves all of its connections. */
const machines = new WeakMap<SocketFactory, typeof lineMachine>()

function machineFor({ socketFactory }: ConnectionOptions): typeof lineMachine {
  if (socketFactory === undefined) return lineMachine
  const known = machines.get(socketFactory)
  if (known !== undefined) return known
  const connection = connectionMachine.provide({ actors: { socket: createSocketActor({ socketFactory }) } })
  const machine = lineMachine.provide({ actors: { connection } })
  machines.set(socketFactory, machine)
  return machine
}

function slotsOf({ context }: LineSnapshot): { readonly id: string }[] {
  return [context.current, context.next, ...context.retiring].filter((slot) => slot !== null)
}

function isReady(snapshot: ConnectionSnapshot): boolean {
  return (
    snapshot.status === 'active' &&
    snapshot.matches('open') &&
    !snapshot.matches({ open: { age: 'expired' } })
  )
}

function isEnded(line: LineSnapshot): boolean {
  return line.matches('ended') || line.matches({ degraded: 'cooling' })
}

/** RFC 6455 sections 5.5 and 7.4: what an application may put into a close frame. */
function checkCloseFrame(code: number | undefined, reason: string | undefined): void {
  if (
    code !== undefined &&
    code !== CloseCode.NORMAL &&
    !(Number.isInteger(code) && code >= 3000 && code <= 4999)
  ) {
    throw new BadOptionError('code', 'must be 1000, or from 3000 to 4999')
  }
  if (reason !== undefined && new TextEncoder().encode(reason).length > 123) {
    throw new BadOptionError('reason', 'must be at most 123 bytes of UTF-8')
  }
}
