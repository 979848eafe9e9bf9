import { type Duplex, duplexPair } from 'node:stream'
import { WebSocket } from 'ws'
import type { SocketFactory } from '../../socket/index.ts'
import type { ResponsesServer } from '../server/api.ts'
import type { Gate } from './gate.ts'

/**
 * Makes WebSockets that reach a local server through a gate without the operating system. Bytes cross in a fixed
 * number of turns of the event loop, so a run is the same every time.
 */
export function memoryFactory(server: ResponsesServer, gate: Gate): SocketFactory {
  const connectToServer = (): Duplex => {
    const [near, far] = linkedPair()
    server.accept(far)
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
