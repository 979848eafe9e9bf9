import type { AnyActorRef, InspectionEvent } from 'xstate'
import type { ConversationEvent } from '../../../machines/conversation/types.ts'
import type { TurnEvent } from '../../../machines/turn/types.ts'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { Clock } from '../../../src/testing/clock.ts'
import { type ConversationModel, createConversationModel } from '../model/conversation-model.ts'
import type { ModelChain } from '../model/conversation-chain.ts'
import type {
  ConversationModelOptions,
  ConversationStep,
  ConversationView,
} from '../model/conversation-steps.ts'
import { ConversationNews } from '../drive/conversation-news.ts'
import { shownOf } from '../drive/conversation-words.ts'
import type { SocketNumbers } from '../drive/socket-numbers.ts'
import { openCalls } from './transcript.ts'
import { type Difference, differences } from '../../../src/testing/model/view.ts'

type Grant = Extract<ConversationStep, { do: 'grant' }>

/**
 * Watches a conversation of the class. What comes to it from outside, from the application, from its line and from the
 * server, is given to the model as steps; what it makes of that has to be what the model makes of it.
 */
export class Watch {
  readonly steps: ConversationStep[] = []
  readonly model: ConversationModel
  readonly conversation: Conversation
  readonly #clock: Clock
  readonly #began: number
  readonly #sockets: SocketNumbers
  readonly #sent: unknown[] = []
  readonly #news: ConversationNews
  /** A lane that came, and of which it is not known yet what became of the turn there. */
  #granted: Grant | null = null
  /** The model has begun a warm-up by itself; the class has to. */
  #isMoving = false

  constructor(
    conversation: Conversation,
    options: ConversationModelOptions,
    clock: Clock,
    sockets: SocketNumbers,
  ) {
    this.conversation = conversation
    this.#clock = clock
    this.#began = clock.now()
    this.#sockets = sockets
    // A fork begins with what the other one has.
    const begins = { chain: this.#chain, history: conversation.history.length }
    this.model = createConversationModel({ ...options, begins })
    this.#news = new ConversationNews(conversation, sockets)
    conversation.on('turn.planned', ({ plan, ...place }) =>
      this.#sent.push({
        at: sockets.laneName(place),
        plan: plan.kind === 'full' ? { whole: plan.reason } : { from: plan.from },
      }),
    )
  }

  /** What XState shows of every actor of the connection. */
  hear(shown: InspectionEvent): void {
    if (shown.type !== '@xstate.event') return
    const actor = shown.actorRef as AnyActorRef
    const event = shown.event as unknown as ConversationEvent | TurnEvent
    if (actor.id === this.conversation.actor.id) this.#ofConversation(event as ConversationEvent)
    else if (actor.id === 'turn' && actor._parent?.id === this.conversation.actor.id)
      this.#ofTurn(event as TurnEvent)
  }

  /** Where the conversation differs from the model, when everything has come to rest. */
  differences(): Difference[] {
    this.#decide(null)
    this.#pass()
    const { told: _told, sent, chain, history, ...view } = this.model.view()
    const isIdle = view.state === 'idle'
    return differences(
      {
        ...view,
        chain: chain && { ...chain, responseId: '' },
        history: isIdle ? history : null,
        sent: sent.map(({ at, plan }) => ({
          at,
          plan: 'whole' in plan ? { whole: plan.whole } : { from: plan.from },
        })),
      },
      this.#view(isIdle),
    )
  }

  #view(isIdle: boolean): object {
    const snapshot = this.conversation.actor.getSnapshot()
    const { lease } = snapshot.context
    return {
      ...shownOf(snapshot),
      ...this.#news.view(),
      history: isIdle ? this.conversation.history.length : null,
      chain: this.#chain,
      lease: lease && this.#sockets.laneName(lease),
      sent: this.#sent,
    } satisfies Partial<Record<keyof ConversationView, unknown>>
  }

  /** Ids are compared where they count: at the server. */
  get #chain(): ModelChain | null {
    const { chain } = this.conversation.actor.getSnapshot().context
    if (chain === null) return null
    const { connectionKey, lane, laneSerial: holding, stored, length, isForked: forked } = chain
    const socket = this.#sockets.numberOf(connectionKey)
    return { responseId: '', socket, lane, holding, stored, length, modelName: 'same', forked }
  }

  #ofConversation(event: ConversationEvent): void {
    switch (event.type) {
      case 'respond': {
        const { length, taken = 0 } = event
        const items = length - this.model.view().history - taken
        // Outputs of tools are history before the turn begins.
        const kept = this.conversation.history.length - this.model.view().history
        return this.#take({ do: 'respond', items, ...(taken > 0 && { taken }), ...(kept > 0 && { kept }) })
      }
      case 'prime':
        // The class does at once what the model does in the same step.
        if (this.#isMoving) this.#isMoving = false
        else this.#take({ do: 'prime' })
        return
      case 'cancel':
        return this.#take({ do: 'cancel' })
      case 'chain.hold':
        return this.#take({ do: 'hold' })
      case 'chain.release':
        return this.#take({ do: 'release' })
      case 'line.moved': {
        const before = this.model.turn
        const callsOpen = openCalls(this.conversation.history).length > 0
        const socket = this.#sockets.numberOf(event.connectionKey)
        this.#take({ do: 'moved', socket, ...(callsOpen && { callsOpen }) })
        this.#isMoving = this.model.turn !== before
        return
      }
      case 'lane.refused':
        return this.#take({ do: 'refuse' })
      case 'lane.unusable':
        return this.#decide('not open')
      case 'steer.begin':
        return this.#take({ do: 'steer' })
      case 'chain.shrink':
        return this.#take({ do: 'shrink', items: event.items })
      case 'chain.forget':
        return this.#take({ do: 'forget', length: this.conversation.history.length })
      case 'lane.granted': {
        this.#decide(null)
        const { connectionKey, lane, laneSerial: holding } = event
        const socket = this.#sockets.numberOf(connectionKey)
        this.#granted = { do: 'grant', socket, holding, ...(lane !== null && { lane }) }
        return
      }
      default:
        if (event.type.startsWith('xstate.done.actor.steer-')) this.#take({ do: 'steer over' })
    }
  }

  #ofTurn(event: TurnEvent): void {
    switch (event.type) {
      case 'cancel':
        // The conversation passes on what it was told itself.
        return
      case 'turn.faulted':
        // No server can cause it; where it happens, the model knows no such end and disagrees.
        return
      case 'turn.dispatched':
        return this.#decide(null)
      case 'turn.undeliverable':
        return this.#decide('too large')
      case 'turn.heard':
        return this.#take({ do: 'heard' })
      case 'turn.created':
        return this.#take({ do: 'created' })
      case 'turn.output':
        return this.#take({ do: 'output' })
      case 'turn.cut':
        return this.#take({ do: 'cut' })
      case 'turn.steerAccepted':
        return this.#take({ do: 'steer accepted' })
      case 'turn.steerClosed':
        return this.#take({ do: 'steer closed' })
      case 'turn.errored': {
        const { refusal, retryAfterMs } = event
        const given = { code: refusal.code ?? '', status: refusal.status ?? 0 }
        return this.#take({ do: 'errored', ...given, ...(retryAfterMs !== null && { retryAfterMs }) })
      }
      case 'turn.ended': {
        const { outcome: end, code, waitsForClient: waits, stored, outputItems: items } = event
        return this.#take({ do: 'ended', end, waits, stored, items, ...(code !== null && { code }) })
      }
    }
  }

  #take(step: ConversationStep): void {
    this.#decide(null)
    this.#pass()
    this.steps.push(step)
    this.model.take(step)
  }

  /** It is known now what became of the turn on the lane that came. */
  #decide(unsent: 'not open' | 'too large' | null): void {
    const granted = this.#granted
    if (granted === null) return
    this.#granted = null
    this.#take(unsent === null ? granted : { ...granted, unsent })
  }

  #pass(): void {
    const ms = this.#clock.now() - this.#began - this.model.now
    if (ms <= 0) return
    this.steps.push({ do: 'wait', ms })
    this.model.take({ do: 'wait', ms })
  }
}
