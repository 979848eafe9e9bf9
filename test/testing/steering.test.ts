import { afterEach, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions, Turn } from '../../src/testing/index.ts'
import { createResponsesServer, settle, SimulatedClock } from '../../src/testing/index.ts'
import type { Event } from './client.ts'
import { RawClient } from './client.ts'

let server: ResponsesServer
let clock: SimulatedClock

async function start(turns: Turn[], options: ServerOptions = {}): Promise<RawClient> {
  clock = new SimulatedClock()
  server = await createResponsesServer({ clock, turns, ...options })
  return await RawClient.open(server.url)
}

/** Starts a response that runs, on lane "main". */
async function running(client: RawClient, fields: Record<string, unknown> = {}): Promise<void> {
  client.create({ model: 'gpt-6-astra', stream_id: 'main', ...fields })
  await client.until(() => client.types().includes('response.created'))
}

async function steer(client: RawClient, fields: Record<string, unknown> = {}): Promise<Event> {
  const seen = client.events.length
  client.send({ type: 'response.steer', previous_response_id: 'resp_1', input: 'shorter', ...fields })
  const mine = (): Event | undefined => client.events.slice(seen).find((event) => /steer/.test(event.type))
  await client.until(() => mine() !== undefined)
  return mine() as Event
}

const two = {
  output: [
    { type: 'text' as const, text: 'one' },
    { type: 'text' as const, text: 'two' },
  ],
  delayMs: 10,
}
const called = { calls: [{ name: 'f', call_id: 'c1' }], delayMs: 10 }
const answer = { type: 'function_call_output', call_id: 'c1', output: '42' }

afterEach(async () => {
  await server.close()
})

test('an accepted steer ends the response at the next item, and the server starts the successor', async () => {
  const client = await start([two, { text: 'short' }])
  await running(client, { instructions: 'be kind' })
  expect(await steer(client)).toMatchObject({
    type: 'response.steer.accepted',
    stream_id: 'main',
    sequence_number: 1,
    steer: { id: 'steer_1', previous_response_id: 'resp_1' },
  })
  await clock.advance(1000)
  const incomplete = client.events.find((event) => event.type === 'response.incomplete')
  expect(incomplete?.['response']).toMatchObject({ id: 'resp_1', incomplete_details: { reason: 'steered' } })
  expect(incomplete?.['response'].output).toHaveLength(1)
  const next = client.events[client.events.indexOf(incomplete as Event) + 1]
  expect(next).toMatchObject({
    type: 'response.created',
    stream_id: 'main',
    response: { id: 'resp_2', previous_response_id: 'resp_1', instructions: 'be kind' },
  })
  expect(client.last()).toMatchObject({ type: 'response.completed', response: { id: 'resp_2' } })
  // The successor is the server's own: no second create, and the turn was not run twice.
  expect([server.creates(), server.runs()]).toEqual([1, 1])
})

test('the successor can be steered and continued, the lane’s queue comes after it', async () => {
  const client = await start([two, two, {}])
  await running(client)
  await steer(client)
  client.create({ model: 'gpt-6-astra', stream_id: 'main', previous_response_id: 'resp_3' })
  await clock.advance(85)
  await client.until(() => client.types().filter((type) => type === 'response.created').length === 2)
  const again = await steer(client, { previous_response_id: 'resp_2' })
  expect(again.type).toBe('response.steer.accepted')
  await clock.advance(1000)
  const ids = client.events.filter((event) => event.type === 'response.created')
  expect(ids.map((event) => event['response'].id)).toEqual(['resp_1', 'resp_2', 'resp_3', 'resp_4'])
  expect(client.last().type).toBe('response.completed')
})

test('on the late path the response finishes first', async () => {
  const client = await start([two, { text: 'short' }], { steering: { path: 'late' } })
  await running(client)
  await steer(client)
  await clock.advance(1000)
  const ends = client.events.filter((event) => event.type === 'response.completed')
  expect(ends.map((event) => event['response'].id)).toEqual(['resp_1', 'resp_2'])
  expect(ends[0]?.['response'].output).toHaveLength(2)
})

test('with an open tool call the steer waits for the create that answers it', async () => {
  const heard: string[] = []
  const client = await start([called], {
    model: ({ input }) => {
      heard.push(...input.map((item) => String(item['content'] ?? item['output'])))
      return { text: 'done' }
    },
  })
  await running(client)
  await steer(client)
  await steer(client, { input: [{ role: 'user', content: 'and kinder' }] })
  await clock.advance(1000)
  const pending = client.events.filter((event) => event.type === 'response.steer.pending')
  expect(pending).toMatchObject(
    ['steer_1', 'steer_2'].map((id) => ({
      reason: 'waiting_for_required_input',
      stream_id: 'main',
      steer: { id, previous_response_id: 'resp_1' },
      required_input: [{ type: 'function_call_output', call_id: 'c1', name: 'f' }],
    })),
  )
  expect(client.types()).toContain('response.completed')
  await client.turn({ stream_id: 'main', previous_response_id: 'resp_1', input: [answer] })
  expect(heard).toEqual(['shorter', 'and kinder', '42'])
})

test('no pending event where the client already sent the create', async () => {
  const client = await start([called])
  await running(client)
  await steer(client)
  client.create({ stream_id: 'main', previous_response_id: 'resp_1', input: [answer] })
  await settle()
  await clock.advance(1000)
  expect(client.types()).not.toContain('response.steer.pending')
  expect(client.last()).toMatchObject({ type: 'response.completed', response: { id: 'resp_2' } })
})

test('a refused create fails the steers that waited for it', async () => {
  const client = await start([called])
  await running(client)
  await steer(client)
  await clock.advance(1000)
  await client.turn({ stream_id: 'main', previous_response_id: 'resp_1', input: [] })
  await client.until(() => client.last().type === 'response.steer.failed')
  expect(client.last()).toMatchObject({
    steer: { id: 'steer_1', previous_response_id: 'resp_1', input: 'shorter' },
    error: { code: 'successor_creation_failed', type: 'invalid_request_error' },
  })
})

test.each([
  ['the response fails', [{ ...two, failed: {} }], { steering: { path: 'late' as const } }],
  ['the script says so', [two], { steering: { successorFails: true } }],
])('accepted input comes back where %s', async (_name, turns, options) => {
  const client = await start(turns, options)
  await running(client)
  await steer(client)
  await clock.advance(1000)
  expect(client.last()).toMatchObject({
    type: 'response.steer.failed',
    steer: { id: 'steer_1', input: 'shorter' },
    error: { code: 'successor_creation_failed' },
  })
  // The lane is free again.
  expect((await client.turn({ stream_id: 'main' })).at(-1)?.type).toBe('response.completed')
})

test.each([
  [{ input: '' }, 'invalid_input'],
  [{ input: [] }, 'invalid_input'],
  [{ input: [{ role: 'assistant', content: 'x' }] }, 'invalid_input'],
  [{ input: [{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }] }, 'invalid_input'],
  [{ input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] }, 'invalid_input'],
  [{ stream_id: 'main' }, 'invalid_input'],
  [{ previous_response_id: 7 }, 'invalid_input'],
  [{ previous_response_id: 'resp_9' }, 'response_not_found'],
])('a steer with %o is refused', async (fields, code) => {
  const client = await start([two])
  await running(client)
  const failed = await steer(client, fields)
  expect(failed).toMatchObject({ type: 'response.steer.failed', error: { code } })
  expect(failed['steer']).not.toHaveProperty('id')
})

test('user messages with text, image and file parts are accepted', async () => {
  const client = await start([two])
  await running(client)
  const content = [{ type: 'input_text', text: 'x' }, { type: 'input_image' }, { type: 'input_file' }]
  const accepted = await steer(client, { input: [{ type: 'message', role: 'user', content }] })
  expect(accepted.type).toBe('response.steer.accepted')
})

test.each([
  [{ model: 'gpt-5.6' }, {}],
  [{ conversation: 'conv_1' }, {}],
  [{ context_management: [{ type: 'compaction' }] }, {}],
])('a response with %o cannot be steered', async (fields, options) => {
  const client = await start([two], options)
  await running(client, fields)
  expect((await steer(client))['error'].code).toBe('steering_not_supported')
})

test('a response that is over takes no steer', async () => {
  const client = await start([{}, { failed: {} }])
  await client.turn({ model: 'gpt-6-astra' })
  expect((await steer(client))['error'].code).toBe('response_already_completed')
  await client.turn({ model: 'gpt-6-astra' })
  expect((await steer(client, { previous_response_id: 'resp_2' }))['error'].code).toBe('response_not_active')
})

test('the queue limit, and a scripted refusal', async () => {
  const client = await start([two, two], { steering: { maxPending: 1, models: ['*'] } })
  await running(client, { model: 'any' })
  await steer(client)
  expect((await steer(client))['error'].code).toBe('too_many_pending_steers')
  await server.close()
  const refused = await start([two], { steering: { failWith: 'made_up' } })
  await running(refused)
  expect((await steer(refused))['error'].code).toBe('made_up')
})

test('queued steers die with the connection', async () => {
  const client = await start([two])
  await running(client)
  await steer(client)
  client.socket.terminate()
  await server.waitForClose()
  await clock.advance(1000)
  expect(server.runs()).toBe(1)
})
