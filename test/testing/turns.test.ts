import { afterEach, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer } from '../../src/testing/index.ts'
import { RawClient, responseOf, textOf } from './client.ts'

let server: ResponsesServer

async function start(options: ServerOptions = {}): Promise<RawClient> {
  server = await createResponsesServer(options)
  return await RawClient.open(server.url)
}

afterEach(async () => {
  await server.close()
})

test('a text turn has the events of the wire trace, in order', async () => {
  const client = await start({ turns: [{ text: ['hel', 'lo'] }] })
  const events = await client.turn()
  expect(events.map((event) => event.type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(events.map((event) => event['sequence_number'])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(events.every((event) => !('stream_id' in event))).toBe(true)
  expect(events[0]?.['response']).toMatchObject({
    id: 'resp_1',
    status: 'in_progress',
    output: [],
    error: null,
  })
  const response = responseOf(events)
  expect(response).toMatchObject({
    id: 'resp_1',
    status: 'completed',
    store: false,
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] }],
  })
  expect(response['usage'].total_tokens).toBe(
    response['usage'].input_tokens + response['usage'].output_tokens,
  )
})

test('without a script the model repeats what it was told', async () => {
  const client = await start()
  const events = await client.turn({ input: 'good morning' })
  expect(textOf(events)).toBe('You said: good morning')
})

test('a tool round trip on a named lane', async () => {
  const client = await start({ turns: [{ calls: [{ name: 'f', arguments: { x: 1 }, call_id: 'call_a' }] }] })
  const asked = await client.turn({ stream_id: 'main' })
  expect(asked.map((event) => event.type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(asked.every((event) => event['stream_id'] === 'main')).toBe(true)
  const output = [{ type: 'function_call_output', call_id: 'call_a', output: '42' }]
  const answered = await client.turn({ stream_id: 'main', previous_response_id: 'resp_1', input: output })
  expect(textOf(answered)).toBe('The tool said: 42')
  expect(responseOf(answered)['previous_response_id']).toBe('resp_1')
})

test('all kinds of output stream and stand in the terminal output', async () => {
  const client = await start({
    turns: [
      {
        reasoning: 'think',
        text: 'say',
        calls: [{ name: 'f', arguments: '{}' }],
        output: [
          { type: 'refusal', refusal: 'no' },
          { type: 'custom-call', name: 'shell', input: ['l', 's'] },
          { type: 'compaction' },
          { type: 'raw', item: { type: 'web_search_call', id: 'ws_1', status: 'completed' } },
        ],
      },
    ],
  })
  const events = await client.turn()
  const output = responseOf(events)['output'] as { type: string }[]
  expect(output.map((item) => item.type)).toEqual([
    'reasoning',
    'message',
    'function_call',
    'message',
    'custom_tool_call',
    'compaction',
    'web_search_call',
  ])
  const done = events.filter((event) => event.type === 'response.output_item.done')
  expect(done.map((event) => event['item'])).toEqual(output)
  expect(done.map((event) => event['output_index'])).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_event, index) => index))
})

test.each([
  [{ failed: { code: 'rate_limit_exceeded', message: 'slow down' } }, 'response.failed', 'failed'],
  [
    { text: 'par', incomplete: { reason: 'max_output_tokens' as const } },
    'response.incomplete',
    'incomplete',
  ],
])('a turn ends as scripted: %o', async (turn, type, status) => {
  const client = await start({ turns: [turn] })
  const events = await client.turn()
  expect(events.at(-1)?.type).toBe(type)
  expect(responseOf(events)['status']).toBe(status)
})

test('an error without output comes instead of everything, with output after it', async () => {
  const error = { status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after-ms': 5 } }
  const client = await start({ turns: [{ error }, { text: 'par', error }] })
  const refused = await client.turn({ stream_id: 'a' })
  expect(refused).toEqual([
    {
      type: 'error',
      status: 429,
      stream_id: 'a',
      error: {
        type: 'invalid_request_error',
        code: 'rate_limit_exceeded',
        message: 'Rate limit reached.',
        param: null,
        headers: { 'retry-after-ms': 5 },
      },
    },
  ])
  const broken = await client.turn({ stream_id: 'a' })
  expect(broken[0]?.type).toBe('response.created')
  expect(broken.at(-1)).toMatchObject({ type: 'error', sequence_number: broken.length - 1 })
})

test('turns are matched, repeated, and followed by the default', async () => {
  const client = await start({
    turns: [
      { match: { input: 'weather' }, text: 'sunny' },
      { match: { model: 'big' }, text: 'big' },
      { times: 2, text: 'twice' },
    ],
    default: { text: 'default' },
  })
  expect(textOf(await client.turn())).toBe('twice')
  expect(textOf(await client.turn({ input: 'the weather?' }))).toBe('sunny')
  expect(textOf(await client.turn({ input: 'the weather?' }))).toBe('twice')
  expect(textOf(await client.turn({ model: 'big' }))).toBe('big')
  expect(textOf(await client.turn())).toBe('default')
  expect(server.turnsLeft()).toBe(0)
})

test('a model function sees the whole chain; one that fails is told as an error', async () => {
  const client = await start({
    model: ({ context, lane, turnKey }) => {
      if (turnKey === 'bad') throw new Error('out of ideas')
      return { text: `${context.length} items on ${lane ?? 'default'}` }
    },
  })
  await client.turn()
  expect(textOf(await client.turn({ previous_response_id: 'resp_1' }))).toBe('3 items on default')
  const failed = await client.turn({ metadata: { turn: 'bad' } })
  expect(failed[0]?.['error'].message).toContain('out of ideas')
})
