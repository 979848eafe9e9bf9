import { inspect } from 'node:util'
import type { ClientOptions } from 'ws'
import { WebSocket } from 'ws'
import type { InspectionEvent } from 'xstate'
import { ResponsesConnection } from '../../client/connection.ts'
import { isHoldlineError } from '../../protocol/errors.ts'
import type { Gate } from '../drive/gate.ts'
import { RecentRecorder } from '../../recording/recent.ts'
import { type Ledger, PROMISES, type PromiseName } from './ledger.ts'

/** A key that can be recognised wherever it turns up. */
export const SOAK_KEY = 'sk-soak-3b9d71f04c'

const MIN_RETRY_MS = 10
const MAX_RETRIES = 5
/** Timers of a busy process are late, but never early by more than this, in ms. */
const EARLY_MS = 2
/** Looking through an event for a credential is slow: one in so many is looked through. */
const LOOK_EVERY = 64

const TERMINAL = /^(?:error|response\.(?:completed|failed|incomplete|done))$/

/** One connection that is kept busy, and watched. */
export class SoakClient {
  readonly connection: ResponsesConnection
  readonly gate: Gate
  readonly #ledger: Ledger
  /** What led to the first promise that was broken here, as the text of a recording; null while all were kept. */
  evidence: string | null = null
  readonly #recorder = new RecentRecorder()
  readonly #sockets = new Set<WebSocket>()
  #sent = 0
  #waiting = 0
  #proved = true
  #lastDial = -Infinity
  #events = 0

  constructor(gate: Gate, ledger: Ledger) {
    this.gate = gate
    this.#ledger = ledger
    this.connection = new ResponsesConnection({
      url: gate.url,
      apiKey: SOAK_KEY,
      backoffDelaysMs: [20, 40, 80],
      minRetryDelayMs: MIN_RETRY_MS,
      maxRetries: MAX_RETRIES,
      connectTimeoutMs: 500,
      closeTimeoutMs: 200,
      pingIntervalMs: 150,
      pongTimeoutMs: 150,
      stableAfterMs: 400,
      maxAgeMs: 2_000,
      turnBudgetMs: 500,
      expiryGraceMs: 20,
      socketFactory: (url, options) => this.#dial(url, options),
      inspect: (event) => {
        this.#recorder.inspect(event)
        this.#look(event)
      },
    })
    this.#listen()
  }

  /** Creates that were handed to a socket. */
  get sent(): number {
    return this.#sent
  }

  /** Connects where it is closed, else sends a turn. */
  act(): void {
    const { connection } = this
    if (connection.state === 'idle' || connection.state === 'closed') connection.connect().catch(() => {})
    else if (this.#waiting === 0) this.#send()
  }

  /** One test of a promise. */
  check(promise: PromiseName, holds: boolean, what: () => string): void {
    this.#ledger.check(promise, holds, what)
    if (!holds) this.evidence ??= this.#recorder.text(`broken at the end: ${PROMISES[promise]}`)
  }

  /** Leaves nothing behind. */
  async stop(): Promise<void> {
    await this.connection.close()
    this.connection.stop()
    this.#recorder.stop()
    const open = this.#openSockets()
    this.check('nothingLeft', open === 0, () => `${open} sockets are left`)
  }

  #send(): void {
    try {
      this.connection.send({ type: 'response.create', model: 'm', input: `turn ${this.#sent}`, store: false })
      this.#sent += 1
      this.#waiting += 1
    } catch (error) {
      const clear = isHoldlineError(error) && error.message.includes('not sent')
      this.check('clearRefusal', clear, () => String(error))
      this.check('noCredential', !inspect(error).includes(SOAK_KEY), () => 'it is in an error')
    }
  }

  #listen(): void {
    this.connection.on('*', (event) => {
      if (TERMINAL.test(event.type) && this.#waiting > 0) this.#settled()
      if (event.type === 'response.completed') this.#proved = true
      else if (event.type === 'turn.lost') {
        this.check('settlesOnce', this.#waiting > 0, () => 'a turn was lost that had settled')
        this.#settled()
      } else if (event.type === 'connection.lost') {
        this.check('budget', this.#attempt <= MAX_RETRIES, () => `retry ${this.#attempt}`)
      } else if (event.type === 'connection.closed') {
        this.check('settlesOnce', this.#waiting === 0, () => 'a turn is open on a closed connection')
      }
    })
  }

  get #attempt(): number {
    return this.connection.actor.getSnapshot().context.retry.attempt
  }

  #settled(): void {
    this.#waiting = Math.max(0, this.#waiting - 1)
    this.check('settlesOnce', true, () => '')
  }

  #dial(url: string, options: ClientOptions): WebSocket {
    const open = this.#openSockets()
    this.check('oneSocket', open === 0, () => `a dial while ${open} sockets are open`)
    const gap = performance.now() - this.#lastDial
    const exempt = this.#proved || this.#attempt === 0
    this.check('budget', exempt || gap >= MIN_RETRY_MS - EARLY_MS, () => `dialed again after ${gap} ms`)
    this.#proved = false
    this.#lastDial = performance.now()
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
    if (this.#events % LOOK_EVERY === 0) {
      const shown = inspect(event, { depth: 6 })
      this.check('noCredential', !shown.includes(SOAK_KEY), () => `it is in an event of ${event.type}`)
    }
    if (event.type !== '@xstate.snapshot' || !('connectionId' in event.event)) return
    const context: unknown = Reflect.get(event.snapshot, 'context')
    const id: unknown =
      typeof context === 'object' && context !== null ? Reflect.get(context, 'connectionId') : null
    if (typeof id !== 'number') return
    // A fact that was taken may start the next dial; one of an earlier socket than that has come too late.
    const late = Number(event.event['connectionId']) < id - 1
    this.check('noStaleFact', !late, () => `${event.event.type} reached the chart`)
  }
}
