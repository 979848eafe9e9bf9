import type { TurnEvent } from '../../../machines/turn/types.ts'
import { type ErrorFrameDetails, readErrorFrame } from '../../protocol/error-details.ts'
import type {
  InputItem,
  OutputItem,
  ResponseObject,
  ServerEvent,
  TerminalEvent,
  TurnResponse,
} from '../../protocol/index.ts'
import { outputText } from '../../protocol/output-text.ts'
import { type ServerSaid, saidOf } from '../../protocol/server-said.ts'
import { isTerminalEvent, settlementOf } from '../../protocol/terminal.ts'
import type { HistoryItem } from './history.ts'
import { pendingCalls } from '../tools/index.ts'
import { responseIdOf } from '../../socket/unsettled-turns.ts'
import type { LaneInbox, LaneReader } from './lane-inbox.ts'

/** Events that answer a create without being output of it. */
const PRELUDE: ReadonlySet<string> = new Set(['response.queued', 'response.in_progress', 'keepalive'])
const STEERING = /^response\.steer\./

/** What a reader does with what it reads. */
export interface TurnReaderSink {
  /** Tells the turn's chart. It moves before anybody is called. */
  readonly tell: (fact: TurnEvent) => void
  /** Hands the event to whoever reads the turn. */
  readonly show: (event: ServerEvent) => void
  /** A steering event of the turn's lane. */
  readonly steer: (event: ServerEvent) => void
  /** Input of steers that the server has taken, and that its next response starts from. */
  readonly steered: () => readonly InputItem[]
  /** Whether the turn goes on after an end that its chart was told of: with a successor of that response. */
  readonly goesOn: () => boolean
  readonly now: () => number
}

/** Reads the events of one sending of a turn: facts for the chart, items for the response. */
export class TurnReader implements LaneReader {
  readonly #sink: TurnReaderSink
  readonly #inbox: LaneInbox
  readonly #items = new Map<number, OutputItem>()
  /** What the history gets before the output of the last response, because that one followed up others. */
  readonly #carried: HistoryItem[] = []
  #responseId: string | null = null
  #response: TurnResponse | null = null
  #said: ServerSaid | null = null
  #hasOutput = false
  #awaitsSuccessor = false
  /** The chart wants to know of the next event, and always of the first. */
  #isAwaited = true

  constructor(sink: TurnReaderSink, inbox: LaneInbox) {
    this.#sink = sink
    this.#inbox = inbox
  }

  /** The next event is reported as `turn.heard`. */
  await(): void {
    this.#isAwaited = true
  }

  /** The terminal response, with its output: what it carries itself, else the finished items. */
  get response(): TurnResponse | null {
    return this.#response
  }

  /** What the server said when it refused the turn, or failed the response. */
  get said(): ServerSaid | null {
    return this.#said
  }

  /** Output items that are finished, in their order. */
  get items(): OutputItem[] {
    return [...this.#items].toSorted(([a], [b]) => a - b).map(([, item]) => item)
  }

  /** What the turn adds to the history behind its input. */
  get additions(): HistoryItem[] {
    return [...this.#carried, ...(this.#response?.output ?? this.items)]
  }

  get responseId(): string | null {
    return this.#responseId
  }

  /** A response has ended, and no event of its successor was seen. */
  get awaitsSuccessor(): boolean {
    return this.#awaitsSuccessor
  }

  receive(event: ServerEvent): void {
    const id = responseIdOf(event)
    if (id !== null && this.#responseId !== null && id !== this.#responseId) return
    // Most events by far are deltas of a response that streams already, and nothing is to be learnt from them.
    const isMoreOutput = id === null && this.#hasOutput && event.type.endsWith('.delta')
    if (isMoreOutput && !this.#isAwaited) return this.#sink.show(event)
    if (STEERING.test(event.type)) this.#sink.steer(event)
    else this.#report(event, id)
    this.#sink.show(event)
  }

  #report(event: ServerEvent, id: string | null): void {
    if (event.type === 'error') return this.#refuse(event)
    if (this.#awaitsSuccessor && (id !== null || !PRELUDE.has(event.type))) this.#takeUpSuccessor()
    if (isTerminalEvent(event)) return this.#end(event)
    if (id !== null && this.#responseId === null) {
      this.#responseId = id
      this.#isAwaited = false
      return this.#sink.tell({ type: 'turn.created', responseId: id })
    }
    if (event.type === 'response.output_item.done') this.#items.set(event.output_index, event.item)
    if (!this.#hasOutput && !PRELUDE.has(event.type) && event.type !== 'response.created') {
      this.#hasOutput = true
      this.#isAwaited = false
      this.#sink.tell({ type: 'turn.output' })
    } else if (this.#isAwaited) {
      this.#isAwaited = false
      this.#sink.tell({ type: 'turn.heard' })
    }
  }

  #refuse(event: Extract<ServerEvent, { type: 'error' }>): void {
    const details = readErrorFrame(event, this.#sink.now())
    this.#said = saidOf(details)
    const { status, code, type, param, retryAfterMs } = details
    // A terminal event of the same response can still follow; it must not end the next turn of the lane.
    if (this.#responseId !== null) this.#inbox.ended(this.#responseId)
    const refusal = { status, code: short(code), errorType: short(type), param: short(param) }
    this.#sink.tell({ type: 'turn.errored', refusal, retryAfterMs })
  }

  #end(event: TerminalEvent): void {
    const { outcome, response } = settlementOf(event)
    const output = response !== null && response.output.length > 0 ? response.output : this.items
    this.#response = response === null ? null : { ...response, output, output_text: outputText(output) }
    if (outcome === 'failed') this.#said = saidOf(this.#failureOf(event, response))
    const code = this.#said?.serverCode ?? response?.incomplete_details?.reason ?? null
    const work = pendingCalls({ output, ...(response?.status && { status: response.status }) })
    this.#sink.tell({
      type: 'turn.ended',
      outcome,
      responseId: response?.id ?? null,
      code: short(code),
      waitsForClient: work.calls.length + work.unserved.length > 0,
      stored: response?.store === true,
      outputItems: this.#carried.length + output.length,
    })
    if (!this.#sink.goesOn()) return
    this.#awaitsSuccessor = true
    this.#responseId = null
    this.#hasOutput = false
  }

  /** A failed response has its error inside; in one dialect the event is an error frame itself. */
  #failureOf(event: TerminalEvent, response: ResponseObject | null): ErrorFrameDetails {
    const isFrame = event.type === 'response.error' && !response?.error
    const frame = isFrame ? event : ({ type: 'error', error: response?.error } as const)
    return readErrorFrame(frame, this.#sink.now())
  }

  /** The server goes on by itself, under a new id, from what was finished and what it was told. */
  #takeUpSuccessor(): void {
    this.#awaitsSuccessor = false
    this.#carried.push(...(this.#response?.output ?? this.items), ...this.#sink.steered())
    this.#response = null
    this.#items.clear()
  }
}

/** Codes go into snapshots: a server must not fill them. */
function short(text: string | null | undefined): string | null {
  return typeof text === 'string' ? text.slice(0, 128) : null
}
