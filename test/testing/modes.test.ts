import { afterEach, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer, settle, SimulatedClock } from '../../src/testing/index.ts'
import { RawClient } from './client.ts'

let server: ResponsesServer
let clock: SimulatedClock

async function start(options: ServerOptions): Promise<RawClient> {
  clock = new SimulatedClock()
  server = await createResponsesServer({ clock, ...options })
  return await RawClient.open(server.url)
}

afterEach(async () => {
  await server.close()
})

test('generation 1: no lanes, no steering, one response at a time, one memory slot', async () => {
  const client = await start({ mode: 'generation-1', turns: [{ delayMs: 10 }] })
  client.create({ stream_id: 'a' })
  await client.until(() => client.events.length === 1)
  expect(client.events.splice(0)).toEqual([
    { type: 'error', status: 400, error: { detail: 'Unsupported parameter: stream_id' } },
  ])
  client.send({ type: 'response.steer', previous_response_id: 'resp_1', input: 'x' })
  await client.until(() => client.events.length === 1)
  expect(client.events.splice(0)).toMatchObject([{ status: 400, error: { param: 'type' } }])
  client.create()
  client.create()
  await settle()
  expect(client.types()).toEqual(['response.created'])
  await clock.advance(1000)
  expect(client.types().filter((type) => type === 'response.completed')).toHaveLength(2)
  expect((await client.turn({ previous_response_id: 'resp_1' })).at(-1)?.type).toBe('error')
  expect((await client.turn({ previous_response_id: 'resp_2' })).at(-1)?.type).toBe('response.completed')
})

test('vercel: closes after an error', async () => {
  const client = await start({ mode: 'vercel' })
  client.create({ previous_response_id: 'resp_0' })
  expect(await client.untilClosed()).toEqual({ code: 1011, reason: '' })
  expect(client.events).toMatchObject([{ type: 'error', error: { code: 'previous_response_not_found' } }])
})

test('vercel: closes after a scripted error, too', async () => {
  const client = await start({ mode: 'vercel', turns: [{ error: { status: 402 } }] })
  client.create()
  expect((await client.untilClosed()).code).toBe(1011)
})

test('vercel: one model per connection', async () => {
  const client = await start({ mode: 'vercel' })
  await client.turn({ model: 'a' })
  client.create({ model: 'b' })
  expect((await client.untilClosed()).code).toBe(1008)
  expect(server.requests().at(-1)).toMatchObject({ model: 'b', outcome: 'dropped' })
})

test('vercel: 4 MiB a frame, idle after 5 minutes, old after 13, both 1001', async () => {
  const client = await start({ mode: 'vercel' })
  client.create({ input: 'x'.repeat(4 * 1024 * 1024) })
  expect((await client.untilClosed()).code).toBe(1009)
  const idle = await RawClient.open(server.url)
  await clock.advance(300_000)
  expect(idle.closed?.code).toBe(1001)
  const old = await RawClient.open(server.url)
  for (let minute = 0; minute < 13; minute += 1) {
    old.socket.ping()
    await settle()
    await clock.advance(60_000)
  }
  expect([old.closed?.code, old.events]).toEqual([1001, []])
})

test('each knob of a mode can be set', async () => {
  const client = await start({
    mode: 'vercel',
    limits: { closesOnError: false, oneModel: false, idleMs: null },
  })
  expect((await client.turn({ previous_response_id: 'resp_0' })).at(-1)?.type).toBe('error')
  expect((await client.turn({ model: 'other' })).at(-1)?.type).toBe('response.completed')
})

test('a message of 16 MiB is closed with 1009, one byte less is read', async () => {
  const client = await start({})
  const frame = JSON.stringify({ type: 'response.create', model: 'm', input: '' })
  client.send(frame.replace('""', `"${'x'.repeat(16_777_215 - frame.length)}"`))
  await client.until(() => client.last().type === 'response.completed')
  client.send(frame.replace('""', `"${'x'.repeat(16_777_216 - frame.length)}"`))
  expect((await client.untilClosed()).code).toBe(1009)
})
