import { expect, test } from 'vitest'
import { compactResponse } from '../../src/http/index.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { transport } from '../socket/harness.ts'
import { compact, errorOf, responses, serve, stream } from './harness.ts'

const input = [
  { type: 'message', role: 'user', content: 'one' },
  { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
  { type: 'function_call_output', call_id: 'c', output: '1' },
] as const

test('gives a window that a new chain begins with', async () => {
  const server = await responses({ keepFrames: true })
  const window = await compactResponse({
    transport: new Secret(transport({ url: server.url })),
    body: { model: 'm', input },
    signal: new AbortController().signal,
  })
  expect(window).toMatchObject({
    id: expect.stringMatching(/^resp_/),
    object: 'response.compaction',
    created_at: expect.any(Number),
    output: [input[0], { type: 'compaction', encrypted_content: expect.any(String) }],
    usage: { input_tokens: expect.any(Number) },
  })
  const sent = server.transcript().find(({ type }) => type === 'compact')
  expect(JSON.parse(sent?.text ?? '')).toEqual({ model: 'm', input })
  const next = [...window.output, { role: 'user', content: 'two' } as const]
  const { result } = stream({ url: server.url }, { body: { model: 'm', input: next } })
  expect(await result).toMatchObject({ type: 'response.completed' })
  expect(server.transcript().filter(({ type }) => type === 'compact')).toHaveLength(1)
})

test('asks the endpoint beside the Responses endpoint for JSON', async () => {
  let seen: unknown
  const { url } = await serve((request, response) => {
    seen = [request.method, request.url, request.headers.accept]
    response.end('{"id":"resp_1","output":[]}')
  })
  await compact({ url: `${url}?api-version=1` })
  expect(seen).toEqual(['POST', '/v1/responses/compact?api-version=1', 'application/json'])
})

test('fields that this version does not know stay, in their order', async () => {
  const text =
    '{"extra":1,"output":[{"role":"user","content":"a"},' +
    '{"new":true,"type":"compaction","encrypted_content":"x"}],"id":"resp_1"}'
  const { url } = await serve((_request, response) => void response.end(text))
  expect(JSON.stringify(await compact({ url }))).toBe(text)
})

test.each([
  ['no JSON', '<html>', ''],
  ['a cut answer', '{"id":"resp_1","output":[', ''],
  ['no object', '[]', ' (at id)'],
  ['no id', '{"output":[]}', ' (at id)'],
  ['no output', '{"id":"resp_1"}', ' (at output)'],
  ['an item that is no object', '{"id":"resp_1","output":["planted"]}', ' (at output.0)'],
  [
    'usage of another kind',
    '{"id":"resp_1","output":[],"usage":{"input_tokens":"planted"}}',
    ' (at usage.input_tokens)',
  ],
])('%s is not what was asked for', async (_name, text, path) => {
  const { url } = await serve((_request, response) => void response.end(text))
  const error = await errorOf(compact({ url }))
  expect(error).toMatchObject({ name: 'HttpExchangeError', code: 'ERR_BAD_FRAME', progress: 'sent' })
  expect(error.message).toMatch(`The HTTP answer is no compacted response${path}.`)
  expect(error.message).not.toContain('planted')
})

test('a refusal and a cut connection are told apart', async () => {
  const server = await responses()
  const noModel = compactResponse({
    transport: new Secret(transport({ url: server.url })),
    body: { input: 'x' },
    signal: new AbortController().signal,
  })
  expect(await errorOf(noModel)).toMatchObject({ code: 'ERR_HTTP_STATUS', status: 400 })
  const { url } = await serve((_request, response) => {
    response.write('{"id":', () => response.socket?.destroy())
  })
  expect(await errorOf(compact({ url }))).toMatchObject({ code: 'ERR_CONNECTION_LOST', errno: 'ECONNRESET' })
})
