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

/** By the port that stands in the server's URL, and that nobody listens on. */
const servers = new Map<string, { readonly http: Server; readonly tap: Tap | undefined }>()
/** Below are ports that a URL leaves out. */
const FIRST_PORT = 1_024
let lastPort = 65_535

/**
 * Starts the local server on pairs of streams in place of TCP connections: the same frames, without the system
 * calls, and with the same order of events in every run.
 */
export async function createMemoryServer(options: ServerOptions = {}, tap?: Tap): Promise<MemoryServer> {
  lastPort = lastPort === 65_535 ? FIRST_PORT : lastPort + 1
  const { server, http } = await unlistened({ ...options, port: lastPort })
  servers.set(String(server.port), { http, tap })
  return { server, socketFactory }
}

/** One for all servers: a machine that is made with it can serve again. */
const socketFactory: SocketFactory = (url, options) => {
  const target = servers.get(new URL(url).port)
  if (target === undefined) throw new Error(`No server of this process has the address ${url}.`)
  const [near, far] = duplexPair()
  // The end of one side is the end of the other, as with TCP; `duplexPair` passes on no more than a FIN.
  near.on('close', () => far.destroy())
  far.on('close', () => near.destroy())
  target.http.emit('connection', far)
  const socket = new WebSocket(url, { ...options, createConnection: () => near as never })
  target.tap?.(socket)
  return socket
}

/** The server makes its listener itself and keeps it; where it would begin to listen, it can be met. */
async function unlistened(options: ServerOptions): Promise<{ server: ResponsesServer; http: Server }> {
  const met: Server[] = []
  const { listen } = Server.prototype
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    met.push(this)
    const ready = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined
    ready?.()
    return this
  } as typeof listen
  try {
    const starting = createResponsesServer(options)
    // It listens before it gives way, so nobody else meets this.
    Server.prototype.listen = listen
    const server = await starting
    const [http] = met
    if (http === undefined) throw new Error('The server has met nobody on its way to listen.')
    return { server, http }
  } finally {
    Server.prototype.listen = listen
  }
}
