import { afterEach, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer, settle, SimulatedClock } from '../../src/testing/index.ts'
import type { Event } from './client.ts'
import { RawClient, responseOf, textOf } from './client.ts'

let server: ResponsesServer
let clock: SimulatedClock

async function start(options: ServerOptions = {}): Promise<RawClient> {
  clock = new SimulatedClock()
  server = await createResponsesServer({ clock, ...options })
  return await RawClient.open(server.url)
}

const slow = { default: { delayMs: 10 } }
const created = (client: RawClient): Event[] =>
  client.events.filter((event) => event.type === 'response.created')
const code = (events: readonly Event[]): string => events.at(-1)?.['error']?.code as string

afterEach(async () => {
  await server.close()
})

test('creates of one lane run one after the other, lanes run side by side', async () => {
  const client = await start(slow)
  for (const stream_id of ['a', 'a', 'b']) client.create({ stream_id, input: stream_id })
  client.create()
  await settle()
  expect(created(client).map((event) => event['stream_id'])).toEqual(['a', 'b', undefined])
  await clock.advance(1000)
  const lanes = client.events.map((event) => event['stream_id'] as string | undefined)
  expect(lanes.slice(0, 6)).toEqual(['a', 'b', undefined, 'a', 'b', undefined])
  const ofA = client.events.filter((event) => event['stream_id'] === 'a').map((event) => event.type)
  expect(ofA.indexOf('response.completed')).toBeLessThan(ofA.lastIndexOf('response.created'))
  expect(client.types().filter((type) => type === 'response.completed')).toHaveLength(4)
})

test('16 responses run at once, the rest waits', async () => {
  const client = await start(slow)
  for (let index = 0; index < 20; index += 1) client.create({ stream_id: `lane-${index}` })
  await settle()
  expect(created(client)).toHaveLength(16)
  await clock.advance(1000)
  expect(created(client)).toHaveLength(20)
})

test('a full queue refuses with an error and loses nothing', async () => {
  const client = await start({ ...slow, limits: { queued: 2 } })
  for (let index = 0; index < 4; index += 1) client.create()
  await settle()
  expect(client.last()).toMatchObject({ type: 'error', status: 429, error: { code: 'websocket_queue_full' } })
  await clock.advance(1000)
  expect(client.types().filter((type) => type === 'response.completed')).toHaveLength(3)
})

test('a long queue of instant turns does not grow the stack', async () => {
  const client = await start({ turns: [{ faults: [{ at: 'request', do: 'delay', ms: 5 }] }] })
  for (let index = 0; index < 1000; index += 1) client.create()
  await server.waitForCreate(undefined, { count: 1000 })
  await clock.advance(5)
  await client.until(
    () => client.last()['response']?.id === 'resp_1000' && client.last().type === 'response.completed',
  )
  expect(server.runs()).toBe(1000)
})

test('bad lane names, and the 33rd', async () => {
  const client = await start()
  for (const stream_id of ['', 'a b', 'x'.repeat(257), 7, null]) {
    client.create({ stream_id })
    await client.until(() => client.last().type === 'error')
    expect(client.events.splice(0)).toMatchObject([{ status: 400, error: { code: 'invalid_stream_id' } }])
  }
  for (let index = 0; index < 32; index += 1) await client.turn({ stream_id: `${index}` })
  const refused = await client.turn({ stream_id: 'one-more' })
  expect(refused).toMatchObject([
    {
      status: 400,
      stream_id: 'one-more',
      error: { code: 'websocket_stream_limit_reached', param: 'stream_id' },
    },
  ])
  expect((await client.turn({ stream_id: '5' })).at(-1)?.type).toBe('response.completed')
  expect((await client.turn()).at(-1)?.type).toBe('response.completed')
})

test('a lane remembers its latest response, and nothing older', async () => {
  const client = await start()
  await client.turn()
  await client.turn({ previous_response_id: 'resp_1' })
  const lost = await client.turn({ previous_response_id: 'resp_1' })
  expect(lost).toMatchObject([
    { status: 400, error: { code: 'previous_response_not_found', param: 'previous_response_id' } },
  ])
  // The failed continuation named another response than the lane's latest, which therefore stays.
  expect((await client.turn({ previous_response_id: 'resp_2' })).at(-1)?.type).toBe('response.completed')
})

test('memory goes with the socket, stored responses stay', async () => {
  const first = await start()
  await first.turn({ store: true })
  await first.turn({ store: true, previous_response_id: 'resp_1' })
  await first.turn({ store: false })
  first.socket.terminate()
  const second = await RawClient.open(server.url)
  expect((await second.turn({ previous_response_id: 'resp_1' })).at(-1)?.type).toBe('response.completed')
  expect(code(await second.turn({ previous_response_id: 'resp_3' }))).toBe('previous_response_not_found')
  server.forgetStored('resp_1')
  expect(code(await second.turn({ previous_response_id: 'resp_1' }))).toBe('previous_response_not_found')
  server.forgetStored()
  expect(code(await second.turn({ previous_response_id: 'resp_2' }))).toBe('previous_response_not_found')
})

test('store is true when a request does not say', async () => {
  const client = await start()
  await client.turn({ store: undefined })
  server.connections()[0]?.forget()
  expect((await client.turn({ previous_response_id: 'resp_1' })).at(-1)?.type).toBe('response.completed')
})

test.each([
  ['an error frame', { error: { status: 429 } }],
  ['response.failed', { failed: {} }],
])('%s on the same lane evicts the parent', async (_name, turn) => {
  const client = await start({ turns: [{}, turn] })
  await client.turn()
  await client.turn({ previous_response_id: 'resp_1' })
  expect(code(await client.turn({ previous_response_id: 'resp_1' }))).toBe('previous_response_not_found')
})

test('response.failed keeps the parent where the knob says so', async () => {
  const client = await start({ turns: [{}, { failed: {} }], limits: { failedEvicts: false } })
  await client.turn()
  await client.turn({ previous_response_id: 'resp_1' })
  expect((await client.turn({ previous_response_id: 'resp_1' })).at(-1)?.type).toBe('response.completed')
})

test('a failed fork keeps the parent', async () => {
  const client = await start({ turns: [{}, { error: { status: 500 } }] })
  await client.turn({ stream_id: 'main' })
  expect((await client.turn({ stream_id: 'fork', previous_response_id: 'resp_1' })).at(-1)?.type).toBe(
    'error',
  )
  const again = await client.turn({ stream_id: 'main', previous_response_id: 'resp_1' })
  expect(again.at(-1)?.type).toBe('response.completed')
})

test('the parent is looked up when a request starts, not when it arrives', async () => {
  const client = await start({ turns: [{}, { delayMs: 10 }] })
  await client.turn({ stream_id: 'main' })
  // The fork lane is busy, so the fork starts after "main" has moved on.
  client.create({ stream_id: 'fork' })
  client.create({ stream_id: 'fork', previous_response_id: 'resp_1' })
  client.create({ stream_id: 'main', previous_response_id: 'resp_1' })
  await settle()
  await clock.advance(1000)
  const errors = client.events.filter((event) => event.type === 'error')
  expect(errors).toMatchObject([{ stream_id: 'fork', error: { code: 'previous_response_not_found' } }])
  expect(client.events.filter((event) => event.type === 'response.completed')).toHaveLength(3)
})

test('a fork that has started keeps its parent, and both branches run', async () => {
  const client = await start({ turns: [{}, { delayMs: 10 }] })
  await client.turn({ stream_id: 'main' })
  client.create({ stream_id: 'fork', previous_response_id: 'resp_1' })
  const main = await client.turn({ stream_id: 'main', previous_response_id: 'resp_1' })
  await clock.advance(1000)
  expect(main.at(-1)?.type).toBe('response.completed')
  expect(client.last()).toMatchObject({ type: 'response.completed', stream_id: 'fork' })
})

test('an incomplete response can be continued', async () => {
  const client = await start({ turns: [{ text: 'par', incomplete: {} }] })
  await client.turn()
  expect((await client.turn({ previous_response_id: 'resp_1' })).at(-1)?.type).toBe('response.completed')
})

const calls = [
  { name: 'f', call_id: 'c1' },
  { name: 'g', call_id: 'c2' },
]
const answer = (call_id: string): object => ({ type: 'function_call_output', call_id, output: 'ok' })
const user = { role: 'user', content: 'and?' }

test('tool pairing: all outputs, in any order, and a message', async () => {
  const client = await start({ turns: [{ calls }] })
  await client.turn()
  const input = [answer('c2'), user, answer('c1')]
  expect((await client.turn({ previous_response_id: 'resp_1', input })).at(-1)?.type).toBe(
    'response.completed',
  )
})

test.each([
  ['a missing output', [answer('c1')], 'No tool output found for function call c2.'],
  ['no output at all', [user], 'No tool output found for function call c1.'],
  ['an unknown call', [answer('c1'), answer('c2'), answer('c3')], /No tool call found .* c3\./],
  ['one output twice', [answer('c1'), answer('c2'), answer('c2')], /No tool call found .* c2\./],
])('tool pairing refuses %s', async (_name, input, message) => {
  const client = await start({ turns: [{ calls }] })
  await client.turn()
  const events = await client.turn({ previous_response_id: 'resp_1', input })
  expect(events).toMatchObject([{ status: 400, error: { code: null, param: 'input' } }])
  expect(events[0]?.['error'].message).toMatch(message)
})

test('tool pairing is checked in a full history too', async () => {
  const client = await start({ turns: [{ calls }] })
  const { output } = responseOf(await client.turn()) as unknown as { output: object[] }
  const history = [user, ...output]
  expect((await client.turn({ input: history })).at(-1)?.['error'].message).toContain('No tool output found')
  const whole = [...history, answer('c1'), answer('c2')]
  expect(textOf(await client.turn({ input: whole }))).toBe('The tool said: ok; ok')
})

test('other kinds of client work are paired by their own rules', async () => {
  const output = [
    { type: 'raw' as const, item: { type: 'mcp_approval_request', id: 'apr_1', name: 'x' } },
    { type: 'raw' as const, item: { type: 'tool_search_call', call_id: 's1', execution: 'server' } },
    { type: 'custom-call' as const, name: 'g', call_id: 'k1' },
  ]
  const client = await start({ turns: [{ output }] })
  await client.turn()
  const input = [
    { type: 'custom_tool_call_output', call_id: 'k1', output: 'ok' },
    { type: 'mcp_approval_response', approval_request_id: 'apr_1', approve: true },
  ]
  expect((await client.turn({ previous_response_id: 'resp_1', input })).at(-1)?.type).toBe(
    'response.completed',
  )
})

test.each([
  [{ model: undefined }, 'missing_required_parameter', 'model'],
  [{ model: 7 }, 'invalid_type', 'model'],
  [{ input: 7 }, 'invalid_type', 'input'],
  [{ input: ['x'] }, 'invalid_type', 'input[0]'],
  [{ previous_response_id: 7 }, 'invalid_type', 'previous_response_id'],
  [{ previous_response_id: 'r', conversation: 'c' }, 'mutually_exclusive_parameters', 'previous_response_id'],
  [{ background: true }, 'unsupported_parameter', 'background'],
])('a create with %o is refused', async (fields, expected, param) => {
  const client = await start()
  expect(await client.turn(fields)).toMatchObject([{ status: 400, error: { code: expected, param } }])
})

test('a warm-up is the terminal event alone, and can be continued with nothing', async () => {
  const client = await start({ turns: [{ text: 'real' }] })
  const warm = await client.turn({ generate: false, input: 'long history' })
  expect(warm).toMatchObject([
    { type: 'response.completed', sequence_number: 0, response: { output: [], usage: { output_tokens: 0 } } },
  ])
  expect(responseOf(warm)['usage'].input_tokens).toBeGreaterThan(0)
  expect(textOf(await client.turn({ previous_response_id: 'resp_1', input: [] }))).toBe('real')
  expect([server.creates(), server.runs()]).toEqual([1, 1])
})

test('warm-ups: prewarm, the created event, and turns of their own', async () => {
  const failing = { match: { warmup: true }, error: { status: 503, code: 'server_is_overloaded' } }
  const client = await start({ warmup: { created: true }, turns: [{ text: 'real' }, failing] })
  expect(code(await client.turn({ generate: false }))).toBe('server_is_overloaded')
  const warm = await client.turn({ prompt_cache_options: { prewarm: true } })
  expect(warm.map((event) => event.type)).toEqual(['response.created', 'response.completed'])
  expect(textOf(await client.turn())).toBe('real')
})
