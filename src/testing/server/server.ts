import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { parseAt } from '../script/parse.ts'
import { connectionFault } from '../script/faults.ts'
import { upgradeAnswer } from '../script/schema.ts'
import { turn as turnSchema } from '../script/turn.ts'
import type { ConnectionFault, Turn, UpgradeAnswer } from '../script/types.ts'
import type { ResponsesServer } from './api.ts'
import { redacted } from './auth.ts'
import type { TurnByHand } from './by-hand.ts'
import type { ServerConnection } from './server-connection.ts'
import { Connection } from './connection.ts'
import { HttpSide } from './http.ts'
import { Ids } from './ids.ts'
import { Listener } from './listener.ts'
import { StoredResponses } from './memory.ts'
import type { CheckedOptions, ServerOptions } from './options.ts'
import { checkOptions } from './options.ts'
import { Log } from './records.ts'
import { settingsOf } from './settings.ts'
import { TurnScript } from './turns.ts'
import type { Admission } from './upgrade.ts'
import { Upgrades } from './upgrade.ts'
import { Waiting } from './waiting.ts'
import { Watch } from './watch.ts'
import type { World } from './world.ts'
import { Logs } from './world.ts'

/** Wall-clock ms that clients get to answer the close frame, before their sockets are destroyed. */
const CLOSE_PATIENCE_MS = 250

/**
 * Starts a Responses server on this machine that does what its script says, misbehaviour included.
 *
 * Without options it listens on a free port of 127.0.0.1, takes any bearer key, and answers every request with text
 * made from its input.
 *
 * @throws BadOptionError (as a rejection) naming the path of a bad option, as in `options.turns[2].faults[0].at`
 *
 * @example
 * ```ts
 * await using server = await createResponsesServer({
 *   turns: [{ text: 'hello', faults: [{ at: 'delta', do: 'terminate' }] }, { text: 'hello again' }],
 * })
 * ```
 */
export async function createResponsesServer(options: ServerOptions = {}): Promise<ResponsesServer> {
  const checked = checkOptions(options)
  const server = new LocalServer(checked)
  await server.listen(checked.script.port ?? 0, checked.script.host ?? '127.0.0.1')
  return server
}

class LocalServer extends Watch implements ResponsesServer {
  readonly #world: World
  readonly #listener: Listener
  readonly #handshake: WebSocketServer
  readonly #upgrades: Upgrades
  readonly #http: HttpSide
  readonly #secure: boolean
  readonly #open = new Set<Connection>()
  #keys: readonly string[] | null
  #lastId = 0
  #closing: Promise<void> | null = null
  #host = ''
  port = 0

  constructor(options: CheckedOptions) {
    const { script, clock, logLimit } = options
    const waiting = new Waiting()
    const logs = new Logs(logLimit, options.keepFrames)
    const connections = new Log<ServerConnection>(logLimit)
    super(logs, connections, waiting)
    const settings = settingsOf(script)
    this.#keys = keyList(script.apiKey ?? null)
    this.#secure = options.tls !== null
    this.#world = {
      clock,
      settings,
      logs,
      ids: new Ids(),
      stored: new StoredResponses(settings.limits.stored),
      turns: new TurnScript(script.turns ?? [], script.default ?? null, options.model),
      byHand: new Set(),
      changed: waiting.changed,
    }
    this.#handshake = handshakeFor(settings.limits.maxFrameBytes, script.subprotocols ?? [])
    this.#upgrades = new Upgrades(this.#world, script.upgrades ?? [], () => this.#keys)
    this.#http = new HttpSide(this.#world, () => this.#keys)
    this.#listener = new Listener(options.tls, {
      request: (request, response) => this.#http.handle(request, response),
      upgrade: (request, stream, head) => {
        this.#upgrades.handle(request, stream, this.#open.size, (admission) =>
          this.#admit(request, stream, head, admission),
        )
      },
    })
  }

  get url(): string {
    return `${this.#secure ? 'wss' : 'ws'}://${this.#host}:${this.port}/v1/responses`
  }

  get httpUrl(): string {
    return `${this.baseUrl}/responses`
  }

  get baseUrl(): string {
    return `${this.#secure ? 'https' : 'http'}://${this.#host}:${this.port}/v1`
  }

  async listen(port: number, host: string): Promise<void> {
    this.port = await this.#listener.listen(port, host)
    this.#host = host.includes(':') ? `[${host}]` : host
  }

  turnsLeft(): number {
    return this.#world.turns.left
  }

  turnsByHand(): readonly TurnByHand[] {
    return [...this.#world.byHand]
  }

  enqueueTurns(...turns: readonly Turn[]): void {
    this.#world.turns.add(turns.map((turn, index) => parseAt(turnSchema, turn, `turns[${index}]`)))
  }

  enqueueUpgrades(...answers: readonly UpgradeAnswer[]): void {
    this.#upgrades.add(answers.map((answer, index) => parseAt(upgradeAnswer, answer, `answers[${index}]`)))
  }

  refuseUpgrades(answer: number | UpgradeAnswer): void {
    const whole = typeof answer === 'number' ? { status: answer } : answer
    this.#upgrades.always(parseAt(upgradeAnswer, whole, 'answer'))
  }

  acceptUpgrades(): void {
    this.#upgrades.clear()
  }

  setKeys(keys: string | readonly string[] | null): void {
    this.#keys = keyList(keys)
  }

  strikeAll(fault: ConnectionFault): void {
    const checked = parseAt(connectionFault, fault, 'fault')
    for (const connection of this.#open) connection.strike(checked)
  }

  dropAll({ reset = false }: { readonly reset?: boolean | undefined } = {}): void {
    this.strikeAll({ do: 'terminate', reset })
  }

  forgetStored(id?: string): void {
    this.#world.stored.forget(id)
  }

  accept(stream: Duplex): void {
    if (this.#closing === null) this.#listener.accept(stream)
    else stream.destroy()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    this.stopWaiting(new Error('The server was closed, so what was waited for cannot happen any more.'))
    this.#upgrades.stop()
    this.#http.stop()
    const closed = this.#listener.close()
    for (const connection of this.#open) connection.shutDown()
    const patience = setTimeout(() => this.#listener.destroySockets(), CLOSE_PATIENCE_MS)
    if (this.#open.size === 0) this.#listener.destroySockets()
    await closed
    clearTimeout(patience)
  }

  #admit(request: IncomingMessage, stream: Duplex, head: Buffer, { faults, headers }: Admission): void {
    if (this.#closing !== null) return void stream.destroy()
    let upgraded = false
    const add = (lines: string[]): void => {
      for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
    }
    this.#handshake.once('headers', add)
    this.#handshake.handleUpgrade(request, stream, head, (socket) => {
      upgraded = true
      this.#lastId += 1
      const id = this.#lastId
      this.#world.logs.upgrades.add({ at: this.#world.clock.now(), status: 101, connection: id })
      const seen = redacted(request.headers, this.#world.settings)
      const connection = new Connection(this.#world, { id, socket, stream, headers: seen, faults }, () =>
        this.#closed(connection),
      )
      this.#open.add(connection)
      this.addConnection(connection)
    })
    this.#handshake.off('headers', add)
    // `ws` has answered a handshake that breaks RFC 6455 by itself.
    if (!upgraded) this.#upgrades.note(400)
  }

  #closed(connection: Connection): void {
    this.#open.delete(connection)
    // Sockets of unfinished upgrades would keep a closing server open.
    if (this.#closing !== null && this.#open.size === 0) this.#listener.destroySockets()
    this.#world.changed()
  }
}

function handshakeFor(maxPayload: number, subprotocols: readonly string[]): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // By hand, because a silenced connection must not answer pings.
    autoPong: false,
    maxPayload,
    handleProtocols: (offered) => [...offered].find((name) => subprotocols.includes(name)) ?? false,
  })
}

function keyList(keys: string | readonly string[] | null): readonly string[] | null {
  return typeof keys === 'string' ? [keys] : keys
}
