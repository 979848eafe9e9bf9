import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { Steer, SteerActorRef, SteerResult } from '../../../src/client/conversation/steer.ts'
import type { ResponsesConnection } from '../../../src/client/connection.ts'
import { STEER_ID, STEER_TARGET, type SteerStep, type SteerView } from '../model/steer-model.ts'
import type { TurnByHand } from '../../../src/testing/server/by-hand.ts'
import { beginConversation, connectTo, stageFor } from './conversation-stage.ts'
import type { Subject } from '../../../src/testing/properties/subject.ts'
import type { World } from '../../../src/testing/network/world.ts'

/** What a steer is made of that was sent, and of which the server has not heard. */
interface SentSteer {
  readonly steer: Steer
  readonly actor: SteerActorRef
  readonly targetId: string
}

/**
 * A steer of a turn over real sockets. Its words never reach the server, so that the server says of it what the steps
 * say, event by event, as `isSteerOutside` has it.
 */
export class SteerClassSubject implements Subject<SteerStep> {
  readonly world: World
  readonly #connection: ResponsesConnection
  readonly #conversation: Conversation
  readonly #sent: SentSteer
  #result: SteerResult | null = null

  constructor(world: World, connection: ResponsesConnection, conversation: Conversation, sent: SentSteer) {
    this.world = world
    this.#connection = connection
    this.#conversation = conversation
    this.#sent = sent
    void sent.steer.result.then((result) => (this.#result = result))
  }

  view(): SteerView {
    const { actor, targetId } = this.#sent
    const { value, context, output } = actor.getSnapshot()
    const target = context.targetId === targetId ? STEER_TARGET : context.targetId
    return { ...context, targetId: target, state: value, outcome: output?.outcome ?? null }
  }

  /** What the application is shown must be what the chart says. */
  complaints(): string[] {
    const { steer } = this.#sent
    const { state, outcome, steerId, code } = this.view()
    const found: string[] = []
    if (steer.state !== state) found.push(`the class says ${steer.state}`)
    if (steer.isOver !== (outcome !== null))
      found.push(`the class says that it is ${steer.isOver ? '' : 'not '}over`)
    const told = this.#result && [this.#result.outcome, this.#result.steerId, this.#result.code]
    const [is, mustBe] = [JSON.stringify(told), JSON.stringify(outcome && [outcome, steerId, code])]
    if (is !== mustBe) found.push(`the promise must have come to ${mustBe}, and has come to ${is}`)
    const kept = Object.keys(this.#conversation.actor.getSnapshot().context.steers).length
    if (kept !== (outcome === null ? 1 : 0)) found.push(`the conversation keeps ${kept} steers`)
    return found
  }

  async take(step: SteerStep): Promise<void> {
    if (step.do === 'cut') this.world.do(step)
    else if (step.do === 'committed') await this.#commit()
    else this.#current?.write(this.#eventOf(step))
    await this.world.clock.advance(0)
  }

  async stop(): Promise<void> {
    this.#connection.stop()
    await this.world.stop()
  }

  get #current(): TurnByHand | undefined {
    return this.world.server.turnsByHand().findLast(({ isRunning }) => isRunning)
  }

  /** The response ends early, and a successor of it begins. */
  async #commit(): Promise<void> {
    this.#current?.end('incomplete', { code: 'steered' })
    await this.world.clock.advance(0)
    this.#current?.created()
  }

  #eventOf(step: Exclude<SteerStep, { do: 'committed' | 'cut' }>): Parameters<TurnByHand['write']>[0] {
    const previous_response_id = this.#sent.targetId
    const steer = { id: STEER_ID, previous_response_id }
    switch (step.do) {
      case 'accepted':
        return { type: 'response.steer.accepted', steer }
      case 'pending':
        return {
          type: 'response.steer.pending',
          steer,
          reason: 'waiting_for_required_input',
          required_input: [],
        }
      case 'failed': {
        const named = step.unnamed === true ? { previous_response_id } : steer
        const error = { code: step.code, message: 'It was refused.', type: 'invalid_request_error' }
        return { type: 'response.steer.failed', steer: { ...named, input: 'and be brief' }, error }
      }
    }
  }
}

/** A steer in a world of its own, ready for steps. Stop it when it has served. */
export async function createSteerClassSubject(): Promise<SteerClassSubject> {
  const options = { policy: 'never' } as const
  const world = await stageFor()
  const connection = connectTo(world, {}, () => world.note())
  const conversation = await beginConversation(world, connection, options)
  const turn = conversation.respond('hi')
  await world.clock.advance(0)
  const [given] = world.server.turnsByHand()
  if (given === undefined) throw new Error('The server has not begun the turn.')
  given.created()
  await world.clock.advance(0)
  world.gate.newest?.freeze('client')
  const steer = turn.steer('and be brief')
  const [actor] = Object.values(conversation.actor.getSnapshot().context.steers)
  if (actor === undefined) throw new Error('The conversation has no steer.')
  return new SteerClassSubject(world, connection, conversation, { steer, actor, targetId: given.responseId })
}
