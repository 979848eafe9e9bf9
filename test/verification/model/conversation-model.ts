import { type ModelChain, chainAtFirst, planOf } from './conversation-chain.ts'
import type {
  ConversationBeginning,
  ConversationModelOptions,
  ConversationState,
  ConversationStep,
  ConversationView,
  LaneAt,
} from './conversation-steps.ts'
import { TurnModel } from './turn-model.ts'
import type { TurnStep } from './turn-steps.ts'

type Step<Name extends ConversationStep['do']> = Extract<ConversationStep, { do: Name }>
type TurnOnly = Step<
  'heard' | 'created' | 'output' | 'ended' | 'errored' | 'cut' | 'steer accepted' | 'steer closed'
>
type Place = Required<Omit<LaneAt, 'lane'>> & { readonly lane: string | null }

/** A turn under way. */
interface Running {
  readonly name: string
  readonly kind: 'turn' | 'warm-up'
  readonly model: TurnModel
  /** When it began. */
  readonly began: number
  /** Items of the history before it. */
  readonly base: number
  readonly taken: number
  readonly modelName: string
  /** The server has lost what it continued. */
  replays: boolean
  /** Of its last response. */
  stored: boolean
  items: number
  compacts: boolean
  /** What of the turn's own model was heeded. */
  asked: number
  requeued: number
}

/** What one conversation must do: one turn at a time, sent as a delta only where nothing can be lost by it. No XState. */
export class ConversationModel {
  readonly #options: ConversationModelOptions
  #now = 0
  #state: ConversationState = 'idle'
  #running: Running | null = null
  #turns = 0
  #history: number
  #chain: ModelChain | null
  #lease: Place | null = null
  #waits = false
  #holds = 0
  #steers = 0
  /** Of turns that are over. */
  #listened = 0
  readonly #sent: ConversationView['sent'][number][] = []
  readonly #told: string[] = []
  readonly #resent: string[] = []
  readonly #settled: string[] = []
  readonly #moves: number[] = []

  constructor(options: ConversationModelOptions = {}) {
    const { history, chain } = beginningOf(options)
    this.#options = options
    this.#history = history
    this.#chain = chain
  }

  get now(): number {
    return this.#now
  }

  get nextDue(): number | null {
    const due = this.#running?.model.nextDue ?? null
    return due === null || this.#running === null ? null : this.#running.began + due
  }

  /** It has asked for a lane, and was not answered yet. */
  get waits(): boolean {
    return this.#waits
  }

  /** The turn under way, as `turn-1`, or null. */
  get turn(): { readonly name: string; readonly kind: 'turn' | 'warm-up' } | null {
    return this.#running
  }

  applies(step: ConversationStep): boolean {
    const running = this.#running
    switch (step.do) {
      case 'prime':
        return running === null
      case 'forget':
      case 'shrink':
        // A compaction is of a response that has just ended.
        return running === null && (step.do === 'forget' || this.#history > step.items)
      case 'cancel':
        return running !== null
      case 'refuse':
        return this.#waits
      case 'release':
        return this.#holds > 0
      case 'steer over':
        return this.#steers > 0
      case 'respond':
      case 'hold':
      case 'steer':
      case 'grant':
      case 'moved':
      case 'lost elsewhere':
      case 'wait':
      case 'next':
        return true
      default:
        return this.#lease !== null && running?.model.applies(step) === true
    }
  }

  view(): ConversationView {
    const running = this.#running
    const turn = running?.model.view() ?? null
    return {
      state: this.#state,
      turn: turn?.state ?? null,
      history: this.#history,
      chain: this.#chain,
      lease: this.#lease === null ? null : nameOf(this.#lease),
      sent: [...this.#sent],
      told: [...this.#told],
      resent: [...this.#resent],
      settled: [...this.#settled],
      moves: [...this.#moves],
      listened: this.#listened + (turn?.listened ?? 0),
      holds: this.#holds,
      steers: this.#steers,
    }
  }

  take(step: ConversationStep): void {
    if (this.applies(step)) this.#do(step)
  }

  #do(step: ConversationStep): void {
    switch (step.do) {
      case 'respond':
        return this.#respond(step)
      case 'prime':
        return this.#begin('warm-up', { modelName: step.modelName })
      case 'cancel':
        return this.#turnDoes({ do: 'cancel' })
      case 'forget':
        this.#history = step.length
        this.#chain = null
        return
      case 'shrink':
        return this.#shrink(step.items)
      case 'hold':
        this.#holds += 1
        return
      case 'release':
        this.#holds -= 1
        if (this.#holds === 0 && this.#state === 'held') this.#request()
        return
      case 'steer':
        this.#steers += 1
        return
      case 'steer over':
        this.#steers -= 1
        return
      case 'grant':
        return this.#grant(step)
      case 'refuse':
        this.#waits = false
        return this.#turnDoes({ do: 'undeliverable' })
      case 'lost elsewhere':
        return
      case 'moved':
        return this.#move(step)
      case 'wait':
        return this.#pass(step.ms)
      case 'next':
        return this.#pass((this.nextDue ?? this.#now) - this.#now)
      default:
        return this.#hear(step)
    }
  }

  #respond({ items = 1, taken = 0, kept = 0, modelName }: Step<'respond'>): void {
    // One turn at a time: a second one is refused.
    if (this.#running?.kind === 'turn') return
    if (this.#running !== null) this.#giveWay(this.#running)
    this.#begin('turn', { items, taken, kept, modelName })
  }

  /** A turn carries the history itself, so nobody waits for what was only to prepare it. */
  #giveWay({ model }: Running): void {
    this.#withdraw()
    if (this.#lease !== null) {
      // The server has begun on it, and nobody hears how it ends.
      this.#chain = null
      this.#told.push(`release ${nameOf(this.#lease)} with tail`)
      this.#lease = null
    }
    this.#listened += model.view().listened
    this.#running = null
  }

  #begin(
    kind: Running['kind'],
    of: { items?: number; taken?: number; kept?: number; modelName?: string | undefined },
  ): void {
    const { items = 0, taken = 0, kept = 0, modelName = 'same' } = of
    this.#turns += 1
    this.#running = {
      name: `turn-${this.#turns}`,
      kind,
      model: new TurnModel(this.#options),
      began: this.#now,
      base: this.#history + kept,
      taken,
      modelName,
      replays: false,
      stored: false,
      items: 0,
      compacts: false,
      asked: 0,
      requeued: 0,
    }
    this.#history += taken + items
    this.#heed()
  }

  /** The line has moved. What only the old socket remembers is loaded into the new one while there is time. */
  #move({ socket, callsOpen = false }: Step<'moved'>): void {
    const { primes = true } = this.#options
    if (this.#running !== null || !primes || this.#chain === null || this.#chain.stored) return
    this.#moves.push(socket)
    if (!callsOpen) this.#begin('warm-up', {})
  }

  #grant({ socket = 1, lane, holding = 0, unsent }: Step<'grant'>): void {
    const place = { socket, lane: lane ?? null, holding }
    const running = this.#running
    if (running === null || !this.#waits) return void this.#told.push(`release ${nameOf(place)}`)
    this.#waits = false
    if (this.#holds > 0) {
      // What is sent now would replace the response that the fork is about to continue.
      this.#told.push(`release ${nameOf(place)}`)
      this.#state = 'held'
      return
    }
    this.#lease = place
    const { modelName, taken, replays } = running
    const to = this.#history
    const plan = replays
      ? { whole: 'replay', to }
      : planOf(this.#chain, { ...place, modelName, length: to, taken })
    this.#sent.push({ at: nameOf(place), plan })
    if (unsent !== 'not open')
      return this.#turnDoes({ do: unsent === undefined ? 'dispatch' : 'undeliverable' })
    // The turn itself does not notice: it waits for the next lane as for the first.
    this.#letGo('unusable')
    this.#request()
  }

  #hear(step: TurnOnly): void {
    const running = this.#running
    if (running !== null && step.do === 'ended') {
      running.stored = step.stored ?? false
      running.items = step.items ?? 1
      running.compacts = step.compacts ?? false
    }
    this.#turnDoes(step)
  }

  #turnDoes(step: TurnStep): void {
    this.#running?.model.take(step)
    this.#heed()
  }

  #pass(ms: number): void {
    this.#now += ms
    this.#turnDoes({ do: 'wait', ms })
  }

  /** What the turn has come to: put back, asking to be sent, or over. */
  #heed(): void {
    const running = this.#running
    if (running === null) return
    const { asked, requeued, outcome } = running.model.view()
    for (const reason of requeued.slice(running.requeued)) this.#requeue(running, reason)
    running.requeued = requeued.length
    for (const reason of asked.slice(running.asked)) this.#ask(reason)
    running.asked = asked.length
    if (outcome !== null) this.#settle(running, outcome)
  }

  /** Nothing is kept for a turn that waits; the server has forgotten what a refused one continued, unless it is stored. */
  #requeue(running: Running, reason: string): void {
    // Nor does anybody know whether it still has steers that were to go in before the input.
    if (reason === 'replay' || this.#chain?.stored !== true || running.taken > 0) {
      this.#chain = null
      running.replays = true
    }
    const lease = this.#lease
    if (lease !== null && (reason === 'fresh-connection' || reason === 'renew')) {
      this.#told.push(`renew ${lease.socket}`)
    }
    // The lane of a socket that has ended is not given back.
    if (reason === 'unanswered') this.#lease = null
    this.#letGo(reason === 'another-lane' ? 'exhausted' : 'release')
    this.#state = 'resting'
  }

  #ask(reason: string | null): void {
    if (reason !== null) this.#resent.push(reason)
    this.#letGo('release')
    if (this.#holds > 0) this.#state = 'held'
    else this.#request()
  }

  #request(): void {
    this.#told.push('request')
    this.#waits = true
    this.#state = this.#running?.kind === 'warm-up' ? 'priming' : 'turning'
  }

  #settle(running: Running, outcome: string): void {
    const { progress, leavesTail, responseId, listened } = running.model.view()
    this.#withdraw()
    const lease = this.#lease
    const answered = outcome === 'completed' || outcome === 'incomplete'
    const before = this.#history
    this.#history = answered ? before + running.items : running.base
    // Only what completed is known to be remembered. What never left has changed nothing.
    if (progress !== 'queued') {
      this.#chain =
        outcome === 'completed' && lease !== null && responseId !== null
          ? {
              ...lease,
              responseId: `${running.name}.${responseId}`,
              stored: running.stored,
              length: this.#history,
              modelName: running.modelName,
              forked: false,
            }
          : null
    }
    this.#letGo('release', leavesTail === true ? ' with tail' : '')
    this.#settled.push(`${running.name} ${outcome} ${progress}`)
    this.#listened += listened
    this.#running = null
    this.#state = 'idle'
    if (answered && running.compacts) this.#shrink(before)
  }

  /** So many items at the beginning of the history are gone. */
  #shrink(items: number): void {
    this.#history -= items
    if (this.#chain !== null) this.#chain = { ...this.#chain, length: this.#chain.length - items }
  }

  #withdraw(): void {
    if (this.#waits) this.#told.push('withdraw')
    this.#waits = false
  }

  #letGo(how: 'release' | 'exhausted' | 'unusable', tail = ''): void {
    if (this.#lease === null) return
    this.#told.push(`${how} ${nameOf(this.#lease)}${tail}`)
    this.#lease = null
  }
}

function nameOf({ socket, lane }: Pick<Place, 'socket' | 'lane'>): string {
  return `${socket}/${lane ?? 'default'}`
}

/** Where it begins, in full. */
export function beginningOf({ begins = 'new' }: ConversationModelOptions): ConversationBeginning {
  if (typeof begins === 'object') return begins
  return begins === 'new' ? { chain: null, history: 0 } : { chain: chainAtFirst(begins), history: 2 }
}

/** The reference model of a conversation: what must be seen after each step. */
export function createConversationModel(options: ConversationModelOptions = {}): ConversationModel {
  return new ConversationModel(options)
}
