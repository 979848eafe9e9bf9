import { duplexPair } from 'node:stream'
import { WebSocket } from 'ws'
import type { SocketFactory } from '../../src/socket/index.ts'
import { type ResponsesServer, type ServerOptions, createResponsesServer } from '../../src/testing/index.ts'

/** A local server, and what makes WebSockets to it without its port. */
export interface MemoryServer {
  readonly server: ResponsesServer
  readonly socketFactory: SocketFactory
}

/** Hears of each WebSocket before anyone else listens to it. */
export type Tap = (socket: WebSocket) => void

/** By the port in the server's URL. */
const servers = new Map<string, { readonly server: ResponsesServer; readonly tap: Tap | undefined }>()

/**
 * Starts the local server on pairs of streams in place of TCP connections: the same frames, without the system
 * calls, and with the same order of events in every run.
 */
export async function createMemoryServer(options: ServerOptions = {}, tap?: Tap): Promise<MemoryServer> {
  const server = await createResponsesServer(options)
  servers.set(String(server.port), { server, tap })
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
  target.server.accept(far)
  const socket = new WebSocket(url, { ...options, createConnection: () => near as never })
  target.tap?.(socket)
  return socket
}
