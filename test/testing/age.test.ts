import { afterEach, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer, settle, SimulatedClock } from '../../src/testing/index.ts'
import { RawClient } from './client.ts'

let server: ResponsesServer
let clock: SimulatedClock
const HOUR_MS = 3_600_000
const limit = { type: 'error', status: 400, error: { code: 'websocket_connection_limit_reached' } }

async function start(options: ServerOptions = {}): Promise<RawClient> {
  clock = new SimulatedClock()
  server = await createResponsesServer({ clock, ...options })
  return await RawClient.open(server.url)
}

afterEach(async () => {
  await server.close()
})

test('after 60 minutes an idle connection is told, and closed after the grace', async () => {
  const client = await start()
  await clock.advance(HOUR_MS - 1)
  expect(client.events).toEqual([])
  await clock.advance(1)
  expect(client.events).toMatchObject([limit])
  expect(client.events[0]).not.toHaveProperty('stream_id')
  client.create()
  await settle()
  expect(client.events).toMatchObject([limit, limit])
  await clock.advance(1000)
  expect(client.closed).toEqual({ code: 1000, reason: '' })
})

test('told only in answer to the next create', async () => {
  const client = await start({ age: { maxMs: 1000, announce: 'next-create', graceMs: 500, closeCode: 1001 } })
  await clock.advance(100_000)
  expect([client.events, client.closed]).toEqual([[], null])
  client.create()
  await settle()
  expect(client.events).toMatchObject([limit])
  await clock.advance(500)
  expect(client.closed?.code).toBe(1001)
  expect(server.runs()).toBe(0)
})

test('closed without a word', async () => {
  const client = await start({ age: { maxMs: 1000, announce: 'none', graceMs: 0 } })
  await clock.advance(1000)
  expect([client.events, client.closed?.code]).toEqual([[], 1000])
})

test('a running response is finished first', async () => {
  const client = await start({ age: { maxMs: 100 }, turns: [{ delayMs: 50 }] })
  client.create()
  await settle()
  await clock.advance(200)
  expect(client.types()).not.toContain('error')
  await clock.advance(1000)
  expect(client.types().slice(-2)).toEqual(['response.completed', 'error'])
  await clock.advance(1000)
  expect(client.closed?.code).toBe(1000)
})

test('or cut', async () => {
  const client = await start({ age: { maxMs: 100, running: 'cut' }, turns: [{ delayMs: 60 }] })
  client.create()
  client.create()
  await settle()
  await clock.advance(100)
  expect(client.types()).toEqual(['response.created', 'response.in_progress', 'error'])
  await clock.advance(1000)
  expect(client.closed?.code).toBe(1000)
  expect(server.requests().map((request) => request.outcome)).toEqual(['dropped', 'dropped'])
})

test('a test can age a connection by hand', async () => {
  const client = await start()
  server.connections()[0]?.expire()
  await settle()
  expect(client.events).toMatchObject([limit])
})

test('pings that are answered keep the connection', async () => {
  const client = await start({ ping: { everyMs: 1000, pongDeadlineMs: 500 } })
  await clock.advance(10_000)
  expect([client.pings, client.closed]).toEqual([10, null])
})

test('a ping without a pong closes with 1011', async () => {
  clock = new SimulatedClock()
  server = await createResponsesServer({ clock, ping: { everyMs: 1000, pongDeadlineMs: 500 } })
  const client = await RawClient.open(server.url, { autoPong: false })
  await clock.advance(1499)
  expect(client.closed).toBe(null)
  await clock.advance(1)
  expect(client.closed).toEqual({ code: 1011, reason: 'keepalive ping timeout' })
})

test('an idle connection is closed with 1001; a ping, a message and a running response keep it', async () => {
  const client = await start({
    limits: { idleMs: 1000 },
    turns: [{ faults: [{ at: 'created', do: 'delay', ms: 5000 }] }],
  })
  await clock.advance(900)
  client.socket.ping()
  await settle()
  await clock.advance(900)
  client.create()
  await settle()
  await clock.advance(5000)
  expect([client.pongs, client.closed, client.last().type]).toEqual([1, null, 'response.completed'])
  await clock.advance(1000)
  expect(client.closed?.code).toBe(1001)
})
