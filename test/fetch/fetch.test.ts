import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { HTTP_EVENTS } from '../../src/fetch/events.ts'
import { responsesFetch } from '../../src/fetch/index.ts'
import { SimulatedClock, type Turn } from '../../src/testing/index.ts'
import { until } from '../client/harness.ts'
import { KEY, adapter, eventsOf } from './harness.ts'

const BODY = { model: 'm', input: 'hi' }

describe('an answer', () => {
  it.each(['empty-output', 'done-dialect'] as const)(
    'is whole in both forms, whatever the end: %s',
    async (end) => {
      const turn: Turn = { text: 'hello', faults: [{ at: 'created', do: end }] }
      const { post, sent } = await adapter({ turns: [turn, turn] })
      const expected = { status: 'completed', output: [{ content: [{ text: 'hello' }] }] }
      const response = await post(BODY)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
      expect(await response.json()).toMatchObject(expected)
      const last = eventsOf(await (await post({ ...BODY, stream: true })).text()).at(-1)
      expect(last).toMatchObject({ type: 'response.completed', response: expected })
      expect(sent()[0]?.body).not.toHaveProperty('stream')
    },
  )

  it('streams events as HTTP has them', async () => {
    const { post, server } = await adapter({ turns: [{ text: ['he', 'llo'] }] })
    const response = await post({ ...BODY, stream: true })
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(response.url).toBe(server.httpUrl)
    const events = eventsOf(await response.text())
    expect(events[0]?.['type']).toBe('response.created')
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { status: 'completed' } })
    expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_event, index) => index))
    for (const event of events) {
      expect(HTTP_EVENTS).toContain(event['type'])
      expect(event).not.toHaveProperty('stream_id')
    }
  })
})

describe('a refusal', () => {
  it('has the status, the words and the headers of the server', async () => {
    const error = {
      status: 429,
      code: 'rate_limit_exceeded',
      message: 'slow down',
      type: 'tokens',
      headers: {
        'x-request-id': 'req_1',
        'retry-after': 7,
        'x-ratelimit-remaining-tokens': 0,
        'set-cookie': 'x',
      },
    }
    const { post, sent } = await adapter({ turns: [{ error }] })
    {
      const response = await post({ ...BODY, stream: true })
      expect(response.status).toBe(429)
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'retry-after': '7',
        'x-request-id': 'req_1',
        'x-ratelimit-remaining-tokens': '0',
      })
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(await response.json()).toMatchObject({
        error: { code: 'rate_limit_exceeded', message: 'slow down' },
      })
    }
    expect(sent()).toHaveLength(1)
  })

  it('is 400 with ERR_TURN_LOST where the outcome is unknown', async () => {
    const { post } = await adapter({ turns: [{ text: 'x', faults: [{ at: 'request', do: 'terminate' }] }] })
    const response = await post(BODY)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'ERR_TURN_LOST' } })
  })

  it('is an error event once the answer has begun', async () => {
    const { post } = await adapter({
      turns: [{ text: ['a', 'b'], faults: [{ at: 'delta', do: 'terminate' }] }],
    })
    const events = eventsOf(await (await post({ ...BODY, stream: true })).text())
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      code: '400',
      error: { type: 'ERR_TURN_LOST', code: '400' },
      sequence_number: expect.any(Number),
    })
  })
})

describe('what is passed on', () => {
  it.each([
    ['another key', BODY, { headers: { authorization: 'Bearer sk-other' } }],
    ['no key', BODY, { headers: { authorization: '' } }],
    ['another project', BODY, { headers: { 'openai-project': 'p' } }],
    ['another organization', BODY, { headers: { 'openai-organization': 'o' } }],
    ['a background response', { ...BODY, background: true }, {}],
    ['a conversation of the server', { ...BODY, conversation: 'conv_1' }, {}],
    ['no JSON', '{', {}],
    ['no object', '[]', {}],
    ['bytes in an unknown coding', BODY, { headers: { 'content-encoding': 'rot13' } }],
  ])('%s', async (_what, body, init) => {
    const seen: [string, RequestInit | undefined][] = []
    const http = (async (url: string, given?: RequestInit) => {
      seen.push([url, given])
      return new Response('over http', { status: 299 })
    }) as typeof fetch
    const { post, server } = await adapter({}, { fetch: http })
    const response = await post(body, init)
    expect(response.status).toBe(299)
    expect(server.connections()).toHaveLength(0)
    const [[, given] = []] = seen
    expect(new TextDecoder().decode(given?.body as Uint8Array)).toBe(
      typeof body === 'string' ? body : JSON.stringify(body),
    )
  })

  it('other methods and other paths, untouched', async () => {
    const seen: unknown[][] = []
    const http = (async (...args: unknown[]) => {
      seen.push(args)
      return new Response('')
    }) as typeof fetch
    const { fetch, server } = await adapter({}, { fetch: http })
    const request = new Request(`${server.baseUrl}/files`, { method: 'POST', body: 'x' })
    await fetch(request)
    await fetch(server.httpUrl)
    await fetch(`${server.httpUrl}/resp_1`, { method: 'DELETE' })
    expect(seen).toEqual([
      [request, undefined],
      [server.httpUrl, undefined],
      [`${server.httpUrl}/resp_1`, { method: 'DELETE' }],
    ])
    expect(request.bodyUsed).toBe(false)
  })
})

describe('a body', () => {
  const text = JSON.stringify(BODY)
  const stream = () => new Blob([text]).stream()
  it.each([
    ['bytes', () => ({ body: new TextEncoder().encode(text) })],
    ['a stream', () => ({ body: stream(), duplex: 'half' })],
    ['a blob', () => ({ body: new Blob([text]) })],
    ['gzip', () => ({ body: gzipSync(text), headers: { 'content-encoding': 'gzip' } })],
  ])('can be %s', async (_what, make) => {
    const { post, sent } = await adapter()
    expect((await post(BODY, make() as RequestInit)).status).toBe(200)
    expect(sent()).toMatchObject([{ transport: 'websocket' }])
  })

  it('can be in a Request', async () => {
    const { fetch, server, sent } = await adapter()
    const headers = { authorization: `Bearer ${KEY}` }
    const request = new Request(server.httpUrl, { method: 'POST', body: text, headers })
    expect((await fetch(request)).status).toBe(200)
    expect((await fetch(new URL(server.httpUrl), { method: 'POST', body: text, headers })).status).toBe(200)
    expect(sent().map(({ transport }) => transport)).toEqual(['websocket', 'websocket'])
  })

  it('that fails, or a URL without a base, rejects as fetch does', async () => {
    const { post, fetch } = await adapter()
    const broken = new ReadableStream({ start: (one) => one.error(new Error('gone')) })
    await expect(post(BODY, { body: broken, duplex: 'half' } as RequestInit)).rejects.toThrow('gone')
    await expect(fetch('/v1/responses', { method: 'POST', body: text })).rejects.toThrow(TypeError)
  })
})

describe('without a connection', () => {
  it.each([426, 503, 401])('an upgrade refused with %i goes over HTTP at once', async (status) => {
    const { post, server, sent } = await adapter()
    server.refuseUpgrades(status)
    expect((await post(BODY)).status).toBe(200)
    expect(sent()).toMatchObject([{ transport: 'http' }])
  })

  it('waits for no second attempt while one after the other fails, and comes back by itself', async () => {
    const clock = new SimulatedClock()
    const { post, server, sent } = await adapter({}, {}, { clock })
    server.refuseUpgrades(503)
    for (let count = 0; count < 3; count += 1) expect((await post(BODY)).status).toBe(200)
    expect(sent().map(({ transport }) => transport)).toEqual(['http', 'http', 'http'])
    expect(server.upgrades()).toHaveLength(1)
    server.acceptUpgrades()
    await clock.advance(60_000)
    expect((await post(BODY)).status).toBe(200)
    expect(sent().at(-1)).toMatchObject({ transport: 'websocket' })
  })

  it('says with `error` what it was refused with', async () => {
    const { post, server, sent } = await adapter({}, { fallback: 'error' }, { maxRetries: 0 })
    server.refuseUpgrades(426)
    const answer = await post(BODY).catch((error: unknown) => error)
    if (answer instanceof Response) expect(answer.status).toBe(426)
    else expect(answer).toBeInstanceOf(TypeError)
    expect(sent()).toEqual([])
  })

  it('that was stopped goes over HTTP, or rejects', async () => {
    const one = await adapter()
    one.connection.stop()
    expect((await one.post(BODY)).status).toBe(200)
    expect(one.sent()).toMatchObject([{ transport: 'http' }])
    const other = await adapter({}, { fallback: 'error' })
    other.connection.stop()
    await expect(other.post(BODY)).rejects.toThrow(TypeError)
  })
})

describe('a reader', () => {
  it('that aborts, cancels or stops reading leaves the next request clean', async () => {
    const slow = { text: ['a', 'b', 'c'], delayMs: 200 }
    const { post, sent } = await adapter({ turns: [slow, slow, slow, slow] })
    const abort = new AbortController()
    const queued = post(BODY, { signal: abort.signal })
    abort.abort()
    await expect(queued).rejects.toMatchObject({ name: 'AbortError' })

    const streaming = new AbortController()
    const response = await post({ ...BODY, stream: true }, { signal: streaming.signal })
    streaming.abort(new Error('enough'))
    await expect(response.text()).rejects.toThrow('enough')

    await (await post({ ...BODY, stream: true })).body?.cancel()
    void (await post({ ...BODY, stream: true }))
    const last = await post({ ...BODY, input: 'last' })
    expect(await last.json()).toMatchObject({ status: 'completed' })
    expect(sent().every(({ transport }) => transport === 'websocket')).toBe(true)
  })

  it('that is too slow is cut off by bytes, and nobody else', async () => {
    const long = { text: Array.from({ length: 40 }, () => 'x'.repeat(1_000)) }
    const { post, connection } = await adapter(
      { turns: [long, { text: 'fine' }] },
      { maxBufferedBytes: 20_000 },
    )
    const response = await post({ ...BODY, stream: true })
    await until(() => connection.line.getSnapshot().context.waiting.length === 0)
    const other = await post(BODY)
    expect(other.status).toBe(200)
    await expect(response.text()).rejects.toMatchObject({ code: 'ERR_SLOW_CONSUMER' })
  })
})

describe('one connection for each key', () => {
  it('runs each on its own, and closes them with the adapter', async () => {
    const { server, connection } = await adapter()
    const { ResponsesConnection } = await import('../../src/client/connection.ts')
    const made: string[] = []
    {
      await using fetch = responsesFetch(({ apiKey }) => {
        made.push(String(apiKey))
        return apiKey === 'sk-none'
          ? null
          : new ResponsesConnection({ url: server.url, apiKey: String(apiKey) })
      })
      const ask = async (key: string) =>
        fetch(server.httpUrl, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}` },
          body: JSON.stringify(BODY),
        })
      for (const key of ['sk-a', 'sk-b', 'sk-a', 'sk-none']) expect((await ask(key)).status).toBe(200)
      expect(server.connections()).toHaveLength(2)
    }
    expect(made).toEqual(['sk-a', 'sk-b', 'sk-none'])
    await until(() => server.connections().every(({ isOpen }: any) => isOpen !== true))
    expect(connection.state).toBe('idle')
  })
})

it.each([
  ['source', null, {}],
  ['fallback', undefined, { fallback: 'never' }],
  ['maxBufferedBytes', undefined, { maxBufferedBytes: 0 }],
  ['fetch', undefined, { fetch: 1 }],
  ['scope', undefined, { scope: 1 }],
])('refuses a bad %s', (path, source, options) => {
  const given = source === undefined ? () => null : source
  expect(() => responsesFetch(given as never, options as never)).toThrow(expect.objectContaining({ path }))
})
