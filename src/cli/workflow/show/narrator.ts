import type { Conversation, ResponsesConnection, Steer, ToolEvent, Turn, TurnError } from '../../../index.ts'
import type { Screen } from '../../screen/screen.ts'
import type { WorkflowObserver } from '../observer.ts'
import { ConnectionLines } from './connection-lines.ts'
import { showSteer } from './steer-lines.ts'
import type { Tally } from './tally.ts'
import { type Counts, TurnLines } from './turn-lines.ts'

/** Tells on a screen what the line, the conversation and the workflow do. Decides nothing. */
export class Narrator implements WorkflowObserver {
  readonly #screen: Screen
  readonly #turns: TurnLines
  readonly #connections: ConnectionLines

  constructor(screen: Screen, connection: ResponsesConnection, tally: Tally) {
    this.#screen = screen
    this.#turns = new TurnLines(screen, connection, tally)
    this.#connections = new ConnectionLines(screen, connection, () => this.#turns.place)
  }

  get counts(): Counts {
    return this.#turns.counts
  }

  stop(): void {
    this.#screen.endText()
    this.#turns.stop()
    this.#connections.stop()
  }

  conversation(conversation: Conversation): void {
    this.#turns.follow(conversation)
  }

  question(question: string): void {
    const { bold } = this.#screen.paint
    this.#screen.blank()
    this.#screen.line(['you', bold], [question, bold])
  }

  pause(): void {
    const { dim } = this.#screen.paint
    this.#screen.blank()
    this.#screen.line(['pause', dim], ['nothing is asked while the connection grows old', dim])
  }

  turn(turn: Turn): void {
    this.#turns.begin(turn)
  }

  tool(event: ToolEvent): void {
    this.#turns.tool(event)
  }

  steered(steer: Steer): void {
    this.#turns.counts.steered += 1
    showSteer(this.#screen, steer)
  }

  lost(error: TurnError, isAskedAgain: boolean): void {
    this.#turns.lost(error, isAskedAgain)
  }
}
