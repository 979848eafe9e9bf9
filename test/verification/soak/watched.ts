import { openai } from '../../../src/protocol/index.ts'
import type { ClientOptions } from 'ws'
import { WebSocket } from 'ws'
import type { InspectionEvent } from 'xstate'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import { RecentRecorder } from '../../../src/recording/recent.ts'
import type { Gate } from '../../../src/testing/network/gate.ts'
import { SMALL_PAYLOAD_BYTES } from '../../../src/testing/model/upgrade-faults.ts'
import { CountedClock } from './counted-clock.ts'
import { SOAK_KEY, judgeDial, judgeFact, judgeLeft, judgeShown } from './judge.ts'
import { type Judgement, type Ledger, PROMISES } from './ledger.ts'
import { LiveActors } from './live-actors.ts'

export const MIN_RETRY_MS = 10
export const MAX_RETRIES = 5
/** Looking through an event for a credential is slow: one in so many is looked through. */
const LOOK_EVERY = 64

/** One connection through a gate, with all that can be seen of it from outside. */
export class Watched {
  readonly connection: ResponsesConnection
  readonly gate: Gate
  /** What led to the first promise that was broken here, as the text of a recording; null while all were kept. */
  evidence: string | null = null
  readonly #ledger: Ledger
  readonly #recorder = new RecentRecorder()
  readonly #clock = new CountedClock()
  readonly #actors = new LiveActors()
  readonly #sockets = new Set<WebSocket>()
  readonly #dialed: () => void
  #events = 0

  /** @param dialed called before each dial */
  constructor(gate: Gate, ledger: Ledger, dialed: () => void = () => {}) {
    this.gate = gate
    this.#ledger = ledger
    this.#dialed = dialed
    this.connection = new ResponsesConnection({
      url: gate.url,
      provider: { ...openai, url: gate.url },
      apiKey: SOAK_KEY,
      backoffDelaysMs: [20, 40, 80],
      minRetryDelayMs: MIN_RETRY_MS,
      maxRetries: MAX_RETRIES,
      connectTimeoutMs: 1_500,
      closeTimeoutMs: 200,
      pingIntervalMs: 300,
      pongTimeoutMs: 600,
      stableAfterMs: 400,
      maxAgeMs: 2_000,
      turnBudgetMs: 500,
      expiryGraceMs: 20,
      maxPayloadBytes: SMALL_PAYLOAD_BYTES,
      clock: this.#clock,
      socketFactory: (url, options) => this.#dial(url, options),
      inspect: (event) => {
        this.#recorder.inspect(event)
        this.#actors.note(event)
        this.#look(event)
      },
    })
  }

  /** Writes judgements into the ledger, and keeps what led to the first broken promise. */
  judge(...judgements: readonly Judgement[]): void {
    for (const judgement of judgements) {
      this.#ledger.judge(judgement)
      if (!judgement.holds) {
        this.evidence ??= this.#recorder.text(`broken at the end: ${PROMISES[judgement.promise]}`)
      }
    }
  }

  /** Leaves nothing behind. */
  async stop(): Promise<void> {
    await this.connection.close()
    this.connection.stop()
    this.#recorder.stop()
    this.judge(
      ...judgeLeft({
        sockets: this.#openSockets(),
        timers: this.#clock.pending,
        actors: this.#actors.count(),
      }),
    )
  }

  #dial(url: string, options: ClientOptions): WebSocket {
    // While a line moves over there are two connections, each with a socket of its own.
    this.judge(judgeDial(this.#openSockets(), this.#actors.count(/^connection-\d+$/) - 1))
    this.#dialed()
    const socket = new WebSocket(url, options)
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    return socket
  }

  #openSockets(): number {
    return [...this.#sockets].filter(({ readyState }) => readyState === WebSocket.OPEN).length
  }

  #look(event: InspectionEvent): void {
    this.#events += 1
    if (this.#events % LOOK_EVERY === 0) this.judge(judgeShown(event, `an event of ${event.type}`))
    if (event.type !== '@xstate.snapshot' || !('connectionId' in event.event)) return
    const context: unknown = Reflect.get(event.snapshot, 'context')
    const newest: unknown =
      typeof context === 'object' && context !== null ? Reflect.get(context, 'connectionId') : null
    if (typeof newest !== 'number') return
    this.judge(judgeFact(event.event.type, Number(event.event['connectionId']), newest))
  }
}
