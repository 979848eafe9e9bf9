import type { InspectionEvent } from 'xstate'
import type { TurnContext, TurnResult, TurnReady, TurnRequeued } from '../../../machines/turn/types.ts'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import { TurnError } from '../../../src/client/conversation/turn-error.ts'
import type { Turn } from '../../../src/client/conversation/turn.ts'
import type { ResponsesConnection } from '../../../src/client/connection.ts'
import type { SimulatedClock } from '../../../src/testing/clock.ts'
import type { TurnModelOptions, TurnStep, TurnView } from '../model/turn-steps.ts'
import type { TurnByHand } from '../../../src/testing/server/by-hand.ts'
import { MAX_FRAME_BYTES, TURN, connectTo } from './conversation-stage.ts'
import { giveByHand } from './give-by-hand.ts'
import { LaneKeeper } from './lane-keeper.ts'
import type { Subject } from '../../../src/testing/properties/subject.ts'
import { type World, type WorldOptions, createWorld } from '../../../src/testing/network/world.ts'
import { topName } from './top-name.ts'

/** Options of {@link createTurnClassSubject}. */
export interface TurnClassSubjectOptions extends WorldOptions {
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
}

/** What came of the promise that the application has. */
type Answer = { readonly id: string; readonly status: unknown } | { readonly error: unknown }

/**
 * One turn of a conversation over real sockets: a gate in the middle, a local server behind it that gives the turn by
 * hand, and a simulated clock. Every step is caused from outside, as `isTurnOutside` has it.
 */
export class TurnClassSubject implements Subject<TurnStep> {
  readonly world: World
  readonly #connection: ResponsesConnection
  readonly #conversation: Conversation
  readonly #keeper: LaneKeeper
  /** The application has it in its hands until the turn is sent, and may let it grow. */
  readonly #metadata: Record<string, string> = { turn: TURN }
  /** Response ids of the server, and the names that the model has for them. */
  readonly #names = new Map<string, string>()
  #turn: Turn | null = null
  #given: TurnByHand | null = null
  #responses = 0
  #asked: (string | null)[] = []
  #requeued: string[] = []
  #resent: string[] = []
  #listened = 0
  #sendings = 0
  #results: TurnResult[] = []
  #answer: Answer | null = null

  constructor(world: World, options: TurnModelOptions, { inspect }: TurnClassSubjectOptions = {}) {
    const { policy = 'safe', firstEventMs = 90_000, interEventMs = 900_000 } = options
    this.world = world
    // One lane, so that it can be kept from the turn.
    this.#connection = connectTo(world, { lanes: { inFlight: 1, names: 0 } }, (event) => {
      this.#inspect(event)
      inspect?.(event)
    })
    this.#conversation = this.#connection.conversation({
      model: 'gpt-6-astra',
      replay: policy,
      firstEventTimeoutMs: firstEventMs,
      eventTimeoutMs: interEventMs,
    })
    this.#conversation.on('turn.listening', () => (this.#listened += 1))
    this.#conversation.on('turn.resent', ({ reason }) => this.#resent.push(reason))
    this.#conversation.on('turn.settled', ({ result }) => this.#results.push(result))
    this.#keeper = new LaneKeeper(this.#connection, world.server)
  }

  get clock(): SimulatedClock {
    return this.world.clock
  }

  view(): TurnView {
    const [result] = this.#results
    const { responseId, ...shown } = result === undefined ? this.#running() : viewOf(result)
    return {
      ...shown,
      responseId: responseId === null ? null : (this.#names.get(responseId) ?? responseId),
      requeued: this.#requeued,
      asked: this.#asked,
      listened: this.#listened,
    }
  }

  complaints(): string[] {
    const [result = null] = this.#results
    return [...this.#complaintsOfClass(result), ...this.#complaintsOfServer(result)]
  }

  async take(step: TurnStep): Promise<void> {
    if (this.#turn === null) await this.#begin()
    await this.#do(step)
    await this.clock.advance(0)
  }

  async stop(): Promise<void> {
    this.#connection.stop()
    await this.world.stop()
  }

  async #do(step: TurnStep): Promise<void> {
    switch (step.do) {
      case 'wait':
        return await this.clock.advance(step.ms)
      case 'next':
        return void (await this.clock.next())
      case 'dispatch':
        this.#sendings += 1
        return await this.#giveLane()
      case 'undeliverable':
        this.#metadata['padding'] = 'x'.repeat(MAX_FRAME_BYTES)
        return await this.#giveLane()
      case 'cut':
        return this.world.do({ do: 'cut' })
      case 'cancel':
        return this.#turn?.cancel()
      case 'faulted':
        throw new TypeError('no server can cause it')
      case 'steer accepted':
        return void this.#turn?.steer('and be brief')
      default:
        return this.#serve(step)
    }
  }

  /** The turn is asked for, and waits for its lane. */
  async #begin(): Promise<void> {
    void this.#connection.connect()
    await this.clock.advance(0)
    await this.world.take({ do: 'accept' })
    this.#keeper.queue()
    await this.clock.advance(0)
    this.#turn = this.#conversation.respond('hi', { settings: { metadata: this.#metadata } })
    this.#turn.response.then(
      ({ id, status }) => (this.#answer = { id, status }),
      (error: unknown) => (this.#answer = { error }),
    )
    await this.clock.advance(0)
  }

  async #giveLane(): Promise<void> {
    await this.world.take({ do: 'thaw' })
    await this.world.take({ do: 'accept' })
    this.#keeper.letGo()
    await this.clock.advance(0)
    // So the turn is not given it once more before a step says so.
    this.#keeper.queue()
  }

  #serve(step: Parameters<typeof giveByHand>[1]): void {
    const given = this.world.server.turnsByHand().find(({ turnKey }) => turnKey === TURN)
    this.#given = given ?? this.#given
    if (this.#given === null) return
    const { responseId } = this.#given
    if ((step.do === 'created' || step.do === 'ended') && !this.#names.has(responseId)) {
      this.#responses += 1
      this.#names.set(responseId, `resp_${this.#responses}`)
    }
    giveByHand(this.#given, step)
  }

  #running(): ReturnType<typeof viewOf> {
    const actor = this.#conversation.actor.getSnapshot().children['turn']
    if (actor === undefined) throw new Error('The conversation runs no turn, and told of no result.')
    const { value, context } = actor.getSnapshot() as { value: unknown; context: TurnContext }
    const { progress, outcome, fault, code, responseId } = context
    const state = topName(value)
    return { state, progress, outcome, fault, code, responseId, leavesTail: null, resendIsSafe: null }
  }

  /** What the application is shown must be what the chart says. */
  #complaintsOfClass(result: TurnResult | null): string[] {
    const found: string[] = []
    const turn = this.#turn
    const expect = (what: string, actual: unknown, expected: unknown): void => {
      const [is, mustBe] = [JSON.stringify(actual), JSON.stringify(expected)]
      if (is !== mustBe) found.push(`${what} must be ${mustBe}, is ${is}`)
    }
    expect('the number of results', this.#results.length, result === null ? 0 : 1)
    expect("the class's outcome", turn?.outcome, result?.outcome ?? null)
    expect('whether the class has a turn', this.#conversation.turn !== null, result === null)
    expect(
      'the reasons of resends',
      this.#resent,
      this.#asked.filter((reason) => reason !== null),
    )
    expect("the promise's answer", this.#told(), result === null ? null : answerOf(result))
    const hasResponse = result?.outcome === 'completed' || result?.outcome === 'incomplete'
    expect('whether the history has grown', this.#conversation.history.length > 0, hasResponse)
    return found
  }

  #complaintsOfServer(result: TurnResult | null): string[] {
    const { server } = this.world
    const found: string[] = []
    const creates = server.creates(TURN)
    if (creates !== this.#sendings)
      found.push(`the server got the turn ${creates} times, not ${this.#sendings}`)
    const sent = server.requests().filter(({ turnKey }) => turnKey === TURN)
    if (sent.some((one) => one.inputItems !== 1 || one.previousResponseId !== null)) {
      found.push('the turn was sent with another input than its own')
    }
    const isHere = this.#connection.isOpen && this.world.gate.newest?.held === false
    const isFree = isHere && result !== null && !result.leavesTail
    if (isFree && this.#keeper.isWaiting) found.push('the lane was not given back')
    return found
  }

  #told(): object | null {
    if (this.#answer === null) return null
    if (!('error' in this.#answer)) return this.#answer
    const { error } = this.#answer
    if (!(error instanceof TurnError)) return { error: String(error) }
    const { outcome, progress, responseId, serverCode, remedy, resendIsSafe } = error
    return { outcome, progress, responseId, code: serverCode, remedy, resendIsSafe }
  }

  #inspect(event: InspectionEvent): void {
    this.world.note()
    if (event.type !== '@xstate.event') return
    const told = event.event as unknown as TurnReady | TurnRequeued
    if (told.type !== 'turn.ready' && told.type !== 'turn.requeued') return
    if (!told.turnId.startsWith(`${this.#conversation.id}.`)) return
    if (told.type === 'turn.ready') this.#asked.push(told.reason)
    else this.#requeued.push(told.reason)
  }
}

function viewOf(result: TurnResult): Omit<TurnView, 'requeued' | 'asked' | 'listened'> {
  const { outcome, progress, fault, code, responseId, leavesTail, resendIsSafe } = result
  return { state: outcome, outcome, progress, fault, code, responseId, leavesTail, resendIsSafe }
}

/** What the application must be told of a result. The server's words belong to the turn that they ended, and to no other. */
function answerOf({ outcome, progress, responseId, code, remedy, resendIsSafe }: TurnResult): object {
  if (outcome === 'completed' || outcome === 'incomplete') return { id: responseId, status: outcome }
  const isAnswered = outcome === 'refused' || outcome === 'failed'
  return { outcome, progress, responseId, code: isAnswered ? code : null, remedy, resendIsSafe }
}

/** A turn in a world of its own, ready for steps. Stop it when it has served. */
export async function createTurnClassSubject(
  options: TurnModelOptions = {},
  more: TurnClassSubjectOptions = {},
): Promise<TurnClassSubject> {
  const script = { ...more.script, default: { byHand: true } }
  return new TurnClassSubject(await createWorld({ ...more, script }), options, more)
}
