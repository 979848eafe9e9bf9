import { isDeepStrictEqual } from 'node:util'
import type { InspectionEvent } from 'xstate'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { Turn } from '../../../src/client/conversation/turn.ts'
import { type ProviderProfile, azure, openai } from '../../../src/protocol/providers.ts'
import { type ServerTurnStep, giveByHand } from '../drive/give-by-hand.ts'
import { type World, createWorld } from '../../../src/testing/network/world.ts'
import { isHoldlineError } from '../../../src/protocol/errors.ts'
import type { TurnByHand } from '../../../src/testing/server/by-hand.ts'
import { SocketNumbers } from '../drive/socket-numbers.ts'
import { TEST_KEY } from '../../../src/testing/model/options.ts'
import { printSteps } from '../../../src/testing/model/steps.ts'
import { ServerMind, markerOf, openCalls } from './transcript.ts'
import { Watch } from './watch.ts'

/** One thing that happens, caused from outside. What makes no sense where it stands is passed over. */
export type TalkStep =
  /** `who` counts the conversations, forks included, over and over. */
  | { readonly do: 'respond' | 'cancel' | 'warm up' | 'fork'; readonly who: number }
  | { readonly do: 'steer'; readonly who: number }
  /** The server does one step of one of the turns that it has begun. */
  | { readonly do: 'give'; readonly which: number; readonly step: ServerTurnStep }
  /** It ends a turn with a compaction item in its output, and a text after it. */
  | { readonly do: 'end compacted'; readonly which: number }
  /** The time of the backoff passes, and the dial is let through. */
  | { readonly do: 'accept' }
  | { readonly do: 'cut' }
  | { readonly do: 'forget' }
  | { readonly do: 'expire' }
  | { readonly do: 'hang-up'; readonly code: number }
  | { readonly do: 'refuse'; readonly status: number }
  | { readonly do: 'wait'; readonly ms: number }

export interface TalkOptions {
  readonly network: 'tcp' | 'memory'
  readonly lanes: 'many' | 'two' | 'none'
  readonly policy: 'never' | 'safe' | 'unanswered'
  readonly store: boolean
  /**
   * Turns are steered, and ask for tools. The transcript does not show where a server puts steers, so that it is asked
   * itself what it knows. Default: false.
   */
  readonly steers?: boolean
}

const MOST_CONVERSATIONS = 4
/** Rounds within which everything must have settled. */
const PATIENCE = 60

interface Asked {
  readonly marker: string
  readonly turn: Turn
  /** The history that the turn stands for: what was there, and its input. */
  readonly history: readonly unknown[]
  settled: number
}

/** Conversations of one connection, the model of each beside it, and a server that does what steps say. */
export class Talk {
  readonly #world: World
  readonly #options: TalkOptions
  readonly #connection: ResponsesConnection
  readonly #mind: ServerMind
  readonly #sockets = new SocketNumbers()
  readonly #watches: Watch[] = []
  readonly #asked: Asked[] = []
  /** By response: what the server gave it from. */
  readonly #contexts = new Map<string, readonly unknown[]>()
  readonly #named = new Set<string>()
  readonly #problems: string[] = []
  readonly #steps: TalkStep[] = []

  static async begin(options: TalkOptions): Promise<Talk> {
    const limits = { many: {}, two: { inFlight: 2, laneNames: 1 }, none: { inFlight: 1 } }[options.lanes]
    const world = await createWorld({
      network: options.network,
      script: {
        mode: options.lanes === 'none' ? 'generation-1' : 'openai',
        limits,
        default: { byHand: true },
        turns: [{ match: { warmup: true }, byHand: true, times: 1_000 }],
        keepFrames: true,
      },
    })
    return new Talk(world, options)
  }

  private constructor(world: World, options: TalkOptions) {
    this.#world = world
    this.#options = options
    this.#mind = new ServerMind(world.server)
    this.#connection = new ResponsesConnection({
      url: world.url,
      apiKey: TEST_KEY,
      provider: providerOf(options.lanes, world.url),
      jitter: 'none',
      pingIntervalMs: false,
      maxAgeMs: 600_000,
      turnBudgetMs: 300_000,
      clock: world.clock,
      socketFactory: world.socketFactory,
      inspect: (event) => this.#inspect(event),
    })
    const { policy, store } = options
    this.#watch(this.#connection.conversation({ model: 'gpt-6-astra', replay: policy, store }))
  }

  /** Does one step, and checks everything that can be checked after it. */
  async take(step: TalkStep): Promise<void> {
    this.#steps.push(step)
    await this.#do(step)
    await this.#world.clock.advance(0)
    this.#check()
  }

  /** The server answers everything, and accepts whoever dials: every turn must settle. */
  async finish(): Promise<void> {
    for (let round = 0; round < PATIENCE; round += 1) {
      if (this.#asked.every(({ settled }) => settled === 1)) return
      await this.take({ do: 'accept' })
      for (let left = this.#world.server.turnsByHand().length; left > 0; left -= 1) {
        await this.take({ do: 'give', which: 0, step: { do: 'ended', end: 'completed' } })
      }
      await this.take({ do: 'wait', ms: 5_000 })
    }
    this.#fail(['not every turn settles'])
  }

  async end(): Promise<void> {
    this.#connection.stop()
    await this.#world.stop()
    if (this.#world.clock.pending().length > 0) this.#fail(['timers outlive it'])
  }

  async #do(step: TalkStep): Promise<void> {
    const { server, clock, gate } = this.#world
    switch (step.do) {
      case 'respond':
        return this.#respond(this.#of(step.who).conversation)
      case 'cancel':
        return this.#of(step.who).conversation.turn?.cancel()
      case 'warm up':
        return void this.#of(step.who)
          .conversation.warmUp()
          .catch(() => {})
      case 'fork': {
        const { conversation } = this.#of(step.who)
        const isIdle = conversation.actor.getSnapshot().value === 'idle'
        if (!isIdle || this.#watches.length === MOST_CONVERSATIONS) return
        return this.#watch(conversation.fork())
      }
      case 'give': {
        const running = server.turnsByHand()
        const turn = running[step.which % Math.max(1, running.length)]
        if (turn !== undefined) this.#give(turn, step.step)
        return
      }
      case 'end compacted': {
        const running = server.turnsByHand()
        const turn = running[step.which % Math.max(1, running.length)]
        return turn?.end('completed', { output: [{ type: 'compaction' }, { type: 'text', text: 'shorter' }] })
      }
      case 'steer':
        return this.#steer(this.#of(step.who).conversation)
      case 'accept':
        if (gate.newest?.held !== true) await clock.advance(1_000)
        return await this.#world.take({ do: 'accept' })
      case 'forget':
        for (const one of server.connections()) if (one.open) one.forget()
        return server.forgetStored()
      case 'expire':
        // To a client the notice would be the answer to a create that waits on the default lane for one.
        if (server.turnsByHand().some(({ lane }) => lane === null)) return
        return this.#world.do(step)
      case 'wait':
        return await clock.advance(step.ms)
      default:
        return this.#world.do(step)
    }
  }

  #of(who: number): Watch {
    return this.#watches[who % this.#watches.length] as Watch
  }

  #respond(conversation: Conversation): void {
    if (conversation.turn !== null) return
    const marker = `turn ${this.#asked.length + 1}`
    const before = conversation.history
    const outputs = openCalls(before).map((id) => ({
      type: 'function_call_output',
      call_id: id,
      output: '42',
    }))
    const turn = conversation.respond([
      ...outputs,
      { type: 'message', role: 'user', content: marker },
    ] as never)
    const asked: Asked = { marker, turn, history: [...before, ...turn.input], settled: 0 }
    this.#asked.push(asked)
    void this.#settle(asked, conversation)
  }

  async #settle(asked: Asked, conversation: Conversation): Promise<void> {
    const response = await asked.turn.response.catch(() => null)
    asked.settled += 1
    if (response === null) return
    const { id, status, output } = response
    // Calls of a response that was cut short are no part of the history.
    const kept = status === 'completed' ? output : output.filter(({ type }) => !type.endsWith('_call'))
    const known = sinceCompaction([...(this.#contexts.get(id) ?? []), ...kept])
    if (isDeepStrictEqual(sinceCompaction(conversation.history), known)) return
    const differ = `the client keeps ${JSON.stringify(conversation.history)}, the server ${JSON.stringify(known)}`
    this.#problems.push(`after ${asked.marker} ${differ}`)
  }

  /** Where turns are steered, every response is named first, as the API has it of those that follow up others. */
  #give(turn: TurnByHand, step: ServerTurnStep): void {
    const isNaming = step.do === 'created'
    const begins = step.do === 'output' || step.do === 'ended'
    if (isNaming && this.#named.has(turn.responseId)) return
    // Whether a server goes on by itself from a response that its token limit ended is not documented: the client says no.
    const isLimited = step.do === 'ended' && step.end === 'incomplete' && step.code !== 'steered'
    if (this.#options.steers === true && isLimited) return
    if (this.#options.steers === true && begins && !this.#named.has(turn.responseId)) {
      this.#give(turn, { do: 'created' })
    }
    if (isNaming) this.#named.add(turn.responseId)
    giveByHand(turn, step)
  }

  /** Only a response that the server has named can be steered. */
  #steer({ turn }: Conversation): void {
    try {
      turn?.steer('shorter')
    } catch (error) {
      if (!isHoldlineError(error)) throw error
    }
  }

  #watch(conversation: Conversation): void {
    const { policy } = this.#options
    const watch = new Watch(conversation, { policy }, this.#world.clock, this.#sockets)
    this.#watches.push(watch)
  }

  #inspect(event: InspectionEvent): void {
    this.#world.note()
    for (const watch of this.#watches) watch.hear(event)
  }

  #check(): void {
    const problems = this.#problems.splice(0)
    for (const turn of this.#world.server.turnsByHand()) this.#contexts.set(turn.responseId, turn.context)
    for (const watch of this.#watches) {
      for (const { field, expected, actual } of watch.differences()) {
        problems.push(
          `${watch.conversation.id}: ${field}: must be ${JSON.stringify(expected)}, is ${JSON.stringify(actual)}`,
          `It met: ${printSteps(watch.steps)}`,
        )
      }
    }
    for (const { context, isWarmUp, responseId } of this.#mind.read()) {
      if (this.#options.steers === true) continue
      const histories = isWarmUp
        ? this.#watches.map(({ conversation }) => conversation.history)
        : this.#asked.filter(({ marker }) => marker === markerOf(context)).map(({ history }) => history)
      if (histories.some((history) => isDeepStrictEqual(sinceCompaction(history), sinceCompaction(context))))
        continue
      problems.push(`${responseId} was not answered from the history, but from ${JSON.stringify(context)}`)
    }
    if (this.#options.steers !== true && this.#mind.unexplained > 0)
      problems.push('a response continued another that never ended')
    const most = this.#options.policy === 'unanswered' ? 2 : 1
    for (const [marker, runs] of this.#mind.runs(this.#contexts)) {
      if (runs > most) problems.push(`${marker} ran ${runs} times`)
    }
    if (this.#asked.some(({ settled }) => settled > 1)) problems.push('a turn settles twice')
    if (problems.length > 0) this.#fail(problems)
  }

  #fail(problems: readonly string[]): never {
    throw new Error(`${problems.join('\n')}\nThe steps: ${printSteps(this.#steps)}`)
  }
}

/** A compaction stands for everything before it: the server has it still, and the client keeps it no longer. */
function sinceCompaction(items: readonly unknown[]): readonly unknown[] {
  const at = (items as readonly { type?: string }[]).findLastIndex(({ type }) => type === 'compaction')
  return items.slice(Math.max(0, at))
}

function providerOf(lanes: TalkOptions['lanes'], url: string): ProviderProfile {
  if (lanes === 'none') return { ...azure, url }
  return { ...openai, url, ...(lanes === 'two' && { lanes: { inFlight: 2, names: 1 } }) }
}
