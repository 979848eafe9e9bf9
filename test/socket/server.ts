import { createHash } from 'node:crypto'
import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http'
import {
  type AddressInfo,
  type Server as NetServer,
  type Socket,
  createServer as createTcpServer,
} from 'node:net'
import { createServer as createTlsServer } from 'node:https'
import type { ServerOptions } from 'node:https'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'

/** Listens on a free port of 127.0.0.1 until the test ends; then every connection is cut. */
export async function listen(server: NetServer): Promise<number> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    open.forEach((socket) => socket.destroy())
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

interface Accepting {
  readonly tls?: ServerOptions
  readonly subprotocol?: string
  readonly perMessageDeflate?: boolean
}

/** A WebSocket server. `onConnection` gets the peer's socket and its upgrade request. */
export async function accept(
  onConnection: (peer: WebSocket, request: IncomingMessage) => void = () => {},
  { tls, ...options }: Accepting = {},
) {
  const server = tls ? createTlsServer(tls) : createServer()
  server.on('tlsClientError', () => {})
  const { subprotocol } = options
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: options.perMessageDeflate ?? false,
    ...(subprotocol === undefined ? {} : { handleProtocols: () => subprotocol }),
  })
  sockets.on('connection', (peer, request) => {
    peer.on('error', () => {})
    onConnection(peer, request)
  })
  const port = await listen(server)
  return { port, url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/v1/responses`, sockets }
}

/** A server that answers every request with what `answer` writes, and never upgrades. */
export async function refuse(answer: RequestListener): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const server: Server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.on('upgrade', (request, socket) => {
    // Node hands upgrades over raw; a response object makes the same answer as for any request.
    socket.on('error', () => {})
    requests.push(request)
    respondRaw(socket as Socket, request, answer)
  })
  const port = await listen(server)
  return { url: `ws://127.0.0.1:${port}/`, requests }
}

function respondRaw(socket: Socket, request: IncomingMessage, answer: RequestListener): void {
  const { ServerResponse } = process.getBuiltinModule('node:http')
  const response = new ServerResponse(request)
  response.assignSocket(socket)
  response.on('finish', () => socket.end())
  answer(request, response as never)
}

/** A TCP server that does what `onSocket` says, which is nothing by default. */
export async function listenTcp(onSocket: (socket: Socket) => void = () => {}): Promise<number> {
  return listen(createTcpServer(onSocket))
}

/** Answers the upgrade by hand and then leaves the socket to the test: no pong, no close frame, no end. */
export function upgradeRaw(socket: Socket): void {
  socket.once('data', (data) => {
    const key = /sec-websocket-key: (.+)\r/i.exec(data.toString())?.[1] ?? ''
    const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${proof}\r\n\r\n`,
    )
    socket.resume()
  })
}
