import { readFileSync } from 'node:fs'
import { type Duplex, duplexPair } from 'node:stream'
import { connect } from 'node:tls'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { type ServerOptions, createResponsesServer, settle } from '../../src/testing/index.ts'

async function start(options: ServerOptions = {}) {
  const server = await createResponsesServer(options)
  onTestFinished(() => server.close())
  return server
}

/** A WebSocket over a stream that the server was given. */
function over(server: { url: string }, near: Duplex): WebSocket {
  const headers = { authorization: 'Bearer any' }
  const socket = new WebSocket(server.url, { headers, createConnection: () => near as never })
  socket.on('error', () => {})
  return socket
}

/** Two ends of a line. `duplexPair` passes on no end but a FIN. */
function linkedPair(): [Duplex, Duplex] {
  const [near, far] = duplexPair()
  near.on('close', () => far.destroy())
  far.on('close', () => near.destroy())
  return [near, far]
}

/** A file of the fixtures. */
const read = (name: string) => readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url), 'utf8')

test('a stream is served like a connection of the port', async () => {
  const server = await start({ turns: [{ text: 'over a stream' }] })
  const [near, far] = linkedPair()
  server.accept(far)
  const socket = over(server, near)
  await once(socket, 'open')
  socket.send('{"type":"response.create","model":"m","input":"hi"}')
  expect(await server.waitForCreate()).toMatchObject({ transport: 'websocket', connection: 1 })
  await server.waitFor('the turn', () => (server.requests()[0]?.outcome === 'completed' ? true : undefined))
  expect(server.connections()).toMatchObject([{ id: 1, open: true, received: 1 }])
  server.connections()[0]?.strike({ do: 'close', code: 1012 })
  expect((await once(socket, 'close'))[0]).toBe(1012)
})

test('with TLS the stream carries TLS', async () => {
  const server = await start({ tls: { key: read('key'), cert: read('cert') } })
  const [near, far] = linkedPair()
  server.accept(far)
  const socket = over(server, connect({ socket: near, rejectUnauthorized: false }))
  await once(socket, 'open')
  expect(server.connections()).toHaveLength(1)
  socket.terminate()
})

test('what is no HTTP ends its own stream and nothing else', async () => {
  const server = await start()
  const [near, far] = linkedPair()
  server.accept(far)
  near.write('no request at all\r\n\r\n')
  await once(far, 'close')
  expect(server.upgrades()).toEqual([])
  const [second, other] = linkedPair()
  server.accept(other)
  await once(over(server, second), 'open')
  expect(server.connections()).toHaveLength(1)
})

test('closing the server ends streams that never asked for anything', async () => {
  const server = await start()
  const [, far] = linkedPair()
  server.accept(far)
  await server.close()
  expect(far.destroyed).toBe(true)
})

test('a closed server takes none', async () => {
  const server = await start()
  await server.close()
  const [, far] = linkedPair()
  server.accept(far)
  await settle()
  expect(far.destroyed).toBe(true)
  expect(server.upgrades()).toEqual([])
})
