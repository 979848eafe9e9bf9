import type { AnyEventObject, InspectionEvent } from 'xstate'
import { socketKey } from '../../../machines/line/slots.ts'
import type { TurnPlanned } from '../../../machines/conversation/types.ts'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import { MODEL } from './conversation-stage.ts'
import type { LineActorRef } from '../../../src/client/line-machine.ts'
import type { ConversationView } from '../model/conversation-steps.ts'
import { ConversationNews, turnNameOf } from './conversation-news.ts'
import { chainOf, keyOf, planView, shownOf } from './conversation-words.ts'
import { LineEar } from './line-ear.ts'
import { ResponseNames } from './response-names.ts'
import { SocketNumbers } from './socket-numbers.ts'

/** One turn as it was planned, and handed over unless `unsent` says otherwise. */
type Sending = ConversationView['sent'][number] & { unsent?: true }

/** What a conversation of the class does, and tells its line, in the words of the model. */
export class ConversationLog {
  readonly #conversation: Conversation
  readonly #line: LineActorRef
  readonly #ear: LineEar
  readonly #sockets = new SocketNumbers()
  /** Response ids of the server, and the names that the model has for them. */
  readonly #names = new Map<string, string>()
  readonly #sent: Sending[] = []
  readonly #news: ConversationNews
  #naming = { turn: '', names: new ResponseNames() }

  constructor(conversation: Conversation, line: LineActorRef) {
    this.#conversation = conversation
    this.#line = line
    const { chain, wantedLane } = conversation.actor.getSnapshot().context
    this.#ear = new LineEar(wantedLane)
    if (chain !== null) this.#names.set(chain.responseId, 'resp_0')
    this.noteSocket()
    this.#news = new ConversationNews(conversation, this.#sockets)
    conversation.on('turn.planned', (planned) => this.#notePlan(planned))
  }

  view(): ConversationView {
    const snapshot = this.#conversation.actor.getSnapshot()
    const { chain, lease } = snapshot.context
    return {
      ...shownOf(snapshot),
      ...this.#news.view(),
      history: this.#length,
      chain: chain && {
        ...chainOf(chain),
        responseId: this.#nameOf(chain.responseId),
        socket: this.#sockets.numberOf(chain.connectionKey),
        modelName: chain.model === MODEL ? 'same' : chain.model,
      },
      lease: lease && this.#sockets.laneName(lease),
      sent: this.#sent.map(({ at, plan }) => ({ at, plan })),
      told: this.#ear.told,
    }
  }

  get complaints(): readonly string[] {
    return this.#ear.complaints
  }

  /** What a server must have been sent, in order. */
  get onTheWire(): readonly { readonly items: number; readonly after: string | null }[] {
    return this.#sent
      .filter(({ unsent }) => unsent !== true)
      .map(({ plan }) =>
        'whole' in plan
          ? { items: plan.to, after: null }
          : { items: plan.to - plan.from, after: plan.continues },
      )
  }

  /** Sockets are counted as they open, whoever hears of them. */
  noteSocket(): void {
    const { current } = this.#line.getSnapshot().context
    if (current?.socket === 'open') this.#sockets.numberOf(socketKey(current))
  }

  /** What was planned last has never left. */
  noteUnsent(): void {
    const last = this.#sent.at(-1)
    if (last !== undefined) last.unsent = true
  }

  /** The server does this step in the response with this id. */
  noteGiven(responseId: string, step: { readonly do: string }): void {
    const turn = turnNameOf(this.#conversation.actor.getSnapshot().context.request?.turnId ?? '')
    if (turn !== this.#naming.turn) this.#naming = { turn, names: new ResponseNames() }
    const name = this.#naming.names.nameIn(step)
    if (step.do === 'created' || step.do === 'ended') this.#names.set(responseId, `${turn}.${name}`)
  }

  /** What the model calls a response. */
  nameOf(responseId: string | null): string | null {
    return responseId === null ? null : this.#nameOf(responseId)
  }

  /** What XState shows of every actor of the connection. */
  hear(shown: InspectionEvent): void {
    if (shown.type !== '@xstate.event') return
    const event = shown.event as AnyEventObject
    const { actor } = this.#conversation
    if (shown.actorRef === actor && event.type === 'lane.granted') this.#ear.grant()
    if (shown.actorRef === actor && event.type === 'lane.refused') this.#ear.refuse()
    if (shown.actorRef !== this.#line || shown.sourceRef !== actor) return
    const { connectionKey } = event
    this.#ear.hear(
      typeof connectionKey === 'string'
        ? { ...event, connectionKey: keyOf(this.#sockets.numberOf(connectionKey)) }
        : event,
    )
  }

  /** Items of the history, with those of a turn under way. */
  get #length(): number {
    const { history, turn } = this.#conversation
    return history.length + (turn?.input.length ?? 0)
  }

  #notePlan({ plan: planned, ...place }: TurnPlanned): void {
    const plan = planView(planned, this.#length)
    const named = 'whole' in plan ? plan : { ...plan, continues: this.#nameOf(plan.continues) }
    this.#sent.push({ at: this.#sockets.laneName(place), plan: named })
  }

  #nameOf(responseId: string): string {
    return this.#names.get(responseId) ?? responseId
  }
}
