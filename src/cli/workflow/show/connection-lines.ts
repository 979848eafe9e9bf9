import type { ConnectionLost, ConnectionSnapshot, ResponsesConnection } from '../../../index.ts'
import { getOpenAIWebSocketErrorDetails } from '../../../index.ts'
import type { Span, Screen } from '../../screen/screen.ts'
import type { Style } from '../../screen/text-flow.ts'
import { eachConnection } from './connections.ts'
import { Countdown } from './countdown.ts'
import { type Transition, endingOf, watchTransitions } from './transitions.ts'

/** The lines about the line: each state of each of its connections, what is lost, and where turns start. */
export class ConnectionLines {
  readonly #screen: Screen
  readonly #connection: ResponsesConnection
  readonly #place: () => string
  readonly #countdown: Countdown
  readonly #stops: (() => void)[] = []

  /** @param place says where the conversation stands */
  constructor(screen: Screen, connection: ResponsesConnection, place: () => string) {
    this.#screen = screen
    this.#connection = connection
    this.#place = place
    this.#countdown = new Countdown(screen)
    const moves = connection.line.on('line.switched', ({ from, to }) => this.#moved(from, to))
    this.#stops.push(
      () => moves.unsubscribe(),
      connection.on('connection.lost', (lost) => this.#lost(lost)),
      connection.on('connection.ripe', () => this.#ripe(connection.actor.id)),
      connection.on('error', (event) => {
        const { code, type } = getOpenAIWebSocketErrorDetails(event)
        const { yellow } = screen.paint
        screen.line(
          ['server', yellow],
          [`answers with the error ${code ?? type ?? 'without a code'}`, yellow],
        )
      }),
      eachConnection(connection, (actor) => {
        this.#stops.push(watchTransitions(actor, (transition) => this.#report(actor.id, transition)))
      }),
    )
  }

  stop(): void {
    this.#countdown.stop()
    for (const stop of this.#stops) stop()
  }

  /** A failed attempt stands in the line of its state; this is the end of a connection that was open. */
  #lost({ closeInfo }: ConnectionLost): void {
    if (closeInfo.phase !== 'open') return
    const { red } = this.#screen.paint
    this.#screen.line(['lost', red], [`the connection, ${this.#place()}: ${endingOf(closeInfo)}`, red])
  }

  #ripe(id: string): void {
    const { yellow } = this.#screen.paint
    this.#screen.line(['ripe', yellow], [`no further turn starts on ${id}`, yellow])
  }

  #moved(from: string | null, to: string): void {
    const { green } = this.#screen.paint
    const away = from === null ? '' : `, and ${from} retires`
    // After the states that led to it, which are told of in the same moment.
    queueMicrotask(() => this.#screen.line(['moved', green], [`turns start on ${to}${away}`, green]))
  }

  #report(id: string, transition: Transition): void {
    const { current } = this.#connection.line.getSnapshot().context
    if (id === current?.id) return this.#transition(id, transition)
    // A connection is left because of what its successor did, and that is to be told of first.
    queueMicrotask(() => this.#transition(id, transition))
  }

  #transition(id: string, { path, wait, detail, snapshot }: Transition): void {
    const { dim, yellow } = this.#screen.paint
    const [top, rest] = [path.replace(/\W.*/s, ''), path.replace(/^\w+/, '')]
    const spans: Span[] = [
      [top, this.#styleOf(snapshot)],
      [rest, dim],
    ]
    if (wait !== null) spans.push('  ', [wait, yellow])
    if (detail !== null) spans.push('  ', [detail, dim])
    // A name is of use only where there is more than one.
    const { count } = this.#connection.line.getSnapshot().context
    if (count > 1) spans.unshift([id, dim], '  ')
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
