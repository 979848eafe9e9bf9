import { afterEach, expect, test } from 'vitest'
import type { ResponsesServer, ServerOptions, TurnByHand } from '../../src/testing/index.ts'
import { createResponsesServer, settle } from '../../src/testing/index.ts'
import { RawClient } from './client.ts'

let server: ResponsesServer

async function start(options: ServerOptions = { default: { byHand: true } }): Promise<RawClient> {
  server = await createResponsesServer(options)
  return await RawClient.open(server.url)
}

/** The response that runs on this lane. */
async function given(lane: string | null = null): Promise<TurnByHand> {
  return await server.waitFor('a turn by hand', () => server.turnsByHand().find((turn) => turn.lane === lane))
}

afterEach(async () => {
  await server.close()
})

test('a turn by hand says nothing that the test does not say', async () => {
  const client = await start()
  client.create()
  const turn = await given()
  expect(turn).toMatchObject({ responseId: 'resp_1', warmup: false, isRunning: true })
  await settle()
  expect(client.events).toEqual([])
  turn.created()
  turn.delta('so far')
  turn.item({ type: 'call', name: 'look', call_id: 'call_1' })
  turn.end('completed')
  await client.until(() => client.types().length === 4)
  expect(client.events).toMatchObject([
    { type: 'response.created', sequence_number: 0, response: { id: 'resp_1', status: 'in_progress' } },
    { type: 'response.output_text.delta', sequence_number: 1, delta: 'so far' },
    { type: 'response.output_item.done', sequence_number: 2, output_index: 0, item: { name: 'look' } },
    { type: 'response.completed', sequence_number: 3, response: { output: [{ call_id: 'call_1' }] } },
  ])
})

test('after its end only what is written as it is goes out', async () => {
  const client = await start()
  client.create({ stream_id: 'a' })
  const turn = await given('a')
  turn.end('failed', { code: 'slow_down' })
  expect(turn.isRunning).toBe(false)
  expect(server.turnsByHand()).toEqual([])
  turn.created()
  turn.delta()
  turn.item({ type: 'text', text: 'late' })
  turn.end('completed')
  turn.error({})
  turn.write({ type: 'keepalive' })
  await client.until(() => client.types().includes('keepalive'))
  await settle()
  expect(client.events).toMatchObject([
    { type: 'response.failed', stream_id: 'a', response: { error: { code: 'slow_down' } } },
    { type: 'keepalive', stream_id: 'a', sequence_number: 1 },
  ])
})

test('the server remembers its end, and goes on with what waits on its lane', async () => {
  const client = await start()
  client.create()
  client.create({ previous_response_id: 'resp_1', input: 'and then' })
  const first = await given()
  await settle()
  expect(server.turnsByHand()).toEqual([first])
  first.item({ type: 'text', text: 'one' })
  first.end('incomplete', { output: [{ type: 'text', text: 'two' }] })
  const second = await given()
  expect(second.responseId).toBe('resp_2')
  second.error({ status: 429, code: 'rate_limit_exceeded' })
  await client.until(() => client.types().includes('error'))
  expect(client.events).toMatchObject([
    { type: 'response.output_item.done' },
    {
      type: 'response.incomplete',
      response: {
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ content: [{ text: 'one' }] }, { content: [{ text: 'two' }] }],
      },
    },
    { type: 'error', status: 429, error: { code: 'rate_limit_exceeded' } },
  ])
  expect(server.requests().map(({ outcome }) => outcome)).toEqual(['incomplete', 'error'])
})

test('it ends with its connection', async () => {
  const client = await start()
  client.create()
  const turn = await given()
  client.socket.terminate()
  await server.waitForClose()
  expect(turn.isRunning).toBe(false)
  expect(server.turnsByHand()).toEqual([])
})

test('a warm-up and a successor are given by hand where the script says so', async () => {
  const client = await start({
    turns: [{ match: { warmup: true }, byHand: true }],
    default: { byHand: true },
  })
  client.create({ generate: false })
  const warmup = await given()
  expect(warmup.warmup).toBe(true)
  warmup.end('completed')
  client.create({ model: 'gpt-6-astra' })
  const turn = await server.waitFor('the turn', () => server.turnsByHand().find((one) => !one.warmup))
  client.send({ type: 'response.steer', previous_response_id: turn.responseId, input: 'shorter' })
  await client.until(() => client.types().includes('response.steer.accepted'))
  turn.end('incomplete', { code: 'steered' })
  const successor = await given()
  expect(successor.responseId).not.toBe(turn.responseId)
  successor.created()
  await client.until(() => client.types().includes('response.created'))
  // It has begun with the steer, so there is none left to fail.
  successor.failSteer()
  expect(client.last()).toMatchObject({
    response: { id: successor.responseId, previous_response_id: turn.responseId },
  })
})

test('over HTTP it is given by hand as well', async () => {
  await start()
  const body = JSON.stringify({ model: 'm', input: 'hi', stream: true })
  const answered = fetch(server.httpUrl, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-test', 'content-type': 'application/json' },
    body,
  })
  const turn = await given()
  turn.created()
  turn.end('completed')
  const text = await (await answered).text()
  expect(text.match(/^event: .+$/gm)).toEqual(['event: response.created', 'event: response.completed'])
})

test('steers fail by hand, and with the last one the successor', async () => {
  const client = await start()
  client.create({ model: 'gpt-6-astra' })
  const turn = await given()
  for (const input of ['shorter', 'kinder', 'slower']) {
    client.send({ type: 'response.steer', previous_response_id: turn.responseId, input })
  }
  await client.until(() => client.types().length === 3)
  turn.failSteer()
  turn.end('completed')
  const successor = await given()
  successor.failSteer()
  expect(successor.isRunning).toBe(true)
  successor.failSteer()
  expect(successor.isRunning).toBe(false)
  await client.until(() => client.types().filter((type) => type === 'response.steer.failed').length === 3)
  expect(client.events.slice(3)).toMatchObject([
    { type: 'response.steer.failed', steer: { id: 'steer_1' } },
    { type: 'response.completed' },
    { type: 'response.steer.failed', steer: { id: 'steer_2' } },
    { type: 'response.steer.failed', steer: { id: 'steer_3' } },
  ])
  client.create({ input: 'next' })
  expect((await given()).turnKey).not.toBe(turn.turnKey)
})
