import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'

/** One socket of a raw server. */
export interface RawPeer {
  /** Sends an event, or a text as it is. */
  say(event: object | string): void
}

/** A server without manners of its own: what it says is up to `handle`, which gets each create and its number. */
export async function rawServer(
  handle: (create: Record<string, unknown>, peer: RawPeer, number: number) => void,
) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 1 << 30 })
  await once(server, 'listening')
  const creates: Record<string, unknown>[] = []
  server.on('connection', (socket) => {
    const peer: RawPeer = {
      say: (event) => socket.send(typeof event === 'string' ? event : JSON.stringify(event)),
    }
    socket.on('message', (data: Buffer) => {
      const event = JSON.parse(data.toString()) as Record<string, unknown>
      if (event['type'] === 'response.create') creates.push(event)
      handle(event, peer, creates.length)
    })
  })
  onTestFinished(
    () =>
      new Promise<void>((done) => {
        for (const socket of server.clients) socket.terminate()
        server.close(() => done())
      }),
  )
  return { creates, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/responses` }
}
