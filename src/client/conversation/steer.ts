import { type ActorRefFrom, toPromise } from 'xstate'
import type { SteerOutcome, steerChart } from '../../../machines/steer/chart.ts'
import type { InputItem, ServerEvent } from '../../protocol/index.ts'

export type SteerActorRef = ActorRefFrom<typeof steerChart>

/** Where a steer is. */
export type SteerState = 'sent' | 'accepted' | 'pending' | SteerOutcome

/** What has become of a steer. */
export interface SteerResult {
  readonly outcome: SteerOutcome
  /** The server's id of it, if it gave one. */
  readonly steerId: string | null
  /** Why it failed, by the server's code (`response_already_completed`, `steering_not_supported`, …). */
  readonly code: string | null
  /** What was sent. After `failed` it belongs into the next turn; after `unknown`, compare with the history first. */
  readonly input: readonly InputItem[]
}

/** One steer under way. */
export class Steer {
  readonly #actor: SteerActorRef
  readonly input: readonly InputItem[]
  /** Settles when the steer was committed, has failed, or is unknown after a loss. Never rejects. */
  readonly result: Promise<SteerResult>

  constructor(actor: SteerActorRef, input: readonly InputItem[]) {
    this.#actor = actor
    this.input = input
    this.result = toPromise(actor).then(
      (output) => ({ ...(output ?? { outcome: 'unknown', steerId: null, code: null }), input }),
      () => ({ outcome: 'unknown' as const, steerId: null, code: null, input }),
    )
  }

  /** `sent`, `accepted`, `pending`, `committed`, `failed` or `unknown`. */
  get state(): SteerState {
    return this.#actor.getSnapshot().value
  }

  /** The server has taken it, and has not applied it yet. */
  get isTaken(): boolean {
    return this.state === 'accepted' || this.state === 'pending'
  }

  get isOver(): boolean {
    return this.#actor.getSnapshot().status !== 'active'
  }

  /** Whether a steering event of the server's is about this one: by its id, else by the response it was sent to. */
  isMeantBy(event: SteeringEvent): boolean {
    const { steerId, targetId } = this.#actor.getSnapshot().context
    const { id, previous_response_id: target } = event.steer
    return steerId === null ? target === targetId : id === steerId
  }

  tell(event: SteeringEvent | 'committed' | 'late' | 'cut'): void {
    if (this.isOver) return
    if (event === 'committed') this.#actor.send({ type: 'steer.committed' })
    else if (event === 'cut') this.#actor.send({ type: 'steer.cut' })
    else if (event === 'late')
      this.#actor.send({ type: 'steer.failed', steerId: null, code: 'response_already_completed' })
    else if (event.type === 'response.steer.failed') {
      const { id } = event.steer
      this.#actor.send({ type: 'steer.failed', steerId: id ?? null, code: event.error.code.slice(0, 128) })
    } else {
      const type = event.type === 'response.steer.accepted' ? 'steer.accepted' : 'steer.pending'
      this.#actor.send({ type, steerId: event.steer.id })
    }
  }
}

export type SteeringEvent = Extract<ServerEvent, { type: `response.steer.${string}` }>

export function isSteering(event: ServerEvent): event is SteeringEvent {
  return event.type.startsWith('response.steer.')
}
