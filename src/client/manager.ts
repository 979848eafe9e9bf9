import { EventEmitter } from 'node:events'
import { HoldlineError } from '../protocol/errors.ts'
import type { ClientEvent, ServerEvent } from '../protocol/index.ts'
import type { CloseInfo, ConnectionStateName } from '../../machines/index.ts'
import { closedError, lostError } from './connection-error.ts'
import { type ConnectOptions, ResponsesConnection, type WarmUpParams } from './connection.ts'
import type { ApiKey } from '../protocol/secret.ts'
import type { ConnectionOptions } from './options.ts'

/** Options of `OpenAIWebSocketManager`: those of `ResponsesConnection`, without a key, which `connect` takes. */
export type OpenAIWebSocketManagerOptions = Omit<ConnectionOptions, 'apiKey'>
export type OpenAIWebSocketConnectionState = ConnectionStateName
export type OpenAIWebSocketCloseInfo = CloseInfo

interface ManagerEvents {
  /** Every server event. */
  message: [event: ServerEvent]
  /** A socket has opened, the first or a later one. */
  open: []
  /** A socket, or an attempt, has ended. The state has moved before. */
  close: [code: number, reason: string]
  /** An attempt failed, the connection was given up, or the server sent what is no event. */
  error: [error: Error]
}

/**
 * `ResponsesConnection` as an `EventEmitter`.
 *
 * An `error` that nobody listens for is dropped: it never ends the process.
 *
 * @example
 * ```ts
 * const manager = new OpenAIWebSocketManager()
 * await manager.connect(apiKey)
 * manager.onMessage((event) => console.log(event.type))
 * manager.send({ type: 'response.create', model: 'gpt-5.4', input: 'Hello' })
 * ```
 */
export class OpenAIWebSocketManager extends EventEmitter<ManagerEvents> {
  /** The connection behind it. */
  readonly connection: ResponsesConnection

  /** @throws {BadOptionError} with the path of the first bad option */
  constructor(options: OpenAIWebSocketManagerOptions = {}) {
    super()
    this.connection = new ResponsesConnection(options)
    this.#relay()
  }

  /** The id of the last completed response that the next `response.create` may continue, or null. */
  get previousResponseId(): string | null {
    return this.connection.previousResponseId
  }

  get connectionState(): OpenAIWebSocketConnectionState {
    return this.connection.state
  }

  get lastCloseInfo(): OpenAIWebSocketCloseInfo | null {
    return this.connection.lastCloseInfo
  }

  /**
   * Resolves when the connection is open; rejects only when the retries are spent, the verdict is final, or it is
   * closed meanwhile.
   *
   * @throws {HoldlineError} `ERR_CREDENTIAL_MISSING` without a key, or the `ConnectionError` that ended it
   */
  async connect(apiKey: ApiKey, options: Omit<ConnectOptions, 'apiKey'> = {}): Promise<void> {
    if (!apiKey) {
      throw new HoldlineError(
        'ERR_CREDENTIAL_MISSING',
        'connect() was called without a key. Nothing was dialed. Pass the key, or a function that gives one.',
      )
    }
    await this.connection.connect({ ...options, apiKey })
  }

  /** Sends one event. @throws {HoldlineError} `ERR_NOT_OPEN` unless open, and as `ResponsesConnection.send` does */
  send(event: ClientEvent): void {
    this.connection.send(event)
  }

  /** Hears every server event. Returns a function that ends it. */
  onMessage(handler: (event: ServerEvent) => void): () => void {
    this.on('message', handler)
    return () => this.off('message', handler)
  }

  /** True when `send` would put an event on the wire now. */
  isConnected(): boolean {
    return this.connection.isOpen
  }

  /** Closes for good: no further attempt is made until `connect` is called again. */
  close(): void {
    void this.connection.close()
  }

  /** Loads model, tools and instructions without generating. @throws {HoldlineError} as `send` does */
  warmUp(params: WarmUpParams): void {
    this.connection.warmUp(params)
  }

  /** Closes, and ends the connection's actor. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]()
  }

  #relay(): void {
    const { connection } = this
    connection.onMessage((event) => this.emit('message', event))
    connection.on('connection.opened', () => this.emit('open'))
    connection.on('connection.lost', ({ closeInfo, retry }) => {
      if (retry !== null) this.#emitError(lostError(closeInfo))
      this.emit('close', closeInfo.code, closeInfo.reason)
    })
    connection.on('connection.closed', ({ because, closeInfo }) => {
      if (because !== 'requested') return this.#emitError(closedError(connection.actor.getSnapshot().context))
      // What ended by itself has been told already, as a loss.
      if (closeInfo !== null && closeInfo.error === null) this.emit('close', closeInfo.code, closeInfo.reason)
    })
    connection.on('frame.rejected', ({ problem, bytes, sha256 }) => {
      const message = `The server sent ${bytes} bytes (sha256 ${sha256}) that are no event (${problem}). They were dropped.`
      this.#emitError(new HoldlineError('ERR_BAD_FRAME', message))
    })
  }

  #emitError(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error)
  }
}
