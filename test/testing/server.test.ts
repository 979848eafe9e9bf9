import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { realClock } from '../../src/testing/clock.ts'
import {
  createResponsesServer,
  settle,
  SimulatedClock,
  turnKey,
  UnexpectedEventError,
  WaitTimeoutError,
} from '../../src/testing/index.ts'
import { caught, RawClient } from './client.ts'

let server: ResponsesServer

async function start(options: ServerOptions = {}): Promise<RawClient> {
  server = await createResponsesServer(options)
  return await RawClient.open(server.url)
}

afterEach(async () => {
  await server.close()
})

test('urls', async () => {
  await start()
  expect(server.url).toBe(`ws://127.0.0.1:${server.port}/v1/responses`)
  expect(server.httpUrl).toBe(`http://127.0.0.1:${server.port}/v1/responses`)
  const twin = createResponsesServer({ port: server.port })
  await expect(twin).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('connections tell what passed through them and how they ended', async () => {
  const client = await start({ clock: new SimulatedClock({ startMs: 5 }) })
  await client.turn()
  expect(server.connections()).toMatchObject([
    { id: 1, open: true, createdAt: 5, received: 1, closeCode: null, idle: true },
  ])
  expect(server.connections()[0]?.sent).toBe(client.events.length)
  client.socket.close(4001, 'enough')
  expect(await server.waitForClose()).toMatchObject({
    open: false,
    closeCode: 4001,
    closeReason: 'enough',
    closedAt: 5,
  })
})

test('the transcript has types, lanes and sizes, and text only where asked for', async () => {
  const client = await start()
  await client.turn({ stream_id: 'a', input: 'äöü' })
  const [first, second] = server.transcript()
  expect(first).toEqual({
    at: first?.at,
    connection: 1,
    direction: 'in',
    type: 'response.create',
    lane: 'a',
    bytes: Buffer.byteLength(
      JSON.stringify({ type: 'response.create', model: 'm', input: 'äöü', store: false, stream_id: 'a' }),
    ),
  })
  expect(second).toMatchObject({ direction: 'out', type: 'response.created', lane: 'a' })
  await server.close()
  const other = await start({ keepFrames: true })
  await other.turn()
  expect(JSON.parse(server.transcript()[0]?.text ?? '')).toMatchObject({ type: 'response.create' })
})

test('logs keep the last entries only', async () => {
  const client = await start({ logLimit: 3 })
  await client.turn()
  await client.turn()
  expect(server.transcript()).toHaveLength(3)
  expect(server.transcript().at(-1)?.type).toBe('response.completed')
})

test('creates are counted by logical turn, however it is sent', async () => {
  const client = await start()
  const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }
  const key = turnKey({ input: 'hi' })
  await client.turn({ input: 'hi' })
  await client.turn({ input: [user], previous_response_id: 'resp_x' })
  await client.turn({ input: [{ role: 'user', content: 'old' }, { role: 'assistant', content: 'x' }, user] })
  await client.turn({ input: 'other', metadata: { turn: 'named' } })
  expect([server.creates(key), server.runs(key)]).toEqual([3, 2])
  expect([server.creates('named'), server.creates('nothing'), server.creates()]).toEqual([1, 0, 4])
})

test('a turn key does not depend on what went before the last model item', () => {
  const item = fc.constantFrom<object>(
    { role: 'user', content: 'a' },
    { role: 'user', content: [{ type: 'input_text', text: 'b' }] },
    { type: 'function_call_output', call_id: 'c', output: 'd' },
  )
  const history = fc.array(fc.oneof(item, fc.constant({ type: 'function_call', call_id: 'c', name: 'f' })))
  fc.assert(
    fc.property(history, fc.array(item), (before, own) => {
      const all = [...before, { type: 'message', role: 'assistant', content: [] }, ...own]
      expect(turnKey({ input: all })).toBe(turnKey({ input: own }))
    }),
  )
})

test('helpers that wait', async () => {
  await start()
  expect((await server.waitForConnection()).id).toBe(1)
  const second = server.waitForConnection(2)
  const client = await RawClient.open(server.url)
  expect((await second).open).toBe(true)
  const create = server.waitForCreate('t', { count: 2 })
  client.create({ metadata: { turn: 't' } })
  client.create({ metadata: { turn: 't' } })
  expect((await create).connection).toBe(2)
  expect((await server.waitForUpgrade(2)).status).toBe(101)
  const closed = server.waitForClose(2)
  client.socket.terminate()
  expect((await closed).closeCode).toBe(1006)
})

test('waiting in vain ends with an error that says what there was', async () => {
  await start()
  const error = await server.waitForCreate('t', { timeoutMs: 5 }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(WaitTimeoutError)
  expect(String(error)).toMatch(
    /5 ms for 1 create\(s\) of the turn "t".*1 upgrade\(s\), 0 create\(s\).*1 open/,
  )
  const waits = caught(server.waitForClose())
  await server.close()
  expect(String(await waits)).toContain('The server was closed')
})

test('helpers that assert absence', async () => {
  const client = await start()
  await server.expectNoCreate()
  await server.expectNoCreate('t', { forMs: 1 })
  const noCreate = caught(server.expectNoCreate())
  client.create()
  expect(await noCreate).toBeInstanceOf(UnexpectedEventError)
  const noUpgrade = caught(server.expectNoUpgrade())
  await RawClient.open(server.url)
  expect(String(await noUpgrade)).toContain('an upgrade')
  const noClose = caught(server.expectNoClose())
  client.socket.terminate()
  expect(String(await noClose)).toContain('the end of a connection')
  await server.expectNoUpgrade()
})

test('a running server can be given turns, events and faults', async () => {
  const client = await start()
  server.enqueueTurns({ text: 'queued' })
  expect(server.turnsLeft()).toBe(1)
  expect(() => server.enqueueTurns({}, { text: 3 } as never)).toThrow(/turns\[1\]\.text/)
  server.connections()[0]?.send({ type: 'rate_limits.updated', rate_limits: [] })
  server.strikeAll({ do: 'keepalive' })
  await client.until(() => client.events.length === 2)
  expect(client.types()).toEqual(['rate_limits.updated', 'keepalive'])
  server.dropAll({ reset: true })
  expect((await client.untilClosed()).code).toBe(1006)
})

test('hostile clients get an error or a close, and the server goes on', async () => {
  const client = await start()
  const garbage = ['', '{', 'null', '[]', '7', '{}', '{"type":7}', '{"type":"response.cancel"}', '"\u0000"']
  for (const text of garbage) client.send(text)
  await client.until(() => client.events.length === garbage.length)
  expect(client.events.every((event) => event['error'].type === 'invalid_request_error')).toBe(true)
  expect((await client.turn()).at(-1)?.type).toBe('response.completed')
  client.socket.send(new Uint8Array(9))
  expect((await client.untilClosed()).code).toBe(1003)
  const next = await RawClient.open(server.url)
  next.send({ type: 'response.create', model: 'm', input: '__proto__', metadata: { turn: '__proto__' } })
  await next.until(() => next.last().type === 'response.completed')
  expect(server.creates('__proto__')).toBe(1)
})

test('any JSON object is answered, and none ends the connection', async () => {
  const client = await start()
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (fields) => {
      const seen = client.events.length
      client.send({ model: 'm', ...fields, type: 'response.create' })
      client.send({ ...fields, type: 'response.steer' })
      await client.until(() =>
        client.events.slice(seen).some((event) => event.type === 'response.steer.failed'),
      )
      await client.until(() => client.events.slice(seen).some((event) => /error|completed/.test(event.type)))
    }),
    { numRuns: 50 },
  )
  expect(client.closed).toBe(null)
})

test('a client that does not read is disconnected when too much waits for it', async () => {
  const client = await start({
    limits: { maxBufferedBytes: 1_000_000 },
    default: { text: 'x'.repeat(3_000_000), chunk: 100_000 },
  })
  client.socket.pause()
  for (let index = 0; index < 10; index += 1) client.create()
  expect((await server.waitForClose()).closeCode).toBe(1006)
  client.socket.terminate()
})

test('a silenced connection keeps a bounded number of messages', async () => {
  const client = await start({ turns: [{ faults: [{ at: 'created', do: 'silence' }] }] })
  client.create()
  for (let index = 0; index < 5000; index += 1) client.send('x')
  expect((await server.waitForClose()).closeCode).toBe(1006)
})

test('closing leaves no timer and no socket behind', async () => {
  const clock = new SimulatedClock()
  const client = await start({
    clock,
    ping: { everyMs: 1000 },
    limits: { idleMs: 60_000 },
    upgrades: [{}, { stall: true }, { status: 500, delayMs: 5000 }, { faults: [{ do: 'silence', ms: 1e6 }] }],
    turns: [{ delayMs: 100 }, { faults: [{ at: 'created', do: 'silence', ms: 5000 }] }],
  })
  client.create()
  client.create({ stream_id: 'b' })
  const others = [new RawClient(server.url), new RawClient(server.url), new RawClient(server.url)]
  const http = fetch(server.httpUrl, {
    method: 'POST',
    headers: { authorization: 'Bearer k' },
    body: JSON.stringify({ model: 'm', stream: true }),
  }).catch(() => null)
  await server.waitForUpgrade(3)
  // A fetch whose connection goes before it has sent anything may never end (Node 20).
  await server.waitForCreate(undefined, { count: 3 })
  await settle()
  await clock.advance(1000)
  expect(clock.pending().length).toBeGreaterThan(0)
  await server.close()
  await server.close()
  expect(clock.pending()).toEqual([])
  for (const each of [client, ...others]) await each.untilClosed()
  await http
  expect(await caught(fetch(server.httpUrl))).toBeInstanceOf(TypeError)
})

test('an open connection hears of the end, and await using ends a server', async () => {
  await start()
  let url: string
  let client: RawClient
  {
    await using inner = await createResponsesServer({ clock: realClock })
    url = inner.url
    client = await RawClient.open(url)
  }
  expect(await client.untilClosed()).toEqual({ code: 1001, reason: 'the test server closes' })
  expect((await new RawClient(url).untilClosed()).code).toBe(1006)
})
