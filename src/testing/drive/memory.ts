import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
import { WebSocket } from 'ws'
import type { SocketFactory } from '../../socket/index.ts'
import type { ResponsesServer } from '../server/api.ts'
import type { Gate } from './gate.ts'

const REQUEST_STARTED = 'http.server.request.start'

/**
 * Makes WebSockets that reach a local server through a gate without the operating system. Bytes cross in a fixed
 * number of turns of the event loop, so a run is the same every time.
 */
export async function memoryFactory(server: ResponsesServer, gate: Gate): Promise<SocketFactory> {
  const http = await httpServerOf(server)
  const connectToServer = (): Duplex => {
    const [near, far] = linkedPair()
    http.emit('connection', far)
    return near
  }
  return (url, options) => {
    const [near, far] = linkedPair()
    gate.admit(far, connectToServer)
    return new WebSocket(url, { ...options, createConnection: () => near as never })
  }
}

/** Two ends of a line. When one is destroyed, so is the other, as a reset does it over TCP. */
function linkedPair(): [Duplex, Duplex] {
  const [near, far] = duplexPair()
  near.on('close', () => far.destroy())
  far.on('close', () => near.destroy())
  return [near, far]
}

/** Node tells which server a request came to; one request that is answered with 404 is enough. */
async function httpServerOf(server: ResponsesServer): Promise<Server> {
  let found: Server | undefined
  const listen = (message: unknown): void => {
    const candidate = (message as { readonly server: Server }).server
    const address = candidate.address()
    if (typeof address === 'object' && address?.port === server.port) found = candidate
  }
  subscribe(REQUEST_STARTED, listen)
  try {
    await (await fetch(`${server.baseUrl}/nothing`)).arrayBuffer()
  } finally {
    unsubscribe(REQUEST_STARTED, listen)
  }
  if (found === undefined)
    throw new Error('The local server was not found in this process. Nothing was connected.')
  return found
}
