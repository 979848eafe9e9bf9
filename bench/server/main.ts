import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { answerParent } from '../harness/messages.ts'
import { startFarProxy } from './far-proxy.ts'
import { serveHttp } from './http.ts'
import { Talk } from './talk.ts'
import { behaviourOf } from './spec.ts'

// A server in a process of its own, so that its work is not counted. It answers as fast as it can, and checks nothing.

const server = createServer((request, response) => serveHttp(request, response))
const sockets = new WebSocketServer({ server, maxPayload: 64 * 1024 * 1024 })
sockets.on('connection', (socket, request) => {
  const talk = new Talk(socket, request.socket, behaviourOf(request.url ?? '/'))
  socket.on('error', () => {})
  socket.on('message', (data) => talk.take(data as Buffer))
})
// As many connections at once as a benchmark asks for.
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })

answerParent(async () => {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return { port, farPort: await startFarProxy(port, true), widePort: await startFarProxy(port, false) }
})
