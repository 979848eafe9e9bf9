import type { TurnEvent, TurnResult } from '../../../machines/turn/types.ts'
import { isHoldlineError } from '../../protocol/errors.ts'
import type { ResponseCreateEvent, ServerEvent } from '../../protocol/index.ts'
import type { Secret } from '../../protocol/secret.ts'
import { RemoteError } from '../../protocol/remote-error.ts'
import type { ServerSaid } from '../../protocol/server-said.ts'
import type { TransportOptions } from '../../protocol/transport.ts'
import { lostError } from '../connection-error.ts'
import type { ForkHold } from './fork-hold.ts'
import type { HistoryItem } from './history.ts'
import { withoutCalls } from './history-rules.ts'
import type { BodyClock } from '../../http/refusal.ts'
import { sendOverHttp } from './http-sending.ts'
import { LaneInbox } from './lane-inbox.ts'
import { LaneTail } from './lane-tail.ts'
import type { Steering } from './steering.ts'
import { noWarmUpOverHttp } from './refusals.ts'
import { TurnError } from './turn-error.ts'
import { TurnReader } from './turn-reader.ts'
import type { Turn } from './turn.ts'

/** What a turn under way is made of. */
export interface TurnRunInput {
  readonly turn: Turn
  /** `turn` asks for output, `warm-up` does not. */
  readonly kind: 'turn' | 'warm-up'
  /** The settings of its request, without input. */
  readonly request: ResponseCreateEvent
  readonly steering: Steering
  /** Tells the turn's chart. */
  readonly tell: (fact: TurnEvent) => void
  readonly signal: AbortSignal | undefined
  /** Hears each event of it, beside its reader. */
  readonly watch?: ((event: ServerEvent) => void) | undefined
}

/** A turn under way: how it is sent, once or again, and what is to be let go when it ends. */
export class TurnRun {
  readonly turn: Turn
  readonly kind: 'turn' | 'warm-up'
  readonly request: ResponseCreateEvent
  readonly #input: TurnRunInput
  readonly #onAbort: () => void
  #reader: TurnReader | null = null
  #inbox: LaneInbox | null = null
  #exchange: AbortController | null = null
  #hold: ForkHold | null = null
  /** What went wrong with the last sending. */
  #cause: unknown
  /** The reason of the signal that gave the turn up. */
  #abortReason: unknown

  constructor(input: TurnRunInput) {
    const { turn, kind, request, signal } = input
    this.turn = turn
    this.kind = kind
    this.request = request
    this.#input = input
    this.#onAbort = () => {
      this.#abortReason = signal?.reason
      turn.cancel()
    }
    signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** The response that runs, once the server has named it. */
  get responseId(): string | null {
    return this.#reader?.responseId ?? null
  }

  get reader(): TurnReader | null {
    return this.#reader
  }

  /** The next event of the turn is reported. */
  listen(): void {
    this.#reader?.listen()
  }

  /** Sends it on a lane. What `send` throws is kept as the cause, and thrown; nothing was sent then. */
  sendOnLane(inbox: LaneInbox, hold: ForkHold | null, send: () => void): void {
    this.#hold = hold
    const reader = this.#readFrom(inbox)
    try {
      send()
    } catch (error) {
      inbox.close(reader, null)
      // Nothing was sent that the parent's next response could come before.
      this.releaseHold()
      this.#cause = error
      throw error
    }
    this.#cause = undefined
    this.#input.tell({ type: 'turn.dispatched' })
  }

  /** The parent need not wait for what is to be sent again: the server has lost what both continue. */
  releaseHold(): void {
    this.#hold?.release()
  }

  /** @throws {HoldlineError} for a warm-up, which HTTP has not: it would generate */
  sendOverHttp(transport: Secret<TransportOptions>, event: ResponseCreateEvent, clock: BodyClock): void {
    if (this.kind === 'warm-up') throw (this.#cause = noWarmUpOverHttp())
    const inbox = new LaneInbox({ drained: () => {}, distrusted: () => {} })
    this.#readFrom(inbox)
    const exchange = new AbortController()
    this.#exchange = exchange
    void sendOverHttp({
      transport,
      event,
      signal: exchange.signal,
      clock,
      inbox,
      // A later sending of the turn has an exchange of its own.
      tell: (fact) => {
        if (this.#exchange === exchange) this.#input.tell(fact)
      },
      note: (error) => (this.#cause = error),
    })
  }

  /** The turn is over. With `tail`, the server may still be answering it on its lane. */
  end(tail: boolean): void {
    this.#input.signal?.removeEventListener('abort', this.#onAbort)
    this.#exchange?.abort()
    this.releaseHold()
    if (this.#reader === null) return
    const steers = this.#input.steering.held
    const isOver = this.#reader.awaitsSuccessor && steers > 0
    this.#inbox?.close(this.#reader, tail ? new LaneTail(this.#reader.responseId, steers, isOver) : null)
  }

  /** What it adds to the history behind its input. Calls of a response that was cut short are no part of it. */
  additions({ outcome }: TurnResult): readonly HistoryItem[] {
    const items = this.#reader?.additions ?? []
    return outcome === 'completed' ? items : withoutCalls(items)
  }

  /**
   * Why it ended without a response.
   *
   * @param because the cause, where this turn has met with none of its own
   */
  errorOf(result: TurnResult, because: unknown): TurnError {
    const reader = this.#reader
    const lost = result.closeInfo === null ? null : lostError(result.closeInfo)
    const isAnswered = result.outcome === 'refused' || result.outcome === 'failed'
    const own = result.outcome === 'cancelled' ? this.#abortReason : this.#cause
    const cause = own ?? lost ?? because ?? undefined
    return new TurnError({
      result,
      // Over HTTP a refusal is an answer with a status, and no event.
      said: saidBy(cause) ?? (isAnswered ? (reader?.said ?? null) : null),
      items: reader?.items ?? [],
      response: result.outcome === 'failed' ? (reader?.response ?? null) : null,
      cause,
    })
  }

  #fault(error: unknown): void {
    this.#cause = error
    this.#input.tell({ type: 'turn.faulted', code: isHoldlineError(error) ? error.code : 'ERR_BAD_FRAME' })
  }

  #readFrom(inbox: LaneInbox): TurnReader {
    const { turn, steering, tell, watch } = this.#input
    // What a former sending may still bring is not of this one.
    if (this.#reader !== null) this.#inbox?.close(this.#reader, null)
    this.#exchange?.abort()
    this.#inbox = inbox
    const reader = new TurnReader({
      tell: (fact) => {
        tell(fact)
        if (fact.type === 'turn.created') steering.committed()
      },
      show: (event) => {
        this.#hold?.see(event)
        turn.show(event)
        watch?.(event)
      },
      steer: (event) => steering.receive(event, tell),
      steered: () => steering.taken(),
      fault: (error) => this.#fault(error),
      goesOn: () => turn.outcome === null,
      // By then the event loop has polled its sockets.
      afterReading: (done) => {
        setImmediate(() => {
          if (this.#reader === reader) done()
        })
      },
      now: Date.now,
    })
    this.#reader = reader
    inbox.open(reader)
    return reader
  }
}

/** A refused upgrade is no answer to a turn that was lost later: only the error of the last attempt counts. */
function saidBy(cause: unknown): ServerSaid | null {
  return cause instanceof RemoteError && cause.status !== null ? cause : null
}

/** The result of a turn whose chart cannot tell any more. */
export function lostResult(turnId: string, progress: TurnResult['progress']): TurnResult {
  return {
    turnId,
    outcome: 'lost',
    progress,
    responseId: null,
    stored: false,
    outputItems: 0,
    code: null,
    fault: 'connection',
    closeInfo: null,
    error: null,
    remedy: null,
    resendIsSafe: progress === 'queued',
    resends: {},
    leavesTail: false,
  }
}
