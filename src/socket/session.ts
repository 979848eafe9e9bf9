import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type ClientOptions, WebSocket } from 'ws'
import type { LossPhase, SocketCommand, SocketLoss } from '../../machines/socket-contract.ts'
import type { SendRefused, UpgradeAccepted } from '../../machines/socket-notices.ts'
import { isHoldlineError } from '../protocol/errors.ts'
import type { ClientEvent } from '../protocol/index.ts'
import type { TransportOptions } from '../protocol/transport.ts'
import { closeReason } from './close-reason.ts'
import { resolveCredential } from '../dial/credential.ts'
import { checkAddress, checkUrl, openTransport, planDial } from '../dial/plan.ts'
import { framesAreWatched, noteFrame } from './frame-channel.ts'
import { type Sender, SessionHandle, type SocketHandle, registerHandle, sendableType } from './handle.ts'
import { dialLoss, ownLoss } from '../dial/failure.ts'
import { closeLoss, undialedLoss } from './loss.ts'
import { dialModules } from '../dial/lazy.ts'
import { Reception } from './reception.ts'
import { type SessionScope, SocketOutput } from './scope.ts'
import { shownHeaders } from '../dial/shown-headers.ts'
import { NO_SCRUB, type Scrub, scrubFor } from '../dial/scrub.ts'
import { Traffic } from './traffic.ts'
import { UnsettledTurns } from './unsettled-turns.ts'
import { type RefusalReader, readRefusal, refusalOf, refusedNotice } from './upgrade-refusal.ts'

/** Makes the WebSocket for one attempt. Subprotocols are in `options.protocols`. It must not follow redirects. */
export type SocketFactory = (url: string, options: ClientOptions) => WebSocket

/** Comes from the system's scheduler, so the body of a refusal is waited for on the chart's clock. */
const BODY_OVERDUE = 'socket.bodyOverdue'
/** How long the body of a refused upgrade may take once its headers are there, in ms. */
const BODY_PATIENCE_MS = 1_000

/** `answered`: the upgrade was refused, and the body is being read. `over`: nothing is reported any more. */
type Phase = LossPhase | 'answered' | 'over'

/** One attempt and the connection that comes of it: the I/O behind the socket actor. */
export class SocketSession implements Sender {
  /** The `sessionId` of the connection actor. */
  readonly connection: string
  readonly connectionId: number
  readonly #scope: SessionScope
  readonly #factory: SocketFactory
  readonly #output: SocketOutput
  readonly #reception: Reception
  readonly #handle: SocketHandle
  readonly #turns = new UnsettledTurns()
  #phase: Phase = 'credential'
  /** Ends the wait for a credential. */
  #asking: AbortController | null = null
  #ws: WebSocket | null = null
  #options: TransportOptions | null = null
  #key: string | null = null
  #abandonRoute: (() => void) | null = null
  #refusal: RefusalReader | null = null
  /** Of the 101, until it is told of. */
  #headers: IncomingHttpHeaders | null = null
  #scrub: Scrub | null = null
  /** The first error that `ws` or the TCP socket under it reported. */
  #error: unknown = null
  #heard = false
  #traffic = new Traffic(null)

  constructor(scope: SessionScope, factory: SocketFactory) {
    const { connectionId, owner } = scope.input
    this.connection = owner.sessionId
    this.connectionId = connectionId
    this.#scope = scope
    this.#factory = factory
    this.#output = new SocketOutput(scope)
    this.#reception = new Reception(this, this.#turns, this.#output)
    this.#handle = new SessionHandle(this, this.#turns)
    registerHandle(scope.self, this.#handle)
  }

  /** Takes the secrets of this attempt out of what a peer wrote. */
  get scrub(): Scrub {
    if (this.#options === null) return NO_SCRUB
    return (this.#scrub ??= scrubFor(this.#options, this.#key))
  }

  line(): { socket: WebSocket; limits: TransportOptions } | null {
    const [socket, limits] = [this.#ws, this.#options]
    if (this.#phase !== 'open' || socket === null || limits === null) return null
    return socket.readyState === WebSocket.OPEN ? { socket, limits } : null
  }

  start(): void {
    this.#dial().catch((error: unknown) => this.#fail(error))
  }

  /** Takes a command of the chart's, or the reminder that this session set itself. Never throws. */
  receive(event: SocketCommand | { readonly type: typeof BODY_OVERDUE }): void {
    try {
      if (event.type === 'probe') this.#probe()
      else if (event.type === 'check') this.#reception.check(this.#traffic.hasMoved())
      else if (event.type === 'send') this.#send(event.event)
      else if (event.type === 'close') this.#close(event.code, event.reason)
      else if (event.type === BODY_OVERDUE) this.#refusal?.finish()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Ends everything at once; only turns that are lost with it are told of. Never throws. */
  stop(): void {
    this.#phase = 'over'
    try {
      this.#hangUp()
      this.#asking?.abort()
      this.#reportLostTurns()
    } catch {
      // A throw from here would end the parent, and there is nobody left to tell.
    }
  }

  async #dial(): Promise<void> {
    const { transport, renew } = this.#scope.input
    const options = openTransport(transport)
    const found = dialModules(options)
    const modules = found instanceof Promise ? await found : found
    if (this.#phase !== 'credential') return
    checkUrl(options, modules)
    this.#asking = new AbortController()
    const key = await resolveCredential(options, { signal: this.#asking.signal, renew })
    this.#asking = null
    if (this.#phase !== 'credential') return
    this.#key = key
    this.#options = options
    const { url, options: dial, abandon } = planDial(options, key, modules)
    this.#abandonRoute = abandon
    this.#phase = 'dial'
    checkAddress(options, modules)
    this.#attach(this.#factory(url, dial))
  }

  #attach(ws: WebSocket): void {
    this.#ws = ws
    ws.binaryType = 'nodebuffer'
    // Stays for good: a socket that is terminated while connecting errors later, and would end the process.
    ws.on('error', (error) => (this.#error ??= error))
    // `ws` keeps errors of an open TCP socket to itself, and reports a bare 1006.
    ws.on('upgrade', (answer: IncomingMessage) => this.#fence(() => this.#onUpgrade(answer)))
    ws.on('open', () => this.#fence(() => this.#onOpen()))
    ws.on('unexpected-response', (_request: ClientRequest, response: IncomingMessage) =>
      this.#fence(() => this.#onRefused(response)),
    )
    ws.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary))
    ws.on('ping', (data) => this.#onControlFrame('ping', data))
    ws.on('pong', (data) => this.#onControlFrame('pong', data))
    ws.on('close', (code, reason) => this.#fence(() => this.#onClose(code, reason)))
  }

  #onUpgrade(answer: IncomingMessage): void {
    this.#headers = answer.headers
    // Not every runtime hands the socket out.
    const socket: IncomingMessage['socket'] | null | undefined = answer.socket
    this.#traffic = new Traffic(socket ?? null)
    socket?.on('error', (error: unknown) => (this.#error ??= error))
  }

  #onOpen(): void {
    if (this.#phase !== 'dial') return
    this.#phase = 'open'
    const { connectionId } = this
    const headers = shownHeaders(this.#headers ?? {}, this.scrub)
    this.#headers = null
    this.#output.report({ type: 'socket.opened', connectionId })
    const accepted: UpgradeAccepted = { type: 'upgrade.accepted', connectionId, headers }
    if (this.#output.isHeard) this.#output.emit(accepted)
  }

  #onRefused(response: IncomingMessage): void {
    if (this.#phase !== 'dial') return
    this.#phase = 'answered'
    this.#refusal = readRefusal(response, this.scrub, (body) =>
      this.#fence(() => this.#refuse(response, body)),
    )
    const { self, system } = this.#scope
    // Without it a body that stalls would take the status with it, when the connect timeout ends us.
    system.scheduler.schedule(self, self, { type: BODY_OVERDUE }, BODY_PATIENCE_MS, BODY_OVERDUE)
  }

  #refuse(response: IncomingMessage, body: string): void {
    if (this.#phase !== 'answered') return
    this.#phase = 'over'
    this.#scope.system.scheduler.cancel(this.#scope.self, BODY_OVERDUE)
    const refusal = refusalOf(response, body, this.scrub)
    const fact = { type: 'socket.refused', connectionId: this.connectionId, refusal } as const
    this.#output.report(fact)
    if (this.#output.isHeard) this.#output.emit(refusedNotice(response, body, this.scrub))
    this.#hangUp()
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#heard = true
    if (this.#phase !== 'open') return
    try {
      this.#reception.takeMessage(data, isBinary)
    } catch (error) {
      this.#fail(error)
    }
  }

  #onControlFrame(kind: 'ping' | 'pong', data: Buffer): void {
    if (this.#phase === 'open') this.#fence(() => this.#reception.takeControlFrame(kind, data))
  }

  #onClose(code: number, reason: Buffer): void {
    if (this.#phase === 'answered') return this.#refusal?.finish()
    if (this.#phase === 'dial') return this.#lose(dialLoss(this.#error))
    if (this.#phase !== 'open' && this.#phase !== 'closing') return
    const report = { phase: this.#phase, code, reason: this.scrub.reason(reason.toString('utf8')) }
    this.#lose(closeLoss({ ...report, error: this.#error, heard: this.#heard }))
  }

  #probe(): void {
    if (this.#phase !== 'open' || this.#ws === null) return
    // The peer has closed and then kept the TCP connection: no frame will come any more.
    if (this.#ws.readyState !== WebSocket.OPEN) return this.#ws.terminate()
    this.#reception.arm()
    this.#ws.ping()
    this.#traffic.note()
    if (framesAreWatched()) noteFrame(this, 'out', 'ping', null, 0, null)
  }

  #send(event: ClientEvent): void {
    try {
      this.#handle.send(event)
    } catch (error) {
      if (!isHoldlineError(error)) throw error
      const { code, message } = error
      const refused: SendRefused = { type: 'send.refused', code, message, eventType: sendableType(event) }
      this.#output.emit(refused)
    }
  }

  #close(code: number, reason: string): void {
    if (this.#phase === 'over' || this.#phase === 'closing') return
    this.#phase = 'closing'
    const ws = this.#ws
    if (ws === null) {
      this.#lose(undialedLoss())
      this.#asking?.abort()
    } else if (ws.readyState === WebSocket.CONNECTING) this.#hangUp()
    else ws.close(code, closeReason(reason))
  }

  /** The socket actor's last word, unless one was spoken before. */
  #lose(loss: SocketLoss): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#scope.sendBack({ type: 'socket.lost', connectionId: this.connectionId, loss })
    this.#reportLostTurns()
  }

  /** Whoever ended the socket, its peer or the chart: each turn that it leaves behind is told of once. */
  #reportLostTurns(): void {
    for (const turn of this.#turns.takeLost(this.connectionId)) this.#output.emit(turn)
  }

  #fail(error: unknown): void {
    const phase = this.#phase
    if (phase === 'over') return
    try {
      this.#lose(ownLoss(phase === 'answered' ? 'dial' : phase, error, this.#heard))
    } catch {
      // Only an inspector that throws gets here. The socket must go all the same.
    }
    this.stop()
  }

  #fence(task: () => void): void {
    try {
      task()
    } catch (error) {
      this.#fail(error)
    }
  }

  #hangUp(): void {
    this.#abandonRoute?.()
    if (this.#ws !== null && this.#ws.readyState !== WebSocket.CLOSED) this.#ws.terminate()
  }
}
