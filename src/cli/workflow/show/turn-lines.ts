import type {
  Conversation,
  FunctionCallItem,
  InputItem,
  ResendReason,
  ResponsesConnection,
  ToolEvent,
  Turn,
  TurnError,
  TurnPlanned,
  TurnResult,
} from '../../../index.ts'
import { counted } from '../../counted.ts'
import type { Screen } from '../../screen/screen.ts'
import { describeOutput } from './tool-output.ts'
import type { Tally } from './tally.ts'
import { REASONS, RESENDS } from './words.ts'

/** What came of the turns. */
export interface Counts {
  answered: number
  lost: number
  steered: number
  /** Turns sent with their whole history, and with what is new only. */
  full: number
  delta: number
  warmUps: number
  calls: number
}

/** The lines about turns: how each is sent, what the model says and calls, and how it ends. */
export class TurnLines {
  readonly counts: Counts = { answered: 0, lost: 0, steered: 0, full: 0, delta: 0, warmUps: 0, calls: 0 }
  readonly #screen: Screen
  readonly #tally: Tally
  readonly #stops: (() => void)[]
  readonly #calls = new Map<string, FunctionCallItem>()
  /** The calls whose output has been shown. */
  readonly #shown = new Set<string>()
  #turn: Turn | null = null
  #number = 0
  #isOver = true
  #isAskedAgain = false
  #creates = 0

  constructor(screen: Screen, connection: ResponsesConnection, tally: Tally) {
    this.#screen = screen
    this.#tally = tally
    const { cyan, dim } = screen.paint
    this.#stops = [
      connection.on('response.output_text.delta', ({ delta }) => screen.text('model', delta)),
      connection.on('response.refusal.delta', ({ delta }) => screen.text('model', delta)),
      connection.on('response.output_item.done', ({ item }) => {
        screen.endText()
        if (item.type === 'function_call') this.#calls.set(item.call_id, item)
      }),
      connection.on('response.steer.accepted', () => screen.line(['steer', cyan], ['accepted', cyan])),
      connection.on('response.incomplete', ({ response }) => {
        const reason = response.incomplete_details?.reason ?? 'incomplete'
        screen.line(['model', dim], [`the response ends here: ${reason}`, dim])
      }),
    ]
  }

  /** Where the conversation stands, in words. */
  get place(): string {
    if (!this.#isOver) return `in the middle of turn ${this.#number}`
    return this.#number === 0 ? 'before turn 1' : `between turn ${this.#number} and turn ${this.#number + 1}`
  }

  follow(conversation: Conversation): void {
    this.#stops.push(
      conversation.on('turn.planned', (planned) => this.#planned(conversation, planned)),
      conversation.on('turn.resent', ({ reason }) => this.#resent(reason)),
      conversation.on('turn.settled', ({ result }) => this.#settled(result)),
    )
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  begin(turn: Turn): void {
    if (turn === this.#turn) return
    // Asked again, a turn keeps its number here.
    if (!this.#isAskedAgain) this.#number += 1
    this.#isAskedAgain = false
    this.#turn = turn
    this.#isOver = false
  }

  tool(event: ToolEvent): void {
    if (event.type !== 'tool.started') return
    const { magenta, dim } = this.#screen.paint
    this.counts.calls += 1
    const args = this.#calls.get(event.callId)?.arguments ?? ''
    this.#screen.line(['call', magenta], [event.name, magenta], ' ', [args, dim])
  }

  lost({ progress, resendIsSafe }: TurnError, isAskedAgain: boolean): void {
    const { red, yellow } = this.#screen.paint
    const risk = resendIsSafe ? 'is safe' : 'may do the work twice'
    this.#screen.line(['lost', red], [`turn ${this.#number}, which was ${progress}: a resend ${risk}`, red])
    this.#isAskedAgain = isAskedAgain
    if (!isAskedAgain) return
    this.#screen.line(['again', yellow], ['the workflow asks again, because a question does no harm', yellow])
  }

  #planned(conversation: Conversation, { plan }: Pick<TurnPlanned, 'plan'>): void {
    // A rested socket is looked at before the frame goes out. If the socket has just gone, another plan follows.
    this.#tally.onCreate = () => this.#planned(conversation, { plan })
    const { creates } = this.#tally.totals
    if (creates === this.#creates) return
    this.#creates = creates
    this.#tally.onCreate = () => {}
    const { turn } = conversation
    this.#showOutputs([...conversation.history, ...(turn?.input ?? [])])
    if (turn !== null) this.begin(turn)
    const items = conversation.history.length + (turn?.input.length ?? 0)
    const whole = `the full history, ${counted(items, 'item')}`
    if (turn === null) {
      this.counts.warmUps += 1
      return this.#sends('warm-up', `${whole}, and asks for no answer`)
    }
    this.counts[plan.kind] += 1
    const rest = `the server knows the ${plan.from} before`
    this.#sends(
      `turn ${this.#number}`,
      plan.kind === 'delta'
        ? `${counted(items - plan.from, 'new item')}, ${rest}`
        : `${whole}${REASONS[plan.reason]}`,
    )
  }

  #sends(who: string, what: string): void {
    const { blue, dim } = this.#screen.paint
    // After the state of the connection that made it possible, which is told of in the same moment.
    queueMicrotask(() => this.#screen.line([who, blue], [`sends ${what}`, dim]))
  }

  #resent(reason: ResendReason): void {
    const { yellow } = this.#screen.paint
    this.#screen.line(
      ['resent', yellow],
      [`turn ${this.#number} (${reason}), by Holdline itself: ${RESENDS[reason]}`, yellow],
    )
  }

  #settled({ turnId, outcome }: TurnResult): void {
    // The others are warm-ups.
    if (turnId !== this.#turn?.id) return
    // A loss is told of after this, and is to be told as one in the middle of the turn.
    this.#isOver = outcome !== 'lost'
    if (outcome === 'completed') this.counts.answered += 1
    if (outcome === 'lost') this.counts.lost += 1
  }

  #showOutputs(input: readonly InputItem[]): void {
    const { magenta, dim } = this.#screen.paint
    for (const item of input) {
      if (item.type !== 'function_call_output' || this.#shown.has(String(item.call_id))) continue
      this.#shown.add(String(item.call_id))
      const name = this.#calls.get(String(item.call_id))?.name ?? ''
      this.#screen.line(['result', magenta], [name, magenta], ' ', [describeOutput(item.output), dim])
    }
  }
}
