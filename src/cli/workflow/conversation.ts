import type { ResponsesConnection } from '../../client/connection.ts'
import type { FunctionCallItem, InputItem, OutputItem, ResponseCreateEvent } from '../../protocol/index.ts'
import { CommandError } from '../exit.ts'
import type { ConversationObserver } from './observer.ts'
import { type Tool, runCall } from './tools/tool.ts'
import { type TurnEnd, runTurn } from './turn.ts'

/** Turns that one question may take. A model that goes on calling tools is stopped there. */
const MOST_TURNS = 12
/** How often one turn is asked for. */
const MOST_ASKS = 3

/** Refusals that the full history, or a new connection, is the remedy for. */
const ASK_AGAIN = new Set(['previous_response_not_found', 'websocket_connection_limit_reached'])

export interface ConversationOptions {
  readonly model: string
  readonly instructions: string
  readonly tools: readonly Tool[]
  readonly observer: ConversationObserver
}

/** A chain of turns over one connection. It keeps the history itself; what the server remembers only saves bytes. */
export class Conversation {
  readonly #connection: ResponsesConnection
  readonly #options: ConversationOptions
  readonly #history: InputItem[] = []
  #turns = 0
  /** The response that ends the known part of the history, and how many items that part has. */
  #known: { readonly id: string | null; readonly items: number } = { id: null, items: 0 }

  constructor(connection: ResponsesConnection, options: ConversationOptions) {
    this.#connection = connection
    this.#options = options
  }

  /**
   * Asks, runs the tools that the model calls, and goes on until it calls no more.
   *
   * @throws {CommandError} when a turn fails, or the limit is reached
   * @throws {ConnectionError} when the connection is closed or given up
   */
  async ask(question: string): Promise<void> {
    this.#history.push({ type: 'message', role: 'user', content: question })
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const output = await this.#turn()
      const calls = output.filter((item) => item.type === 'function_call')
      if (calls.length === 0) return
      const answers = await Promise.all(calls.map((call) => this.#answer(call)))
      this.#history.push(...answers)
    }
    throw new CommandError('too_many_turns', `The model still calls tools after ${MOST_TURNS} turns.`)
  }

  /** One turn, asked for again where its connection was lost. */
  async #turn(): Promise<readonly OutputItem[]> {
    const { observer } = this.#options
    this.#turns += 1
    for (let ask = 1; ask <= MOST_ASKS; ask += 1) {
      await this.#open()
      const request = this.#request()
      observer.asking({ turn: this.#turns, ask, request, history: this.#history.length })
      const end = await runTurn(this.#connection, request)
      if (end.kind === 'settled') return this.#take(end)
      // Holdline sends nothing twice by itself: a lost turn may have run, and asking again may cost twice. Here
      // a question does no harm when it is asked twice, so this is the place that decides to.
      if (end.kind === 'lost') observer.turnLost(this.#turns, end.lost)
      if (end.kind === 'refused') this.#refused(end)
      if (end.kind === 'unsent') {
        observer.notSent(request)
      }
    }
    throw new CommandError('turn_lost', `The turn was asked for ${MOST_ASKS} times, and never answered.`)
  }

  /** Waits for a connection that takes events: at once, or when the reconnect that is under way has succeeded. */
  async #open(): Promise<void> {
    // From `closed`, connect() would start over with a new budget.
    const { closedError } = this.#connection
    if (closedError !== null) throw closedError
    await this.#connection.connect()
  }

  /** Only what is new, where the server still remembers the rest; else the whole history. */
  #request(): ResponseCreateEvent {
    const { model, instructions, tools } = this.#options
    const settings = {
      type: 'response.create',
      model,
      instructions,
      tools: tools.map(({ definition }) => definition),
      store: false,
      // Without it, a reasoning model's history could not be sent again to a server that stores nothing.
      include: ['reasoning.encrypted_content'],
    } as const
    const { previousResponseId } = this.#connection
    // With store: false the server's memory ends with the socket, and Holdline drops the id with it.
    if (previousResponseId === null || previousResponseId !== this.#known.id) {
      return { ...settings, input: [...this.#history] }
    }
    const input = this.#history.slice(this.#known.items)
    return { ...settings, previous_response_id: previousResponseId, input }
  }

  #take({ settlement, items }: Extract<TurnEnd, { kind: 'settled' }>): readonly OutputItem[] {
    const { outcome, response } = settlement
    if (outcome !== 'completed') {
      const code = response?.error?.code ?? response?.incomplete_details?.reason ?? outcome
      const said = response?.error?.message ?? 'The server gave no reason.'
      throw new CommandError(code, `Turn ${this.#turns} ended as ${outcome}. ${said}`)
    }
    this.#history.push(...items)
    this.#known = { id: response?.id ?? null, items: this.#history.length }
    this.#options.observer.turnDone()
    return items
  }

  async #answer(call: FunctionCallItem): Promise<InputItem> {
    const { tools, observer } = this.#options
    observer.toolCalled(call)
    const result = await runCall(tools, call)
    observer.toolReturned(call, result)
    return { type: 'function_call_output', call_id: call.call_id, output: result.output }
  }

  /** Returns where asking again is the remedy. */
  #refused({ code, message }: Extract<TurnEnd, { kind: 'refused' }>): void {
    this.#options.observer.turnRefused(this.#turns, code)
    if (!ASK_AGAIN.has(code)) throw new CommandError(code, `Turn ${this.#turns} was refused. ${message}`)
  }
}
