import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { ServerTls } from './options.ts'

/** What the listener hands its requests to. */
export interface Handlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void
  readonly upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => void
}

/** The HTTP server and every socket or stream that it holds. */
export class Listener {
  readonly #server: Server
  readonly #sockets = new Set<Duplex>()

  constructor(tls: ServerTls | null, handlers: Handlers) {
    const requestCert = tls?.requestCert ?? false
    this.#server =
      tls === null
        ? createServer()
        : createTlsServer({ ...tls, requestCert, rejectUnauthorized: requestCert })
    this.#server.on('request', handlers.request)
    this.#server.on('upgrade', handlers.upgrade)
    this.#server.on('connection', (socket: Duplex) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    // What is no HTTP, or no TLS, ends its own connection and nothing else.
    this.#server.on('clientError', (_error, stream) => stream.destroy())
  }

  /** Resolves with the port. Rejects with Node's error, such as `EADDRINUSE`. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        this.#server.on('error', () => {})
        resolve()
      })
    })
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  /** Takes a stream for a connection. */
  accept(stream: Duplex): void {
    this.#server.emit('connection', stream)
  }

  /** Takes no new connections. Resolves when the last socket is gone. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  /** Ends every socket, those of unfinished upgrades included. */
  destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
