import { afterEach, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer, settle, SimulatedClock } from '../../src/testing/index.ts'
import type { Event } from './client.ts'
import { caught, RawClient } from './client.ts'

let server: ResponsesServer
let clock: SimulatedClock

async function start(options: ServerOptions = {}): Promise<void> {
  clock = new SimulatedClock()
  server = await createResponsesServer({ clock, ...options })
}

const headers = { authorization: 'Bearer k', 'content-type': 'application/json' }

async function post(body: unknown, path: string = '', signal?: AbortSignal): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return await fetch(server.httpUrl + path, { method: 'POST', headers, body: text, signal: signal ?? null })
}

async function stream(fields: Record<string, unknown> = {}): Promise<Event[]> {
  const response = await post({ model: 'm', input: 'hi', stream: true, ...fields })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  return eventsOf(await response.text())
}

function eventsOf(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [name, data] = block.split('\n')
      const event = JSON.parse(data?.replace('data: ', '') ?? '') as Event
      expect(name).toBe(`event: ${event.type}`)
      return event
    })
}

afterEach(async () => {
  await server.close()
})

test('the same events as over the WebSocket, as server-sent events', async () => {
  const turn = { text: ['a', 'b'], calls: [{ name: 'f', call_id: 'c1' }] }
  await start({ turns: [turn, turn] })
  const overHttp = await stream()
  const client = await RawClient.open(server.url)
  const overSocket = await client.turn({ input: 'hi' })
  expect(overHttp.map((event) => event.type)).toEqual(overSocket.map((event) => event.type))
  expect(overHttp.map((event) => event['sequence_number'])).toEqual(
    overSocket.map((event) => event['sequence_number']),
  )
  expect(server.requests()).toMatchObject([
    { transport: 'http', connection: null, outcome: 'completed' },
    { transport: 'websocket', connection: 1, outcome: 'completed' },
  ])
})

test('one JSON document where no stream is asked for', async () => {
  await start({ turns: [{ text: 'a', incomplete: {} }] })
  const response = await post({ model: 'm', input: 'hi' })
  expect(await response.json()).toMatchObject({
    object: 'response',
    status: 'incomplete',
    output: [{ type: 'message' }],
  })
})

test('only stored responses can be continued', async () => {
  await start()
  await stream({ store: false })
  const [, , third] = await stream({ store: true })
  expect(third?.type).toBe('response.output_item.added')
  const lost = await post({ model: 'm', previous_response_id: 'resp_1' })
  expect([lost.status, ((await lost.json()) as Event)['error'].code]).toEqual([
    400,
    'previous_response_not_found',
  ])
  expect((await stream({ previous_response_id: 'resp_2' })).at(-1)?.type).toBe('response.completed')
  const client = await RawClient.open(server.url)
  expect((await client.turn({ previous_response_id: 'resp_2' })).at(-1)?.type).toBe('response.completed')
})

test('a scripted error has its HTTP status and headers, inside a stream it is an event', async () => {
  const error = { status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after-ms': 9 } }
  await start({ turns: [{ error }, { text: 'a', error }, { text: 'a', error }] })
  const refused = await post({ model: 'm', stream: true })
  expect([refused.status, refused.headers.get('retry-after-ms')]).toEqual([429, '9'])
  expect((await stream()).at(-1)).toMatchObject({ type: 'error', status: 429 })
  expect((await post({ model: 'm' })).status).toBe(429)
})

test('a close ends the body without a terminal event, a termination breaks it', async () => {
  const fault = { at: 'delta' as const }
  await start({
    turns: [{ faults: [{ ...fault, do: 'close' }] }, { faults: [{ ...fault, do: 'terminate' }] }],
  })
  expect((await stream()).at(-1)?.type).toBe('response.output_text.delta')
  const broken = post({ model: 'm', stream: true }).then((response) => response.text())
  expect(await caught(broken)).toBeInstanceOf(TypeError)
  expect(server.requests().map((request) => request.outcome)).toEqual(['dropped', 'dropped'])
})

test('silence for a while, and delays', async () => {
  await start({ turns: [{ delayMs: 10, faults: [{ at: 'created', do: 'silence', ms: 500 }] }] })
  const events = stream()
  await server.waitForCreate()
  await clock.advance(490)
  expect(server.transcript().filter((entry) => entry.direction === 'out')).toHaveLength(1)
  await clock.advance(1000)
  expect((await events).at(-1)?.type).toBe('response.completed')
})

test('a client that hangs up stops its response', async () => {
  await start({ turns: [{ delayMs: 10 }] })
  const abort = new AbortController()
  const answer = post({ model: 'm', stream: true }, '', abort.signal).then((response) => response.text())
  await server.waitForCreate()
  await settle()
  abort.abort()
  expect(await caught(answer)).toMatchObject({ name: 'AbortError' })
  await server.waitFor('the end of the request', () =>
    server.requests().find((each) => each.outcome === 'dropped'),
  )
  expect(clock.pending()).toEqual([])
})

test('compaction gives a window that a new chain can begin with', async () => {
  await start()
  const input = [
    { role: 'user', content: 'one' },
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: '1' },
  ]
  const response = await post({ model: 'm', input }, '/compact')
  const compacted = (await response.json()) as Event
  expect(compacted).toMatchObject({
    object: 'response.compaction',
    output: [{ role: 'user', content: 'one' }, { type: 'compaction' }],
  })
  expect(Buffer.from(compacted['output'][1].encrypted_content, 'base64').toString()).toContain(
    'function_call_output',
  )
  const next = await stream({ input: [...compacted['output'], { role: 'user', content: 'two' }] })
  expect(next.at(-1)?.['response'].output[0].content[0].text).toBe('You said: two')
  expect((await post({ input: 'x' }, '/compact')).status).toBe(400)
})

test('refusals: key, path, method, body', async () => {
  await start({ apiKey: 'other', limits: { maxBodyBytes: 100 } })
  expect((await post({ model: 'm' })).status).toBe(401)
  server.setKeys('k')
  expect((await post({ model: 'm' }, '/nothing/else')).status).toBe(404)
  expect((await fetch(server.httpUrl, { headers })).status).toBe(405)
  expect((await post('not json')).status).toBe(400)
  expect((await post('[]')).status).toBe(400)
  expect((await post({ model: 'm', input: 'x'.repeat(100) })).status).toBe(413)
})
