import { afterEach, describe, expect, test } from 'vitest'
import * as zlib from 'node:zlib'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer } from '../../src/testing/index.ts'
import type { Event } from './client.ts'

let server: ResponsesServer

async function start(options: ServerOptions = {}): Promise<void> {
  server = await createResponsesServer(options)
}

const headers = { authorization: 'Bearer k', 'content-type': 'application/json' }

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: Event }> {
  const response = await fetch(server.baseUrl + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Event }
}

const create = (fields: Record<string, unknown>): ReturnType<typeof ask> =>
  ask('POST', '/responses', { model: 'm', store: true, ...fields })

async function allowed(method: string, path: string): Promise<unknown> {
  const response = await fetch(server.baseUrl + path, { method, headers })
  return [response.status, response.headers.get('allow')]
}

async function idOf(path: string): Promise<string | null> {
  return (await fetch(server.baseUrl + path, { headers })).headers.get('x-request-id')
}

const bodyOf = (input: string): string => JSON.stringify({ model: 'm', input })

afterEach(async () => {
  await server.close()
})

describe('stored responses over HTTP', () => {
  test('are given, listed, not cancelled, and deleted', async () => {
    await start()
    const { body: made } = await create({ input: 'hi' })
    expect(await ask('GET', `/responses/${made['id']}`)).toEqual({ status: 200, body: made })
    const { body: list } = await ask('GET', `/responses/${made['id']}/input_items`)
    expect(list).toMatchObject({
      object: 'list',
      data: [{ type: 'message', role: 'user', content: 'hi' }],
      has_more: false,
    })
    expect(list['first_id']).toBe(list['data'][0].id)
    expect((await ask('POST', `/responses/${made['id']}/cancel`)).status).toBe(400)
    const deleted = { id: made['id'], object: 'response', deleted: true }
    expect(await ask('DELETE', `/responses/${made['id']}`)).toEqual({ status: 200, body: deleted })
    expect((await ask('GET', `/responses/${made['id']}`)).status).toBe(404)
    expect((await create({ previous_response_id: made['id'], input: 'x' })).status).toBe(400)
  })

  test('are listed in pages, the newest first unless asked otherwise', async () => {
    await start()
    const input = ['a', 'b', 'c'].map((content) => ({ role: 'user', content }))
    const { body: made } = await create({ input })
    const page = async (query: string): Promise<unknown[]> =>
      (await ask('GET', `/responses/${made['id']}/input_items?${query}`)).body['data'].map(
        ({ content }: Event) => content,
      )
    expect(await page('limit=2')).toEqual(['c', 'b'])
    expect(await page('order=asc&limit=1')).toEqual(['a'])
    const [first] = (await ask('GET', `/responses/${made['id']}/input_items?limit=1`)).body['data']
    expect(await page(`after=${first.id}`)).toEqual(['b', 'a'])
  })

  test('are not there when they were not to be stored', async () => {
    await start()
    const { body: made } = await create({ input: 'hi', store: false })
    expect((await ask('GET', `/responses/${made['id']}`)).status).toBe(404)
  })

  test('lend their items to references', async () => {
    await start({ turns: [{ reasoning: 'hm', calls: [{ name: 'f', call_id: 'c1' }] }] })
    const { body: made } = await create({ input: 'go' })
    const references = made['output'].map(({ id }: Event) => ({ type: 'item_reference', id }))
    const output = { type: 'function_call_output', call_id: 'c1', output: '42' }
    const { body: next } = await create({ input: [{ role: 'user', content: 'go' }, ...references, output] })
    expect(next['output'][0].content[0].text).toBe('The tool said: 42')
    const untyped = [{ role: 'user', content: 'go' }, ...references.map(({ id }: Event) => ({ id })), output]
    expect((await create({ input: untyped })).status).toBe(200)
  })

  test('an item that never was is a 404 that names it', async () => {
    await start()
    const unknown = await create({
      input: [
        { type: 'item_reference', id: 'msg_never' },
        { role: 'user', content: 'x' },
      ],
    })
    expect(unknown).toMatchObject({
      status: 404,
      body: { error: { message: "Item with id 'msg_never' not found." } },
    })
  })
})

describe('the HTTP side', () => {
  test('lists models, and says which methods a path has', async () => {
    await start({ models: ['one'] })
    expect((await ask('GET', '/models')).body).toMatchObject({ object: 'list', data: [{ id: 'one' }] })
    expect((await ask('GET', '/models/one')).body).toMatchObject({ id: 'one', object: 'model' })
    expect(await ask('GET', '/models/two')).toMatchObject({
      status: 404,
      body: { error: { code: 'model_not_found' } },
    })
    expect(await allowed('GET', '/responses')).toEqual([405, 'POST'])
    expect(await allowed('PUT', '/responses/resp_1')).toEqual([405, 'GET, DELETE'])
    expect(await allowed('DELETE', '/models')).toEqual([405, 'GET'])
  })

  test('gives each answer an id of its own', async () => {
    await start()
    const ids = [await idOf('/models'), await idOf('/nothing'), await idOf('/responses/resp_0')]
    expect(new Set(ids).size).toBe(3)
    expect(ids).not.toContain(null)
  })

  const zstd = (zlib as { zstdCompressSync?: (data: string) => Buffer }).zstdCompressSync
  test.each<[string, ((data: string) => Buffer) | undefined]>([
    ['gzip', zlib.gzipSync],
    ['br', zlib.brotliCompressSync],
    ['deflate', zlib.deflateSync],
    ['zstd', zstd],
    ['compress', undefined],
    ['constructor', undefined],
  ])('reads a body in %s, or says that it cannot', async (coding, pack) => {
    await start({ limits: { maxBodyBytes: 10_000 } })
    const post = async (text: string): Promise<number> => {
      const response = await fetch(server.httpUrl, {
        method: 'POST',
        headers: { ...headers, 'content-encoding': coding },
        body: new Uint8Array(pack?.(text) ?? Buffer.from(text)),
      })
      await response.text()
      return response.status
    }
    expect(await post(bodyOf('hi'))).toBe(pack === undefined ? 415 : 200)
    if (pack === undefined) return
    // What is small on the wire can be large when it is unpacked.
    expect(await post(bodyOf('x'.repeat(20_000)))).toBe(413)
  })

  test('refuses a body that is not what it says', async () => {
    await start()
    const response = await fetch(server.httpUrl, {
      method: 'POST',
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: 'plain',
    })
    expect(response.status).toBe(400)
  })

  test.each([{ do: 'terminate' }, { do: 'terminate', reset: true }, { do: 'close' }] as const)(
    'delivers what it says that it sent before $do, reset $reset',
    async (fault) => {
      await start({ turns: [{ text: 'abcdefgh', chunk: 1, faults: [{ at: 'delta', nth: 4, ...fault }] }] })
      const response = await fetch(server.httpUrl, {
        method: 'POST',
        headers,
        body: JSON.stringify({ model: 'm', input: 'hi', stream: true }),
      })
      let received = ''
      const decoder = new TextDecoder()
      try {
        for await (const chunk of response.body ?? []) received += decoder.decode(chunk as Uint8Array)
      } catch {
        // That is how the cut ends.
      }
      const sent = server.transcript().filter(({ direction }) => direction === 'out')
      expect(received.match(/^event: /gm)).toHaveLength(sent.length)
      expect(sent.at(-1)?.type).toBe('response.output_text.delta')
    },
  )
})
