import type { TurnEvent } from '../../../machines/turn/types.ts'
import { type ErrorFrameDetails, namesLane, readErrorFrame } from '../../protocol/error-details.ts'
import { HoldlineError } from '../../protocol/errors.ts'
import type {
  ErrorEvent,
  InputItem,
  OutputItem,
  ResponseObject,
  ServerEvent,
  ServerEventOf,
  TerminalEvent,
  TurnResponse,
} from '../../protocol/index.ts'
import { outputText } from '../../protocol/output-text.ts'
import type { ParsedServerEvent } from '../../protocol/parse-server-event.ts'
import { carriesOutput } from '../../protocol/response-progress.ts'
import { type ServerSaid, saidOf } from '../../protocol/server-said.ts'
import type { Settlement } from '../../protocol/terminal.ts'
import type { HistoryItem } from './history.ts'
import { pendingCalls } from '../tools/index.ts'
import type { LaneReader } from './lane-inbox.ts'

/** The notice that a connection is too old, which may answer a create or only come before its answer. */
const AGE_LIMIT = 'websocket_connection_limit_reached'

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
  /** The turn cannot be read on: it fails with this. */
  readonly fault: (error: unknown) => void
  /** Whether the turn goes on after an end that its chart was told of: with a successor of that response. */
  readonly goesOn: () => boolean
  /** Calls back once everything that has arrived is read, unless the turn is sent again before. */
  readonly afterReading: (done: () => void) => void
  readonly now: () => number
}

/** Reads the events of one sending of a turn: facts for the chart, items for the response. */
export class TurnReader implements LaneReader {
  readonly #sink: TurnReaderSink
  readonly #items = new Map<number, OutputItem>()
  /** What the history gets before the output of the last response, because that one followed up others. */
  readonly #carried: HistoryItem[] = []
  #responseId: string | null = null
  #response: TurnResponse | null = null
  #said: ServerSaid | null = null
  #hasOutput = false
  /** The server has said something of the turn that is no refusal. */
  #hasBegun = false
  #awaitsSuccessor = false
  /** The chart wants to know of the next event, and always of the first. */
  #isListening = true

  constructor(sink: TurnReaderSink) {
    this.#sink = sink
  }

  /** The next event is reported as `turn.heard`. */
  listen(): void {
    this.#isListening = true
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

  /**
   * Takes an event of the turn. Never throws: what a server says and nobody here has thought of ends this turn, and
   * nothing else.
   */
  receive(frame: ParsedServerEvent): void {
    try {
      this.#read(frame)
    } catch (error) {
      this.#sink.fault(error)
    }
  }

  receiveGarbage(): void {
    if (this.#response !== null) return
    this.#noteOutput()
  }

  distrust(): void {
    this.#sink.fault(unattributable())
  }

  #read(frame: ParsedServerEvent): void {
    const event = frame.event as ServerEvent
    // Most events by far are deltas of a response that streams already, and nothing is to be learnt from them.
    const isMoreOutput = frame.kind === 'delta' && this.#hasOutput && frame.responseId === null
    if (!isMoreOutput || this.#isListening) this.#report(frame, event)
    this.#sink.show(event)
  }

  #report(frame: ParsedServerEvent, event: ServerEvent): void {
    const { kind, responseId: id, settlement } = frame
    if (kind === 'steering') return this.#sink.steer(event)
    if (kind === 'error') return this.#refuse(event as ErrorEvent)
    this.#hasBegun = true
    if (this.#awaitsSuccessor && (id !== null || carriesOutput(kind))) this.#takeUpSuccessor()
    if (settlement !== null) return this.#end(event as TerminalEvent, settlement)
    if (id !== null && this.#responseId !== id) {
      this.#responseId = id
      this.#isListening = false
      return this.#sink.tell({ type: 'turn.created', responseId: id })
    }
    if (kind === 'item') this.#keep(event as ServerEventOf<'response.output_item.done'>)
    if (carriesOutput(kind)) this.#noteOutput()
    else this.#noteHeard()
  }

  #noteOutput(): void {
    if (this.#hasOutput) return this.#noteHeard()
    this.#hasOutput = true
    this.#isListening = false
    this.#sink.tell({ type: 'turn.output' })
  }

  #noteHeard(): void {
    if (!this.#isListening) return
    this.#isListening = false
    this.#sink.tell({ type: 'turn.heard' })
  }

  /** An item without a place comes after those that have one. */
  #keep({ output_index: index, item }: ServerEventOf<'response.output_item.done'>): void {
    this.#items.set(Number.isSafeInteger(index) ? index : Math.max(-1, ...this.#items.keys()) + 1, item)
  }

  #refuse(event: ErrorEvent): void {
    const details = readErrorFrame(event, this.#sink.now())
    const { status, code, type, param, retryAfterMs } = details
    const named = namesLane(details) ? 'stream_id' : short(param)
    const refusal = { status, code: short(code), errorType: short(type), param: named }
    const tell = (): void => {
      this.#said = saidOf(details)
      this.#sink.tell({ type: 'turn.errored', refusal, retryAfterMs })
    }
    if (code !== AGE_LIMIT || this.#hasBegun) return tell()
    // It may have crossed the create. What the server has said behind it proves that the turn runs.
    this.#sink.afterReading(() => {
      if (!this.#hasBegun) tell()
    })
  }

  #end(event: TerminalEvent, { outcome, response: ended }: Settlement): void {
    const output = ended !== null && ended.output.length > 0 ? ended.output : this.items
    // A gateway may leave the id out of the last event.
    const id = ended?.id || this.#responseId
    const response = ended === null || id === null ? null : { ...ended, id, output }
    this.#response = response === null ? null : { ...response, output_text: outputText(output) }
    if (outcome === 'failed') this.#said = saidOf(this.#failureOf(event, response))
    const code = this.#said?.serverCode ?? response?.incomplete_details?.reason ?? null
    const work = pendingCalls({ output, ...(response?.status && { status: response.status }) })
    this.#sink.tell({
      type: 'turn.ended',
      // What has no id cannot be answered with.
      outcome: response === null ? 'failed' : outcome,
      responseId: id,
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

function unattributable(): HoldlineError {
  return new HoldlineError(
    'ERR_BAD_FRAME',
    'The server ended a response that it had not named, and it may be that of an earlier turn. The connection is ' +
      'left for a fresh one. Nothing was sent again.',
  )
}

/** Codes go into snapshots: a server must not fill them. */
function short(text: string | null | undefined): string | null {
  return typeof text === 'string' ? text.slice(0, 128) : null
}
