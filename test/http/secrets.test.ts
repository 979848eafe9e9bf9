import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from '../../src/protocol/secret.ts'
import type { TransportOptions } from '../../src/protocol/transport.ts'
import { listenTcp } from '../socket/server.ts'
import { CREATED, compact, errorOf, serve, sse, stream } from './harness.ts'

const KEY = 'sk-planted-key-0815'
const TOKEN = 'planted-header-value'
const PASSWORD = 'planted-proxy-password'
const WORDS = 'planted words of the user'

const planted: Partial<TransportOptions> = {
  credential: new Secret(KEY),
  headers: { 'x-api-key': TOKEN },
}

const failing = () => Promise.reject(new Error(`no answer for ${KEY}`))

/** Runs both calls to their ends, and prints everything that somebody outside could see of them. */
async function everythingOf(options: Partial<TransportOptions> & { url: string }): Promise<string> {
  const all = { ...planted, ...options }
  const run = stream(all, { body: { model: 'm', input: WORDS } })
  const errors = [await errorOf(run.result), await errorOf(compact(all, WORDS))]
  const shown = [...errors, ...errors.map(({ cause }) => cause), ...run.events]
  return shown
    .map((each) => inspect(each, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(each))
    .join('\n')
}

function expectNothingIn(text: string): void {
  for (const secret of [KEY, TOKEN, PASSWORD, WORDS]) expect(text).not.toContain(secret)
}

test('a server that echoes what it was sent, in a refusal: its words are shown, without credentials', async () => {
  const { url } = await serve((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      response.writeHead(401, { 'x-you-sent': String(request.headers.authorization) })
      const message = JSON.stringify([request.headers, body])
      response.end(JSON.stringify({ error: { code: KEY, type: TOKEN, param: KEY, message } }))
    })
  })
  const text = await everythingOf({ url })
  expect(text).toContain('ERR_HTTP_STATUS')
  expect(text).toContain('Bearer [redacted]')
  for (const secret of [KEY, TOKEN, PASSWORD]) expect(text).not.toContain(secret)
})

test('a server that echoes what it was sent, as a payload and as a content type', async () => {
  for (const type of ['text/event-stream', `text/${KEY}`]) {
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'content-type': type })
      response.write(`data: ${request.headers.authorization}\n\n${sse({ type: 5, key: KEY })}`)
      response.end(sse({ type: 'response.created', response: { id: [WORDS] } }))
    })
    const text = await everythingOf({ url })
    expect(text).toContain(type === 'text/event-stream' ? 'frame.rejected' : 'ERR_BAD_FRAME')
    expectNothingIn(text)
  }
})

test('a server that answers with its request, which is no HTTP', async () => {
  const port = await listenTcp((socket) => socket.once('data', (data) => socket.end(data)))
  const text = await everythingOf({ url: `ws://127.0.0.1:${port}/` })
  expect(text).toContain('HPE_')
  expectNothingIn(text)
})

test('a stream that is cut', async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(sse(CREATED), () => response.socket?.destroy())
  })
  const text = await everythingOf({ url })
  expect(text).toContain('ERR_CONNECTION_LOST')
  expectNothingIn(text)
})

test('a proxy that is down, and its password', async () => {
  const proxy = { mode: 'explicit-proxy', url: `http://user:${PASSWORD}@127.0.0.1:1` } as const
  const text = await everythingOf({ url: 'ws://127.0.0.1:2/', proxy })
  expect(text).toContain('ECONNREFUSED')
  expectNothingIn(text)
})

test('a provider that fails with the key in its message', async () => {
  const text = await everythingOf({ url: 'ws://127.0.0.1:2/', credential: failing })
  expect(text).toContain('ERR_CREDENTIAL_PROVIDER')
  expectNothingIn(text)
})

test('a user and password in the URL', async () => {
  const text = await everythingOf({ url: `ws://me:${PASSWORD}@127.0.0.1:1/` })
  expect(text).toContain('ECONNREFUSED')
  expectNothingIn(text)
})
