import { ConversationModel } from './conversation-model.ts'
import type { ConversationModelOptions, ConversationStep, ConversationView } from './conversation-steps.ts'
import { TurnCauses } from './turn-outside.ts'
import type { TurnStep } from './turn-steps.ts'

type Step<Name extends ConversationStep['do']> = Extract<ConversationStep, { do: Name }>

/** Forks that are ready to be sent where they can be, and that one socket takes. */
export const READY_FORKS = 2
const MOST_FORKS = 3

const EXPIRED = 'websocket_connection_limit_reached'

/** The server knows no lane of that name, and takes no further one. */
const LANE_CODES: ReadonlySet<string> = new Set(['websocket_stream_limit_reached', 'invalid_stream_id'])

/** Options of a conversation whose steps are caused from outside. */
export interface OutsideConversationOptions extends ConversationModelOptions {
  /** Where it begins. Anywhere else nothing outside can bring it. Default: `new`. */
  readonly begins?: 'new' | 'fork' | 'restored'
  /** Whether the server is asked to store its responses. A fork is of what is not stored. Default: false. */
  readonly store?: boolean
}

/** What is to happen before the next lane is given: a dial after a loss, or one beside the socket that is left. */
type Pending = 'none' | 'dial' | 'renew'

/** Why a bare chart alone is asked for a second turn. */
export const BUSY = 'the class refuses a second turn before the chart is asked'

/** Why a bare chart alone is given a lane too many. */
export const NOT_ASKED =
  'no step does it: it takes a listener that cancels another turn in the moment in which lanes are given'

/** Why a bare chart alone is told that nothing could be sent on its lane. */
export const NOT_CLOSING =
  'no step does it: the socket has to begin to close between the grant of a lane and the sending of the turn'

/** Why a bare chart alone is told of another socket than its own. */
export const NOT_TOLD = 'the line tells of the end of a socket those alone who run a turn on it'

/**
 * The reference model of a conversation, to which only those steps apply that a server, a network, a clock and an
 * application can cause: the bare chart can be told more, as that a fork of nothing holds it.
 */
export class OutsideConversationModel extends ConversationModel {
  readonly #store: boolean
  readonly #primes: boolean
  /** The lane that it is given. */
  readonly #lane: string | null
  #causes = new TurnCauses()
  /** The turn under way is a warm-up that has begun by itself. */
  #isPriming = false
  #pending: Pending = 'none'
  #socket = 1
  /** It has had a lane of the socket: those are told that the line moves. */
  #isMember = false
  #readyForks: number
  #sentForks = 0
  /** Messages of the user's in the history, and in the input of the turn under way. */
  #messages: number
  #items = 0

  constructor(options: OutsideConversationOptions = {}) {
    super(options)
    const { store = false, begins = 'new', primes = true } = options
    this.#store = store && begins !== 'fork'
    this.#primes = primes
    this.#lane = begins === 'fork' ? 'mine' : null
    this.#readyForks = begins === 'fork' ? READY_FORKS : 0
    this.#messages = begins === 'new' ? 0 : 1
  }

  override applies(step: ConversationStep): boolean {
    return super.applies(step) && this.whyNot(step) === null
  }

  override take(step: ConversationStep): void {
    if (!this.applies(step)) return
    const { turn } = this
    const before = this.view()
    super.take(step)
    const after = this.view()
    if (this.turn !== null && this.turn.name !== turn?.name) {
      this.#causes = new TurnCauses()
      this.#isPriming = step.do === 'moved'
      this.#items = step.do === 'respond' ? (step.items ?? 1) : 0
    }
    this.#noteStep(step, after)
    if (after.told.slice(before.told.length).some((told) => told.startsWith('renew'))) this.#lose('renew')
    const hasEnded = after.settled.length > before.settled.length && step.do === 'ended'
    if (hasEnded && step.end !== 'failed' && turn?.kind === 'turn') {
      this.#messages = step.compacts === true ? 0 : this.#messages + this.#items
    }
    this.#noteForks(before, after)
  }

  /** What tells this place from another, beside the chart's own state. */
  key(): string {
    return JSON.stringify([this.#pending, this.#socket, this.#isMember, this.#readyForks > 0])
  }

  /** Why a step that makes sense for the chart cannot be caused, or null. */
  whyNot(step: ConversationStep): string | null {
    const { state, history, holds, steers } = this.view()
    switch (step.do) {
      case 'respond':
        if (this.turn?.kind === 'turn') return BUSY
        return (step.taken ?? 0) === 0 ? whyNotWith(step.modelName) : 'no steers wait for a turn here'
      case 'prime':
        return this.#primes ? whyNotWith(step.modelName) : 'the endpoint knows no warm-ups'
      case 'grant':
        return this.#whyNoGrant(step)
      case 'refuse':
        return this.waits && holds === 0
          ? null
          : 'who is refused a lane has asked for it, and lost every fork'
      case 'cut':
        return holds === 0 ? this.#whyNotWithSteers() : 'a fork that is lost holds nothing any more'
      case 'hold':
        return this.#whyNoHold(holds)
      case 'release':
        return steers === 0 ? null : 'the server hears of no fork before it hears of the steer'
      case 'moved': {
        const isNext = step.socket === this.#socket + 1
        const canMove = state === 'idle' && this.#pending === 'none' && this.#isMember && isNext
        return canMove ? null : 'the line tells of a move those who have used the socket that it leaves'
      }
      case 'lost elsewhere':
        return NOT_TOLD
      case 'shrink':
        return 'a compaction comes with the end of its response'
      case 'forget':
        return history > 0 && step.length === this.#messages + 1
          ? null
          : 'what is left by a compaction are the messages of the user, and one item'
      case 'cancel':
        return this.#isPriming ? 'nobody has asked for this warm-up' : this.#whyNotWithSteers()
      case 'wait':
      case 'next':
        return this.nextDue === null ? 'there is nothing to wait for' : this.#whyNotWithSteers()
      case 'steer over':
        return steers === 1 ? null : 'there is no steer'
      default:
        return this.#whyNotGiven(step, steers)
    }
  }

  #whyNoGrant({ socket = 1, lane, holding = 0, unsent }: Step<'grant'>): string | null {
    if (!this.waits) return NOT_ASKED
    const expected = this.#pending === 'none' ? this.#socket : this.#socket + 1
    if (socket !== expected || (lane ?? null) !== this.#lane || holding !== 0)
      return 'it is given another lane'
    if (unsent === 'not open') return NOT_CLOSING
    const isTurn = this.turn?.kind === 'turn'
    return unsent === undefined || isTurn ? null : 'an application does not touch a warm-up'
  }

  #whyNoHold(holds: number): string | null {
    if (holds === READY_FORKS || this.#sentForks === MOST_FORKS) return 'there are no more forks than this'
    const canSend = this.#readyForks > 0 && this.#pending === 'none'
    return canSend ? null : 'there is no response that a fork could hold'
  }

  /** A step of the server's, or of a steer. */
  #whyNotGiven(step: ConversationStep, steers: number): string | null {
    switch (step.do) {
      case 'steer': {
        const isSent = this.view().lease !== null && this.turn?.kind === 'turn'
        if (steers > 0 || !isSent) return 'one steer at a time, into a turn'
        return this.#causes.whyNot({ do: 'steer accepted' })
      }
      case 'steer accepted':
      case 'steer closed':
        return 'the server takes no steers here: what it does with them is the turn chart’s'
      case 'ended': {
        const { stored = false, waits = false, items = 1, compacts = false, code } = step
        const isOther = waits || items !== 1 || stored !== this.#store || code === 'steered'
        if (isOther) return 'the server gives another response'
        if (compacts && this.turn?.kind !== 'turn') return 'a warm-up compacts nothing'
        return this.#whyNotWithSteers() ?? this.#causes.whyNot(step)
      }
      case 'errored':
        if (this.#lane !== null && LANE_CODES.has(step.code))
          return 'where names run out, others take its lane'
        return this.#whyNotWithSteers() ?? this.#causes.whyNot(step)
      default:
        return this.#causes.whyNot(step as TurnStep)
    }
  }

  #whyNotWithSteers(): string | null {
    return this.view().steers === 0 ? null : 'a steer is over before its turn, or with it'
  }

  /** Forks are made of a response that the server has, and that is the last one. */
  #noteForks(before: ConversationView, { state, chain }: ConversationView): void {
    if (chain === null || chain.responseId !== before.chain?.responseId) this.#readyForks = 0
    const isHere = this.#pending === 'none' && chain?.socket === this.#socket
    if (state === 'idle' && isHere && !chain.stored) this.#readyForks = READY_FORKS
  }

  #noteStep(step: ConversationStep, after: ConversationView): void {
    switch (step.do) {
      case 'grant':
        if (this.#pending !== 'none') this.#moveTo(step.socket ?? 1)
        this.#pending = 'none'
        this.#isMember = true
        if (after.lease !== null) this.#causes.note({ do: 'dispatch' })
        return
      case 'moved':
        return this.#moveTo(step.socket)
      case 'cut':
      case 'refuse':
        return this.#lose('dial')
      case 'hold':
        this.#readyForks -= 1
        this.#sentForks += 1
        return
      case 'errored':
        this.#causes.note(step)
        if (step.code === EXPIRED) this.#lose('renew')
        return
      case 'created':
      case 'ended':
        return this.#causes.note(step)
      default:
    }
  }

  #lose(pending: Pending): void {
    this.#pending = pending
    this.#readyForks = 0
  }

  #moveTo(socket: number): void {
    this.#socket = socket
    this.#isMember = false
    this.#readyForks = 0
    this.#sentForks = 0
  }
}

function whyNotWith(modelName: string = 'same'): string | null {
  return modelName === 'same' ? null : 'every turn here asks the same model'
}

/** Whether all steps of a path can be caused from outside. */
export function isConversationOutside(
  steps: readonly ConversationStep[],
  options: OutsideConversationOptions,
): boolean {
  const model = new OutsideConversationModel(options)
  return steps.every((step) => {
    if (!model.applies(step)) return false
    model.take(step)
    return true
  })
}
