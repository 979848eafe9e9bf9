import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { type Refusal, addressOf, refuseStranger, refuseWithoutToken } from './guard.ts'

/** Bytes that may wait for a slow viewer before nothing more is sent to it. */
const MAX_WAITING = 4 * 1024 * 1024
/** The page sends a few hundred bytes; another app's stream brings whole snapshots. */
const MAX_MESSAGE = 8 * 1024 * 1024

export interface Doors {
  readonly port: number
  readonly token: string
}

/** One socket of a viewer. */
export interface Viewer {
  /** Whether it has read enough of what was sent for more to be sent. */
  readonly isReady: boolean
  send(text: string): void
}

/** Who comes in by which path, after `Host`, `Origin` and token have been checked. */
export type Welcome = (
  viewer: Viewer,
  onMessage: (listener: (text: string) => void) => void,
  onGone: (listener: () => void) => void,
) => void

/** Lets viewers in over WebSocket. Returns a function that sends all of them away. */
export function welcomeViewers(
  server: Server,
  doors: Doors,
  welcomes: Readonly<Record<string, Welcome>>,
): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false })

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const url = addressOf(request, doors.port)
    if (url === null) return refuse(stream, { status: 400, message: 'The address cannot be read.' })
    const welcome = Object.hasOwn(welcomes, url.pathname) ? welcomes[url.pathname] : undefined
    const missing: Refusal | null =
      welcome === undefined ? { status: 404, message: 'There is no such socket.' } : null
    const refusal = refuseStranger(request, doors.port) ?? refuseWithoutToken(url, doors.token) ?? missing
    if (refusal !== null || welcome === undefined) return refuse(stream, refusal)
    sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on('error', () => socket.terminate())
      welcome(
        viewerOf(socket),
        (listener) =>
          void socket.on('message', (data: Buffer, isBinary) => isBinary || listener(data.toString())),
        (listener) => void socket.on('close', listener),
      )
    })
  })

  return () => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  }
}

function viewerOf(socket: WebSocket): Viewer {
  return {
    get isReady() {
      return socket.readyState === WebSocket.OPEN && socket.bufferedAmount < MAX_WAITING
    },
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
  }
}

function refuse(stream: Duplex, refusal: Refusal | null): void {
  const { status, message } = refusal ?? { status: 404, message: '' }
  stream.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${message}\n`,
  )
}
