import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer } from '../../src/testing/index.ts'
import { RawClient, responseOf } from './client.ts'

let server: ResponsesServer

async function start(options: ServerOptions): Promise<RawClient> {
  server = await createResponsesServer(options)
  return await RawClient.open(server.url)
}

afterEach(async () => {
  await server.close()
})

test('lanes that are ignored: one answer after the other, none labelled', async () => {
  const client = await start({
    limits: { lanes: 'ignored' },
    turns: [{ text: 'a', delayMs: 5 }, { text: 'b' }],
  })
  client.create({ stream_id: 'one', input: 'a' })
  client.create({ stream_id: 'two', input: 'b' })
  const ends = (): unknown[] => client.events.filter(({ type }) => type === 'response.completed')
  await client.until(() => ends().length === 2)
  expect(client.events.some((event) => 'stream_id' in event)).toBe(false)
  const texts = client.events.filter(({ type }) => type === 'response.output_text.done')
  expect(texts.map((event) => event['text'])).toEqual(['a', 'b'])
})

test('one id for all responses of a connection, which continues the latest', async () => {
  const client = await start({ responseIds: 'connection' })
  const first = responseOf(await client.turn({ input: 'a' }))
  const second = responseOf(await client.turn({ input: 'b', previous_response_id: first['id'] }))
  expect(second['id']).toBe(first['id'])
})

test('another id in each event, of which the last can be continued', async () => {
  const client = await start({ responseIds: 'event' })
  const events = await client.turn({ input: 'a' })
  const ids = events.flatMap(({ response }) => (response === undefined ? [] : [response.id as string]))
  expect(new Set(ids).size).toBe(3)
  const next = await client.turn({ input: 'b', previous_response_id: ids.at(-1) })
  expect(next.at(-1)?.type).toBe('response.completed')
})

test('errors without a type', async () => {
  const client = await start({ errors: { shape: 'untyped' } })
  client.create({ model: 7 })
  await client.until(() => client.events.length === 1)
  expect(client.last()).toMatchObject({ status: 400, error: { param: 'model' } })
  expect(client.last()).not.toHaveProperty('type')
})

test('headers and the frame limit in every 101', async () => {
  server = await createResponsesServer({
    handshake: { headers: { 'openai-model': 'm' }, frameLimit: true },
    limits: { maxFrameBytes: 4096 },
  })
  const socket = new WebSocket(server.url, { headers: { authorization: 'Bearer k' } })
  const [{ headers }] = (await once(socket, 'upgrade')) as [{ headers: Record<string, string> }]
  expect(headers).toMatchObject({ 'openai-model': 'm', 'x-codex-websocket-max-message-bytes': '4096' })
  socket.terminate()
})
