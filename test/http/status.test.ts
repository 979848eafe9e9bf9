import type { RequestListener } from 'node:http'
import { describe, expect, test } from 'vitest'
import { HttpStatusError } from '../../src/http/errors.ts'
import { SimulatedClock, settle } from '../../src/testing/index.ts'
import { KEY, networkSettled, compact, errorOf, responses, serve, stream } from './harness.ts'

const answer =
  (status: number, body: unknown = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

async function refused(listener: RequestListener) {
  const { url, sockets } = await serve(listener)
  const run = stream({ url })
  const error = await errorOf(run.result)
  expect(error).toBeInstanceOf(HttpStatusError)
  expect(error['code']).toBe('ERR_HTTP_STATUS')
  expect(run.events).toEqual([])
  await expect.poll(() => sockets.size).toBe(0)
  return error
}

describe('the local server', () => {
  test('refuses a key', async () => {
    const server = await responses({ apiKey: 'other' })
    const expected = { status: 401, serverCode: 'invalid_api_key', retryAfterMs: null }
    expect(await errorOf(stream({ url: server.url }).result)).toMatchObject(expected)
    expect(await errorOf(compact({ url: server.url }))).toMatchObject(expected)
    expect(server.creates()).toBe(0)
  })

  test('limits the rate', async () => {
    const error = { status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after-ms': 1500 } }
    const server = await responses({ turns: [{ error }] })
    expect(await errorOf(stream({ url: server.url }).result)).toMatchObject({
      status: 429,
      serverCode: 'rate_limit_exceeded',
      retryAfterMs: 1500,
      message: expect.stringMatching(
        /\(rate_limit_exceeded, status 429\).*Wait 1500 ms before you ask again\.$/,
      ),
    })
    expect(server.creates()).toBe(1)
  })

  test('does not know the previous response', async () => {
    const server = await responses()
    const body = { model: 'm', input: 'x', previous_response_id: 'resp_gone' }
    expect(await errorOf(stream({ url: server.url }, { body }).result)).toMatchObject({
      status: 400,
      serverCode: 'previous_response_not_found',
      param: 'previous_response_id',
    })
  })
})

describe('an answer with another status', () => {
  test.each([
    [403, { error: { code: 'unsupported_country', type: 'request_forbidden' } }, 'unsupported_country'],
    [500, { error: { code: null, type: 'server_error' } }, null],
    [502, '<html>Bad gateway</html>', null],
    [503, { error: { code: 'server_is_overloaded' } }, 'server_is_overloaded'],
    [529, '', null],
  ])('%i', async (status, body, serverCode) => {
    expect(await refused(answer(status, body))).toMatchObject({ status, serverCode, retryAfterMs: null })
  })

  test('tells code, type, param and wait', async () => {
    const error = {
      code: 'bad_value',
      type: 'invalid_request_error',
      param: 'input[0].content',
      message: 'no',
    }
    expect(await refused(answer(400, { error }, { 'retry-after': '7' }))).toMatchObject({
      serverCode: 'bad_value',
      type: 'invalid_request_error',
      param: 'input[0].content',
      retryAfterMs: 7_000,
    })
  })

  test('retry-after-ms goes before retry-after, and either before the message', async () => {
    const error = { code: 'rate_limit_exceeded', message: 'Please try again in 20s.' }
    const wait = async (headers: Record<string, string>) =>
      (await refused(answer(429, { error }, headers)))['retryAfterMs']
    expect(await wait({ 'retry-after': '7', 'retry-after-ms': '250' })).toBe(250)
    expect(await wait({ 'retry-after': '7' })).toBe(7_000)
    expect(await wait({})).toBe(20_000)
  })

  test.each([
    ['a code that is no string', { error: { code: 42 } }],
    ['a code that is too long', { error: { code: 'x'.repeat(65) } }],
    ['a code that is a sentence', { error: { code: 'no way', type: 'no, no', param: 'a b' } }],
    ['an error that is a string', { error: 'no' }],
    ['an error that is a list', { error: ['no'] }],
    ['JSON null', 'null'],
    ['no JSON', '{"error":{"code":"cut'],
  ])('%s', async (_name, body) => {
    expect(await refused(answer(400, body))).toMatchObject({ serverCode: null, type: null, param: null })
  })

  test.each([301, 302, 307, 308])('a redirect (%i) is not followed', async (status) => {
    let requests = 0
    await refused((request, response) => {
      requests += 1
      response.writeHead(status, { location: `http://${request.headers.host}/elsewhere` }).end()
    })
    await networkSettled()
    expect(requests).toBe(1)
  })

  test('a body without end is read up to 64 KiB', async () => {
    let written = 0
    const error = await refused((_request, response) => {
      response.writeHead(500)
      const chunk = Buffer.alloc(16 << 10, ' ')
      const write = () =>
        response.writable && response.write(chunk, (failed) => !failed && ((written += 1), write()))
      write()
    })
    expect(error['status']).toBe(500)
    expect(written).toBeGreaterThan(3)
  })

  test('a body that stalls does not take the status with it', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '2' })
      response.write('{"error":')
    })
    const clock = new SimulatedClock()
    const { result } = stream({ url }, { clock })
    const error = errorOf(result)
    while (clock.pending().length === 0) await settle(1)
    await clock.advance(1_000)
    expect(await error).toMatchObject({ status: 429, retryAfterMs: 2_000, serverCode: null })
    expect(clock.pending()).toEqual([])
  })

  test('a body that is cut off does not take the status with it', async () => {
    const error = await refused((_request, response) => {
      response.writeHead(429, { 'content-length': '100', 'retry-after': '1' })
      response.write('{"error"', () => setImmediate(() => response.socket?.destroy()))
    })
    expect(error).toMatchObject({ status: 429, serverCode: null, retryAfterMs: 1_000 })
  })

  test('a refusal before the whole request was read is heard', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(413, { connection: 'close' }).end()
    })
    const body = { model: 'm', input: 'x'.repeat(3_000_000) }
    const error = await errorOf(stream({ url }, { body }).result)
    // A server that hangs up at once can take its own answer with it.
    expect(['ERR_HTTP_STATUS', 'ERR_CONNECTION_LOST']).toContain(error['code'])
  })

  test('a key that is echoed as a code is not shown', async () => {
    const error = await refused(answer(401, { error: { code: KEY, type: `x.${KEY}`, param: KEY } }))
    expect(error).toMatchObject({ serverCode: null, type: null, param: null })
  })
})
