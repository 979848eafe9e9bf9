import type { TurnLost } from '../../../machines/index.ts'
import type { ConnectionSnapshot } from '../../client/connection-machine.ts'
import type { ResponsesConnection } from '../../client/connection.ts'
import type { FunctionCallItem, ResponseCreateEvent } from '../../protocol/index.ts'
import type { Span, Screen } from '../screen/screen.ts'
import type { Style } from '../screen/text-flow.ts'
import type { WorkflowObserver } from './answer-questions.ts'
import { counted } from '../counted.ts'
import { Countdown } from './countdown.ts'
import type { Asking } from './observer.ts'
import type { ToolResult } from './tools/tool.ts'
import { type Transition, watchTransitions } from './transitions.ts'

/** What the workflow itself counts. */
export interface Counts {
  turns: number
  lost: number
  full: number
  delta: number
  calls: number
}

/** Tells on a screen what the connection and the conversation do. Decides nothing. */
export class Narrator implements WorkflowObserver {
  readonly counts: Counts = { turns: 0, lost: 0, full: 0, delta: 0, calls: 0 }
  readonly #screen: Screen
  readonly #countdown: Countdown
  readonly #stops: (() => void)[]

  constructor(screen: Screen, connection: ResponsesConnection) {
    this.#screen = screen
    this.#countdown = new Countdown(screen)
    this.#stops = [
      watchTransitions(connection.actor, (transition) => this.#transition(transition)),
      connection.on('response.output_text.delta', ({ delta }) => screen.text('model', delta)),
      connection.on('response.refusal.delta', ({ delta }) => screen.text('model', delta)),
      connection.on('response.output_item.done', () => screen.endText()),
    ]
  }

  stop(): void {
    this.#countdown.stop()
    this.#screen.endText()
    for (const stop of this.#stops) stop()
  }

  question(question: string): void {
    const { bold } = this.#screen.paint
    this.#screen.blank()
    this.#screen.line(['you', bold], [question, bold])
  }

  asking({ turn, ask, request, history }: Asking): void {
    const { blue, dim } = this.#screen.paint
    const items = Array.isArray(request.input) ? request.input.length : 1
    const kind = kindOf(request)
    this.counts[kind] += 1
    const again = ask === 1 ? 'sends' : 'asks again and sends'
    const what =
      kind === 'delta'
        ? `${counted(items, 'new item')}, the server knows the ${history - items} before`
        : `the full history, ${counted(items, 'item')}`
    this.#screen.line([`turn ${turn}`, blue], [`${again} ${what}`, dim])
  }

  notSent(request: ResponseCreateEvent): void {
    this.counts[kindOf(request)] -= 1
    const { yellow, dim } = this.#screen.paint
    this.#screen.line(['not sent', yellow], ['the line was already ending', dim])
  }

  turnLost(turn: number, { progress, events, connectionId }: TurnLost): void {
    const { red } = this.#screen.paint
    this.counts.lost += 1
    const came = events === 0 ? 'nothing had come back' : `${counted(events, 'event')} had come back`
    this.#screen.line(
      ['lost', red],
      [`turn ${turn} got as far as "${progress}": ${came} on connection ${connectionId}`, red],
    )
  }

  turnRefused(turn: number, code: string): void {
    const { red } = this.#screen.paint
    this.#screen.line(['refused', red], [`turn ${turn}: ${code}`, red])
  }

  turnDone(): void {
    this.counts.turns += 1
  }

  toolCalled({ name, arguments: args }: FunctionCallItem): void {
    const { magenta, dim } = this.#screen.paint
    this.counts.calls += 1
    this.#screen.line(['call', magenta], [name, magenta], ' ', [args, dim])
  }

  toolReturned({ name }: FunctionCallItem, { summary }: ToolResult): void {
    const { magenta, dim } = this.#screen.paint
    this.#screen.line(['result', magenta], [name, magenta], ' ', [summary, dim])
  }

  #transition({ path, wait, detail, snapshot }: Transition): void {
    const { dim, yellow } = this.#screen.paint
    const style = this.#styleOf(snapshot)
    const [top = '', rest = ''] = path.split(/(?<=^\w+)(?=\W)/, 2)
    const spans: Span[] = [
      [top, style],
      [rest, dim],
    ]
    if (wait !== null) spans.push('  ', [wait, yellow])
    if (detail !== null) spans.push('  ', [detail, dim])
    this.#screen.line(['state', dim], ...spans)
    if (wait !== null) this.#countdown.start(snapshot.context.retry.delayMs)
    else if (!snapshot.matches({ reconnecting: 'waiting' })) this.#countdown.stop()
  }

  #styleOf(snapshot: ConnectionSnapshot): Style {
    const { dim, green, red, yellow } = this.#screen.paint
    if (snapshot.matches('open')) return green
    if (snapshot.matches('connecting') || snapshot.matches('reconnecting')) return yellow
    const { closedBecause } = snapshot.context
    return closedBecause === null || closedBecause === 'requested' ? dim : red
  }
}

function kindOf({ previous_response_id: previous }: ResponseCreateEvent): 'delta' | 'full' {
  return typeof previous === 'string' ? 'delta' : 'full'
}
