import OpenAI from 'openai'
import { ResponsesWebSocketAccumulator } from 'openai/lib/responses/responses-websocket-accumulator'
import { ResponsesWebSocketSession } from 'openai/lib/responses/responses-websocket-session'
import type { ResponsesServerEvent } from 'openai/resources/responses/responses'
import { ResponsesWS } from 'openai/resources/responses/ws'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer, settle } from '../../src/testing/index.ts'

let server: ResponsesServer
let socket: ResponsesWS | undefined
let api: OpenAI

async function start(options: ServerOptions = {}): Promise<ResponsesWS> {
  server = await createResponsesServer({ apiKey: 'sk-openai', ...options })
  api = new OpenAI({ apiKey: 'sk-openai', baseURL: server.baseUrl, maxRetries: 0 })
  socket = new ResponsesWS(api)
  socket.on('error', () => {})
  return socket
}

async function terminal(from: ResponsesWS, lane?: string): Promise<ResponsesServerEvent[]> {
  return await new Promise((resolve) => {
    const events: ResponsesServerEvent[] = []
    from.on('event', (event) => {
      if (('stream_id' in event ? event.stream_id : undefined) !== lane) return
      events.push(event)
      if (/^(error|response\.(completed|failed|incomplete))$/.test(event.type)) resolve(events)
    })
  })
}

afterEach(async () => {
  socket?.close()
  await server.close()
})

test('a text turn', async () => {
  const ws = await start({ turns: [{ text: ['hel', 'lo'] }] })
  const done = terminal(ws)
  ws.send({ type: 'response.create', model: 'm', input: 'hi' })
  const last = (await done).at(-1)
  if (last?.type !== 'response.completed') throw new Error(`It ended in ${last?.type}.`)
  const [message] = last.response.output
  expect(message).toMatchObject({ type: 'message', content: [{ text: 'hello' }] })
  expect(last.response.usage?.output_tokens).toBeGreaterThan(0)
})

test('a tool turn', async () => {
  const ws = await start({ turns: [{ calls: [{ name: 'f', arguments: { x: 1 }, call_id: 'c1' }] }] })
  const asked = terminal(ws)
  ws.send({ type: 'response.create', model: 'm', input: 'hi' })
  const call = (await asked).find((event) => event.type === 'response.function_call_arguments.done')
  expect(call).toMatchObject({ arguments: '{"x":1}' })
  const answered = terminal(ws)
  ws.send({
    type: 'response.create',
    model: 'm',
    previous_response_id: 'resp_1',
    input: [{ type: 'function_call_output', call_id: 'c1', output: '42' }],
  })
  expect((await answered).at(-1)).toMatchObject({ type: 'response.completed' })
})

test('lanes', async () => {
  const ws = await start()
  const both = [terminal(ws, 'a'), terminal(ws, 'b')]
  for (const stream_id of ['a', 'b'])
    ws.send({ type: 'response.create', model: 'm', input: stream_id, stream_id })
  const [a, b] = await Promise.all(both)
  expect(a?.at(-1)).toMatchObject({
    stream_id: 'a',
    response: { output: [{ content: [{ text: 'You said: a' }] }] },
  })
  expect(b?.at(-1)).toMatchObject({
    stream_id: 'b',
    response: { output: [{ content: [{ text: 'You said: b' }] }] },
  })
})

test('an error frame', async () => {
  const ws = await start()
  const raised = new Promise<Error>((resolve) => ws.on('error', resolve))
  const done = terminal(ws)
  ws.send({ type: 'response.create', model: 'm', input: 'hi', previous_response_id: 'resp_x' })
  expect((await done).at(-1)).toMatchObject({ type: 'error', error: { code: 'previous_response_not_found' } })
  expect(String(await raised)).toContain('not found')
})

test('reconnecting after a drop', async () => {
  await start()
  const ws = new ResponsesWS(api, { reconnect: { onReconnecting: () => ({}), initialDelay: 1, maxDelay: 1 } })
  ws.on('error', () => {})
  await server.waitForConnection(2)
  server.dropAll()
  await server.waitForConnection(3)
  const done = terminal(ws)
  ws.send({ type: 'response.create', model: 'm', input: 'hi' })
  expect((await done).at(-1)?.type).toBe('response.completed')
  ws.close()
})

test('the HTTP side: a stream with its accumulator, JSON, and an error', async () => {
  await start({
    turns: [
      { reasoning: 'hm', text: 'streamed', calls: [{ name: 'f', arguments: '{}' }] },
      { text: 'whole' },
      { error: { status: 429, code: 'rate_limit_exceeded' } },
    ],
  })
  const final = await api.responses.stream({ model: 'm', input: 'hi' }).finalResponse()
  expect([final.output_text, final.output.length]).toEqual(['streamed', 3])
  const whole = await api.responses.create({ model: 'm', input: 'hi' })
  expect(whole.output_text).toBe('whole')
  const refused = api.responses.create({ model: 'm', input: 'hi' })
  await expect(refused).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
})

test('compaction', async () => {
  await start()
  const compacted = await api.responses.compact({ model: 'm' as 'gpt-5.2', input: 'long' })
  expect(compacted.output.map((item) => item.type)).toEqual(['message', 'compaction'])
})

test('the lanes of the SDK’s own session, with its accumulator', async () => {
  const output = [
    { type: 'custom-call' as const, name: 'g', input: 'ls' },
    { type: 'refusal' as const, refusal: 'no' },
  ]
  const ws = await start({
    turns: [{ reasoning: 'hm', text: 'one', calls: [{ name: 'f', arguments: '{"x":1}' }], output }],
  })
  while (ws.socket.readyState !== WebSocket.OPEN) await settle(1)
  const limits = { maxLanes: 4, maxBufferedEvents: 1000, maxBufferedBytes: 1_000_000 }
  const session = new ResponsesWebSocketSession(ws, limits)
  const lane = session.lane('main')
  const accumulator = new ResponsesWebSocketAccumulator()
  lane.create({ model: 'm', input: 'hi' })
  const phases: unknown[] = []
  let provisional: unknown
  let done = false
  while (!done) {
    const event = await lane.receive()
    accumulator.add(event)
    const { current } = accumulator
    if (current?.phase === 'provisional') provisional = current.snapshot.output
    if (phases.at(-1) !== current?.phase) phases.push(current?.phase)
    done = event.type === 'response.completed'
  }
  expect(phases).toEqual(['provisional', 'terminal'])
  const types = ['reasoning', 'message', 'function_call', 'custom_tool_call', 'message']
  expect(provisional).toMatchObject(types.map((type) => ({ type })))
  // Its own collector checks every finished item and the terminal response.
  lane.create({ model: 'm', input: 'again' })
  const final = await lane.finalResponse()
  expect([final.id, final.output_text]).toEqual(['resp_2', 'You said: again'])
  session.close()
})
