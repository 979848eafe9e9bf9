import type { InspectionEvent } from 'xstate'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { ResponsesConnection } from '../../../src/client/connection.ts'
import type { SimulatedClock } from '../../../src/testing/clock.ts'
import { type OutsideConversationOptions, READY_FORKS } from '../model/conversation-outside.ts'
import type { ConversationStep, ConversationView } from '../model/conversation-steps.ts'
import { ConversationAudit } from './conversation-audit.ts'
import { ConversationLog } from './conversation-log.ts'
import { LANES, MAX_FRAME_BYTES, TURN, beginConversation, connectTo, stageFor } from './conversation-stage.ts'
import { ForkRow } from './fork-row.ts'
import { type ServerTurnStep, giveByHand } from './give-by-hand.ts'
import { LaneCrowd } from './lane-crowd.ts'
import type { Subject } from '../../../src/testing/properties/subject.ts'
import type { World, WorldOptions } from '../../../src/testing/network/world.ts'

type Step<Name extends ConversationStep['do']> = Extract<ConversationStep, { do: Name }>

/** Less than any turn waits for its first event. */
const KEEPALIVE_MS = 60_000

/** Options of {@link createConversationClassSubject}. */
export interface ConversationClassSubjectOptions extends WorldOptions {
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
}

/**
 * A conversation over real sockets: a gate in the middle, a local server behind it that gives its turns by hand, a
 * crowd of others that have all lanes until a step gives one away, and a simulated clock. Every step is caused from
 * outside, as `OutsideConversationModel` has it.
 */
export class ConversationClassSubject implements Subject<ConversationStep> {
  readonly world: World
  readonly #connection: ResponsesConnection
  readonly #conversation: Conversation
  readonly #log: ConversationLog
  readonly #audit: ConversationAudit
  readonly #crowd: LaneCrowd
  readonly #forks: ForkRow
  /** The application has it in its hands until a turn is sent, and may let it grow. */
  readonly #metadata: Record<string, string> = { turn: TURN }
  #warmUp = new AbortController()

  constructor(
    world: World,
    connection: ResponsesConnection,
    conversation: Conversation,
    log: ConversationLog,
  ) {
    this.world = world
    this.#connection = connection
    this.#conversation = conversation
    this.#log = log
    this.#crowd = new LaneCrowd(connection, world.server, LANES)
    this.#forks = new ForkRow(world.server, READY_FORKS)
    this.#audit = new ConversationAudit(conversation, world.server, log)
  }

  /** The actor of the conversation chart. */
  get actor(): Conversation['actor'] {
    return this.#conversation.actor
  }

  get clock(): SimulatedClock {
    return this.world.clock
  }

  view(): ConversationView {
    return this.#log.view()
  }

  complaints(): string[] {
    return this.#audit.complaints()
  }

  async take(step: ConversationStep): Promise<void> {
    await this.#tidy()
    await this.#do(step)
    await this.clock.advance(0)
    this.#log.noteSocket()
  }

  async stop(): Promise<void> {
    this.#connection.stop()
    await this.world.stop()
  }

  /** What the conversation has left behind is ended, and whoever is there to keep lanes keeps them. */
  async #tidy(): Promise<void> {
    for (const left of this.#audit.given) if (left !== this.#audit.current) left.end('completed')
    await this.clock.advance(0)
    this.#crowd.leaveOthers()
    await this.clock.advance(0)
    this.#crowd.queue()
    if (this.#conversation.actor.getSnapshot().value === 'idle') this.#forks.prepare(this.#conversation)
    await this.clock.advance(0)
  }

  async #do(step: ConversationStep): Promise<void> {
    switch (step.do) {
      case 'respond':
        return this.#respond(step)
      case 'prime':
        this.#warmUp = new AbortController()
        // Whether it resolves is tested elsewhere.
        this.#conversation.warmUp({ signal: this.#warmUp.signal }).catch(() => {})
        return
      case 'cancel':
        this.#conversation.turn?.cancel()
        return this.#warmUp.abort()
      case 'wait':
        return await this.#pass(step.ms)
      case 'next':
        return void (await this.clock.next())
      case 'grant':
        return await this.#grant(step)
      case 'refuse':
        return await this.#refuse()
      case 'moved':
        return await this.#move()
      case 'cut':
        return this.world.do(step)
      case 'forget':
        return await this.#compact()
      case 'hold':
        return await this.#sendFork()
      case 'release':
        return this.#forks.bindOldest()
      case 'steer':
        // The server answers at once, so that it must not hear of it yet.
        this.world.gate.newest?.freeze('client')
        return void this.#conversation.turn?.steer('and be brief')
      case 'steer over':
        return this.world.do({ do: 'thaw' })
      case 'shrink':
      case 'lost elsewhere':
      case 'steer accepted':
      case 'steer closed':
        // Nothing outside does these by themselves.
        return
      default:
        return this.#serve(step)
    }
  }

  #respond({ items = 1 }: Step<'respond'>): void {
    const input = Array.from({ length: items }, () => ({
      type: 'message' as const,
      role: 'user' as const,
      content: 'hi',
    }))
    this.#audit.note(this.#conversation.respond(input, { settings: { metadata: this.#metadata } }))
  }

  async #grant({ unsent }: Step<'grant'>): Promise<void> {
    const { gate } = this.world
    const { length } = this.view().sent
    this.#crowd.standAside()
    this.#forks.standAside()
    if (unsent === 'too large') this.#metadata['padding'] = 'x'.repeat(MAX_FRAME_BYTES)
    if (gate.newest?.held === true) await this.world.take({ do: 'accept' })
    else this.#crowd.letOneGo()
    await this.clock.advance(0)
    if (unsent !== undefined && this.view().sent.length > length) this.#log.noteUnsent()
    delete this.#metadata['padding']
    this.#crowd.queue()
    this.#forks.queue()
  }

  /** Another socket is dialed, if none is yet, and cannot be had; and the one that was to be left goes. */
  async #refuse(): Promise<void> {
    const { gate } = this.world
    if (gate.newest?.held !== true) await this.#expire()
    await this.world.take({ do: 'refuse', status: 404 })
    for (const passage of gate.passages) if (passage.live) passage.cut()
  }

  async #move(): Promise<void> {
    this.#forks.standAside()
    await this.#expire()
    await this.world.take({ do: 'accept' })
  }

  /** The server says that its time is up, in answer to nothing. */
  async #expire(): Promise<void> {
    this.world.do({ do: 'expire' })
    await this.clock.advance(0)
  }

  /** A fork is given a lane before anybody else. */
  async #sendFork(): Promise<void> {
    this.#crowd.standAside()
    this.#crowd.letOneGo()
    await this.clock.advance(0)
    this.#forks.acknowledgeSent()
    await this.clock.advance(0)
    // Who waits already waits behind the forks; else they are to wait behind the crowd.
    const { request, lease } = this.#conversation.actor.getSnapshot().context
    if (request !== null && lease === null) return
    this.#forks.standAside()
    this.#crowd.queue()
    this.#forks.queue()
  }

  async #compact(): Promise<void> {
    const done = this.#conversation.compact()
    await this.clock.advance(0)
    this.world.gate.passages.at(-1)?.letThrough()
    await done
  }

  /** The forks that hold it must not give up meanwhile. */
  async #pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= KEEPALIVE_MS) {
      if (this.view().holds === 0) return await this.clock.advance(left)
      this.#forks.keepAlive()
      await this.clock.advance(Math.min(left, KEEPALIVE_MS))
    }
  }

  #serve(step: Step<Exclude<ServerTurnStep['do'], 'steer closed'>>): void {
    const given = this.#audit.current
    if (given === undefined) return
    this.#log.noteGiven(given.responseId, step)
    if (step.do === 'ended' && step.compacts === true) {
      given.end(step.end, { output: [{ type: 'compaction' }] })
    } else giveByHand(given, step)
  }
}

/** A conversation in a world of its own, ready for steps. Stop it when it has served. */
export async function createConversationClassSubject(
  options: OutsideConversationOptions = {},
  { inspect, ...more }: ConversationClassSubjectOptions = {},
): Promise<ConversationClassSubject> {
  const world = await stageFor(more)
  let log: ConversationLog | null = null
  const connection = connectTo(world, options, (event) => {
    world.note()
    log?.hear(event)
    inspect?.(event)
  })
  const conversation = await beginConversation(world, connection, options)
  log = new ConversationLog(conversation, connection.line)
  return new ConversationClassSubject(world, connection, conversation, log)
}
