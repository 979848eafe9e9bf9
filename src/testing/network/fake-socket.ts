import type { SocketCommand, SocketFact, SocketInput, SocketLoss } from '../../../machines/index.ts'
import { type ApiKey, Secret } from '../../protocol/secret.ts'
import type { Clock } from '../clock.ts'

const NOTHING = { signal: new AbortController().signal, renew: false }

type Told = (fact: SocketFact) => void

const LOSS: SocketLoss = { phase: 'open', code: 1006, reason: '', errno: null, error: null, heard: false }

/** All sockets that one actor system has dialed, the newest last, and its clock. */
export interface FakeNetwork {
  readonly sockets: FakeSocket[]
  readonly clock: Clock
}

/** A socket actor's behaviour without a socket: what the real one would report, given what happens outside. */
export class FakeSocket {
  readonly input: SocketInput
  readonly #tell: Told
  readonly #clock: Clock
  #late: unknown = null
  #silent = false
  /** Events that the chart asked to put on the wire. */
  sent = 0
  pings = 0
  phase: 'dialing' | 'open' | 'closing' | 'over' = 'dialing'
  frozen = false
  #heard = false
  #armed = false
  #moving = false

  /** @param clock what a server does late waits for it */
  constructor(input: SocketInput, tell: Told, clock: Clock) {
    this.input = input
    this.#tell = tell
    this.#clock = clock
  }

  get id(): number {
    return this.input.connectionId
  }

  /** The key that a real socket would send, or null. */
  get key(): string | null {
    const credential = this.#credential
    const given: unknown = typeof credential === 'function' ? credential(NOTHING) : credential
    return given === null ? null : String(Secret.is(given) ? Secret.reveal(given) : given)
  }

  /** True where a real socket would ask the provider of the key for a new one. */
  get asksAnew(): boolean {
    return this.input.renew && typeof this.#credential === 'function'
  }

  get #credential(): ApiKey | null {
    const { transport } = this.input
    return Secret.is(transport) ? Secret.reveal(transport).credential : null
  }

  /** Of the largest message that a real socket would take. */
  get maxPayloadBytes(): number {
    const { transport } = this.input
    return Secret.is(transport) ? Secret.reveal(transport).maxPayloadBytes : Infinity
  }

  /** A command of the chart's. */
  receive(command: SocketCommand): void {
    if (this.phase === 'over') return
    if (command.type === 'send') {
      this.sent += 1
    } else if (command.type === 'probe') {
      this.pings += 1
      if (this.frozen) this.#armed = true
      else this.#tell({ type: 'socket.heard', connectionId: this.id })
    } else if (command.type === 'check') {
      if (this.#armed && this.#moving) this.#tell({ type: 'socket.heard', connectionId: this.id })
      if (this.#moving) this.#armed = this.#moving = false
    } else if (command.type === 'close') {
      this.phase = 'closing'
      if (!this.frozen) this.ends(1000)
    }
  }

  opens(): void {
    if (this.phase !== 'dialing') return
    this.phase = 'open'
    this.#tell({ type: 'socket.opened', connectionId: this.id })
  }

  isRefused(status: number, code: string | null, retryAfterMs: number | null): void {
    if (this.phase !== 'dialing') return
    this.phase = 'over'
    this.#tell({ type: 'socket.refused', connectionId: this.id, refusal: { status, code, retryAfterMs } })
  }

  /** The connection, or the dial, ended with this close code. */
  ends(code: number): void {
    if (this.phase === 'over') return
    this.#clock.clearTimeout(this.#late)
    const dialing = this.phase === 'dialing'
    const loss: SocketLoss = {
      ...LOSS,
      phase: dialing ? 'dial' : this.phase === 'closing' ? 'closing' : 'open',
      code,
      error: dialing ? 'ERR_DIAL_FAILED' : null,
      heard: this.#heard,
    }
    this.phase = 'over'
    this.#tell({ type: 'socket.lost', connectionId: this.id, loss })
  }

  /** A message arrives, and with it this fact, if it tells the chart anything. */
  hears(fact: SocketFact | null = null): void {
    if (this.phase !== 'open' || this.frozen) return
    this.#heard = true
    if (fact !== null) this.#tell(fact)
  }

  /** The server says nothing more. */
  isSilenced(): void {
    this.frozen = true
    this.#silent = true
  }

  /** What the server does late, if the line lasts. */
  after(ms: number, act: () => void): void {
    if (ms === 0) act()
    else this.#late = this.#clock.setTimeout(act, ms)
  }

  /** Bytes cross it though it is frozen, and make no whole frame. */
  trickles(): void {
    if (this.phase === 'open' && this.frozen) this.#moving = true
  }

  thaws(): void {
    if (!this.frozen || this.#silent) return
    this.frozen = this.#moving = false
    if (this.phase === 'closing') return this.ends(1000)
    if (this.#armed) this.#tell({ type: 'socket.heard', connectionId: this.id })
    this.#armed = false
  }

  /** Says anything at all, as no real socket does. */
  say(fact: SocketFact): void {
    this.#tell(fact)
  }

  /** The chart has stopped this actor. */
  stop(): void {
    this.#clock.clearTimeout(this.#late)
    this.phase = 'over'
  }
}
