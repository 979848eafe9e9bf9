import { Server } from 'node:net'
import { duplexPair } from 'node:stream'
import { WebSocket } from 'ws'
import type { SocketFactory } from '../../src/socket/index.ts'
import { type ResponsesServer, type ServerOptions, createResponsesServer } from '../../src/testing/index.ts'

/** A local server that listens nowhere, and what makes WebSockets to it. */
export interface MemoryServer {
  readonly server: ResponsesServer
  readonly socketFactory: SocketFactory
}

/** Hears of each WebSocket before anyone else listens to it. */
export type Tap = (socket: WebSocket) => void

/**
 * Starts the local server on pairs of streams in place of TCP connections: the same frames, without the system
 * calls, and with the same order of events in every run.
 */
export async function createMemoryServer(options: ServerOptions = {}, tap?: Tap): Promise<MemoryServer> {
  const listener = { http: null as Server | null }
  const listen = Server.prototype.listen
  // The server makes its listener itself and keeps it; this is where it can be met.
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    listener.http = this
    ;(args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined)?.()
    return this
  } as typeof listen
  let server: ResponsesServer
  try {
    server = await createResponsesServer({ port: 1, ...options })
  } finally {
    Server.prototype.listen = listen
  }
  const socketFactory: SocketFactory = (url, given) => {
    const [near, far] = duplexPair()
    // The end of one side is the end of the other, as with TCP; `duplexPair` passes on no more than a FIN.
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    listener.http?.emit('connection', far)
    const socket = new WebSocket(url, { ...given, createConnection: () => near as never })
    tap?.(socket)
    return socket
  }
  return { server, socketFactory }
}
