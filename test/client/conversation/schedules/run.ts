import { ResponsesConnection } from '../../../../src/client/connection.ts'
import { type ProviderProfile, azure, openai, vercel } from '../../../../src/protocol/providers.ts'
import {
  type ConnectionFault,
  type ModelRequest,
  type ResponsesServer,
  type Script,
  type ServerConnection,
  SimulatedClock,
  type Turn,
  type TurnFault,
  settle,
} from '../../../../src/testing/index.ts'
import { createMemoryServer } from '../../../support/memory-transport.ts'
import type { Schedule, Step } from './schedule.ts'
import { Talk } from './talk.ts'
import { WireLog } from './wire-log.ts'

/** Turns of the event loop in which everything between two ends of a stream has come to rest. */
const REST = 3
/** Steps of the clock within which every turn must have settled. */
const PATIENCE = 500

/** What came of a schedule. */
export interface Report {
  readonly talks: readonly Talk[]
  readonly wire: WireLog
  /** The items that the server answered, by the marker of the turn. */
  readonly seen: ReadonlyMap<string, readonly unknown[]>
  /** Sentences about what was left behind or never came. */
  readonly problems: readonly string[]
}

/** @param watch sees the connection before anything happens, and gives what is to be done at the end */
export async function runSchedule(
  schedule: Schedule,
  watch?: (connection: ResponsesConnection, clock: SimulatedClock) => () => Promise<void>,
): Promise<Report> {
  const run = await Run.start(schedule)
  const unwatch = watch?.(run.connection, run.clock)
  try {
    for (const step of schedule.steps) await run.take(step)
    if (schedule.end !== 'stop-at-once') await run.finish()
  } finally {
    await run.end()
    await unwatch?.()
  }
  return run
}

class Run implements Report {
  readonly wire: WireLog
  readonly talks: readonly Talk[]
  readonly seen: Map<string, readonly unknown[]>
  readonly problems: string[] = []
  readonly #schedule: Schedule
  readonly clock: SimulatedClock
  readonly #server: ResponsesServer
  readonly connection: ResponsesConnection
  readonly #heal: () => void

  static async start(schedule: Schedule): Promise<Run> {
    const clock = new SimulatedClock({ settle: () => settle(REST) })
    const wire = new WireLog()
    const seen = new Map<string, readonly unknown[]>()
    const responses = [...schedule.responses]
    const model = ({ context, previousResponseId }: ModelRequest) => {
      seen.set(markerOf(context), context)
      return { text: 'fine', ...namingOldResponses(responses.shift() ?? {}, previousResponseId) }
    }
    const { server, socketFactory } = await createMemoryServer(
      { ...schedule.script, turns: [...schedule.warmUps], clock, model },
      wire.tap,
    )
    const connection = new ResponsesConnection({
      url: server.url,
      provider: providerOf(schedule.script, server.url),
      apiKey: 'sk-planted',
      jitter: 'none',
      maxAgeMs: schedule.maxAgeMs,
      pingIntervalMs: schedule.pingIntervalMs,
      maxRetries: schedule.maxRetries,
      maxPayloadBytes: 65_536,
      clock,
      socketFactory,
    })
    return new Run(schedule, clock, server, connection, wire, seen, () => responses.splice(0))
  }

  private constructor(
    schedule: Schedule,
    clock: SimulatedClock,
    server: ResponsesServer,
    connection: ResponsesConnection,
    wire: WireLog,
    seen: Map<string, readonly unknown[]>,
    heal: () => void,
  ) {
    this.#schedule = schedule
    this.clock = clock
    this.#server = server
    this.connection = connection
    this.wire = wire
    this.seen = seen
    this.#heal = heal
    this.talks = schedule.conversations.map(({ replay, store, lane }, index) => {
      const conversation = connection.conversation({ model: 'm', replay, store, ...(lane && { lane }) })
      return new Talk(conversation, `turn-${index + 1}`, replay)
    })
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'respond': {
        const talk = this.talks[step.conversation]
        if (talk !== undefined && !talk.busy) talk.ask()
        break
      }
      case 'cancel':
        this.talks[step.conversation]?.conversation.turn?.cancel()
        break
      case 'wait':
        await settle(step.turns)
        break
      case 'advance':
        await this.clock.advance(step.ms)
        break
      case 'strike':
        this.#strike(step.fault)
        break
      case 'upgrades':
        this.#server.enqueueUpgrades(step.answer)
        break
      case 'forget':
        for (const connection of this.#open()) connection.forget()
        break
      case 'forget-stored':
        this.#server.forgetStored()
        break
      case 'expire':
        for (const connection of this.#open()) connection.expire()
        break
      case 'close':
        void this.connection.close()
        break
      case 'connect':
        this.connection.connect().catch(() => {})
        break
    }
  }

  /** Lets everything come to its end, and then asks each conversation once more, of a server that is well. */
  async finish(): Promise<void> {
    await this.#until('every turn settles', () => this.#settled())
    this.#heal()
    this.#server.acceptUpgrades()
    // A peer that has fallen silent is not well, and nothing says when it is noticed.
    if (/silence|stop-reading/.test(JSON.stringify(this.#schedule))) this.#server.dropAll()
    await settle(REST)
    // What the application has closed, only the application opens again.
    this.connection.connect().catch(() => {})
    for (const talk of this.talks)
      if (!(await this.#probe(talk))) this.problems.push('a conversation is stuck')
    if (this.#schedule.end === 'close') {
      let closed = false
      void this.connection.close().then(() => (closed = true))
      await this.#until('close() settles', () => closed)
    }
  }

  /**
   * What went before can spoil an attempt each: a response that was given up and still has a fault to come, an
   * upgrade under way, a chain that was forgotten where nothing is sent again, a server that closes after errors.
   */
  async #probe(talk: Talk): Promise<boolean> {
    const { warmUps, responses, steps } = this.#schedule
    const upgrades = steps.filter((step) => step.do === 'upgrades').length
    for (let left = warmUps.length + responses.length + upgrades + 2; left >= 0; left -= 1) {
      const { turn } = talk.ask()
      await this.#until('the last turn settles', () => this.#settled())
      if (turn.outcome === 'completed') return true
    }
    return false
  }

  async end(): Promise<void> {
    this.connection.stop()
    await settle(REST * 2)
    if (!this.#settled()) this.problems.push('a turn outlives stop()')
    const open = this.#open().length
    if (open > 0) this.problems.push(`${open} sockets outlive stop()`)
    await this.#server.close()
    const left = this.clock.pending()
    if (left.length > 0) this.problems.push(`timers outlive stop(): ${JSON.stringify(left)}`)
  }

  /** A stale event names the oldest response that the connection has ended on its default lane. */
  #strike(fault: ConnectionFault): void {
    for (const connection of this.#open()) {
      if (fault.do !== 'stale-event') connection.strike(fault)
      const old = this.#server
        .requests()
        .find((one) => one.connection === connection.id && one.lane === null && one.outcome === 'completed')
      if (fault.do === 'stale-event' && old?.responseId != null) {
        connection.strike({ ...fault, responseId: old.responseId })
      }
    }
  }

  #open(): ServerConnection[] {
    return this.#server.connections().filter((connection) => connection.open)
  }

  #settled(): boolean {
    return this.talks.every(({ asked }) =>
      asked.every(({ response, error, read }) => (response ?? error) && read),
    )
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    for (let step = 0; step < PATIENCE; step += 1) {
      await settle(1)
      if (holds()) return
      await this.clock.next()
    }
    this.problems.push(`${what}: not within ${PATIENCE} steps of the clock`)
  }
}

/** The client is told the truth about its server. */
function providerOf({ mode = 'openai', limits }: Script, url: string): ProviderProfile {
  const provider = { openai, 'generation-1': azure, vercel }[mode]
  return { ...provider, url, closesOnError: limits?.closesOnError ?? provider.closesOnError }
}

/** What a stale event tells of is over: nobody could say so of a response that was never heard of. */
function namingOldResponses(turn: Turn, old: string | null): Turn {
  if (turn.faults === undefined) return turn
  const faults = turn.faults.flatMap((fault): TurnFault[] => {
    if (fault.do !== 'stale-event') return [fault]
    return old === null ? [] : [{ ...fault, responseId: old }]
  })
  return { ...turn, faults }
}

/** The text of the last message that the client wrote. */
export function markerOf(items: readonly unknown[]): string {
  const last = (items as readonly { role?: string; content?: unknown }[]).findLast(
    ({ role }) => role === 'user',
  )
  return typeof last?.content === 'string' ? last.content : ''
}
