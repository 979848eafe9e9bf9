import type { AnyActorRef, AnyEventObject, InspectionEvent } from 'xstate'
import { socketKey } from '../../../machines/line/slots.ts'
import type { ConversationEmitted } from '../../../machines/conversation/types.ts'
import type { Conversation } from '../../client/conversation/conversation.ts'
import { FIRST_SETTINGS } from '../../client/conversation/request.ts'
import type { LineActorRef } from '../../client/line-machine.ts'
import type { ConversationView } from '../model/conversation-steps.ts'
import { chainOf, keyOf, planView } from './conversation-words.ts'
import { LineEar } from './line-ear.ts'
import { ResponseNames } from './response-names.ts'
import { SocketNumbers } from './socket-numbers.ts'
import { topName } from './top-name.ts'

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
  readonly #resent: string[] = []
  readonly #settled: string[] = []
  readonly #moves: number[] = []
  #listened = 0
  #naming = { turn: '', names: new ResponseNames() }

  constructor(conversation: Conversation, line: LineActorRef) {
    this.#conversation = conversation
    this.#line = line
    const { chain, wantedLane } = conversation.actor.getSnapshot().context
    this.#ear = new LineEar(wantedLane)
    if (chain !== null) this.#names.set(chain.responseId, 'resp_0')
    this.noteSocket()
    conversation.actor.on('*', (event: ConversationEmitted) => this.#heed(event))
  }

  view(): ConversationView {
    const { value, context, children } = this.#conversation.actor.getSnapshot()
    const { chain, lease, holds, steers } = context
    const turn = (children['turn'] as AnyActorRef | undefined)?.getSnapshot()
    return {
      state: typeof value === 'string' ? value : value.busy,
      turn: turn?.status === 'active' ? topName(turn.value) : null,
      history: this.#length,
      chain: chain && {
        ...chainOf(chain),
        responseId: this.#nameOf(chain.responseId),
        socket: this.#sockets.numberOf(chain.connectionKey),
        settings: chain.settings === FIRST_SETTINGS ? 'same' : chain.settings,
      },
      lease: lease && this.#at(lease),
      sent: this.#sent.map(({ at, plan }) => ({ at, plan })),
      told: this.#ear.told,
      resent: this.#resent,
      settled: this.#settled,
      moves: this.#moves,
      listened: this.#listened,
      holds,
      steers: Object.keys(steers).length,
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
    if (current?.isOpen === true) this.#sockets.numberOf(socketKey(current))
  }

  /** What was planned last has never left. */
  noteUnsent(): void {
    const last = this.#sent.at(-1)
    if (last !== undefined) last.unsent = true
  }

  /** The server does this step in the response with this id. */
  noteGiven(responseId: string, step: { readonly do: string }): void {
    const turn = this.#turnName(this.#conversation.actor.getSnapshot().context.request?.turnId ?? '')
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

  #heed(event: ConversationEmitted): void {
    switch (event.type) {
      case 'turn.planned': {
        const plan = planView(event.plan, this.#length)
        const named = 'whole' in plan ? plan : { ...plan, continues: this.#nameOf(plan.continues) }
        return void this.#sent.push({ at: this.#at(event), plan: named })
      }
      case 'turn.resent':
        return void this.#resent.push(event.reason)
      case 'turn.listens':
        this.#listened += 1
        return
      case 'conversation.moved':
        return void this.#moves.push(this.#sockets.numberOf(event.connectionKey))
      case 'turn.settled': {
        const { turnId, outcome, progress } = event.result
        this.#settled.push(`${this.#turnName(turnId)} ${outcome} ${progress}`)
      }
    }
  }

  #nameOf(responseId: string): string {
    return this.#names.get(responseId) ?? responseId
  }

  #turnName(turnId: string): string {
    return `turn-${turnId.split('.').at(-1)}`
  }

  #at({ connectionKey, lane }: { readonly connectionKey: string; readonly lane: string | null }): string {
    return `${this.#sockets.numberOf(connectionKey)}/${lane ?? 'default'}`
  }
}
