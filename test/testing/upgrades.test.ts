import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ResponsesServer, ServerOptions } from '../../src/testing/index.ts'
import { createResponsesServer, settle, SimulatedClock } from '../../src/testing/index.ts'
import { RawClient, refusal } from './client.ts'

let server: ResponsesServer
const clock = new SimulatedClock()
const bearer = (key: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${key}` },
})

async function start(options: ServerOptions = {}): Promise<void> {
  server = await createResponsesServer({ clock, ...options })
}

afterEach(async () => {
  await server.close()
})

test('401 without a key, any key is taken by default', async () => {
  await start()
  for (const headers of [{}, { authorization: 'Basic x' }, { authorization: 'Bearer ' }]) {
    const { status, body } = await refusal(server.url, { headers })
    expect([status, JSON.parse(body).error.code]).toEqual([401, 'invalid_api_key'])
  }
  await RawClient.open(server.url, bearer('whatever'))
  expect(server.upgrades().map((upgrade) => upgrade.status)).toEqual([401, 401, 401, 101])
})

test('one key, several keys, and keys that change', async () => {
  await start({ apiKey: 'sk-a' })
  expect((await refusal(server.url, bearer('sk-b'))).status).toBe(401)
  await RawClient.open(server.url, bearer('sk-a'))
  server.setKeys(['sk-b', 'sk-c'])
  expect((await refusal(server.url, bearer('sk-a'))).status).toBe(401)
  await RawClient.open(server.url, { headers: { authorization: 'bearer sk-c' } })
})

test('the key can travel in another header', async () => {
  await start({ authHeader: 'Api-Key', authPrefix: '', apiKey: 'k' })
  expect((await refusal(server.url, bearer('k'))).status).toBe(401)
  await RawClient.open(server.url, { headers: { 'api-key': 'k' } })
  expect(server.connections()[0]?.headers['api-key']).toBe('[redacted]')
})

test('a key stands nowhere in what the server shows', async () => {
  await start({ apiKey: 'sk-verysecret', keepFrames: true })
  const client = await RawClient.open(server.url, {
    headers: { authorization: 'Bearer sk-verysecret', cookie: 'sk-verysecret', 'openai-beta': 'x=1' },
  })
  await client.turn()
  const [connection] = server.connections()
  expect(connection?.headers).toMatchObject({ authorization: '[redacted]', 'openai-beta': 'x=1' })
  const shown = inspect([server, connection, server.transcript(), server.requests()], {
    depth: 20,
    showHidden: true,
  })
  expect(shown).not.toContain('verysecret')
})

test('only GET …/responses is upgraded', async () => {
  await start()
  expect((await refusal(server.url.replace('/responses', '/realtime'))).status).toBe(404)
  await RawClient.open(server.url.replace('/v1', '/openai/v1'))
  await RawClient.open(`${server.url}?api-version=1`)
})

test('scripted answers come in order, then upgrades are accepted', async () => {
  await start({
    upgrades: [
      {
        status: 503,
        headers: { 'retry-after': 2, 'retry-after-ms': '1500' },
        body: { error: { code: 'x' } },
      },
      { status: 426, body: 'plain\r\ntext', times: 2 },
    ],
  })
  const first = await refusal(server.url)
  expect(first).toMatchObject({ status: 503, headers: { 'retry-after': '2', 'retry-after-ms': '1500' } })
  expect(JSON.parse(first.body)).toEqual({ error: { code: 'x' } })
  expect(await refusal(server.url)).toMatchObject({ status: 426, body: 'plain\r\ntext' })
  expect((await refusal(server.url)).status).toBe(426)
  const client = await RawClient.open(server.url)
  expect((await client.turn()).at(-1)?.type).toBe('response.completed')
})

test('101 and then a close, with headers of its own', async () => {
  await start({
    upgrades: [{ headers: { 'x-codex-turn-state': 's' }, faults: [{ do: 'close', code: 1008 }] }],
  })
  const client = new RawClient(server.url)
  let state: unknown
  client.socket.on('upgrade', (response) => (state = response.headers['x-codex-turn-state']))
  expect(await client.untilClosed()).toEqual({ code: 1008, reason: '' })
  expect(state).toBe('s')
  const next = new RawClient(server.url)
  next.socket.on('upgrade', (response) => (state = response.headers['x-codex-turn-state']))
  await next.until(() => next.socket.readyState === WebSocket.OPEN)
  expect(state).toBe(undefined)
})

test('every connection fault can strike after the upgrade, after a delay', async () => {
  await start({
    upgrades: [
      {
        faults: [
          { do: 'delay', ms: 100 },
          { do: 'error', error: { status: 400, code: 'c' } },
          { do: 'unknown-event' },
          { do: 'keepalive' },
          { do: 'stale-event' },
          { do: 'binary' },
          { do: 'broken-json' },
          { do: 'oversized', bytes: 100 },
          { do: 'delay', ms: 100 },
          { do: 'terminate' },
        ],
      },
    ],
  })
  const client = await RawClient.open(server.url)
  await clock.advance(100)
  const types = ['error', 'response.unheard_of', 'keepalive', 'response.failed', 'response.padding']
  expect(client.types()).toEqual(types)
  expect([client.binaries.length, client.texts.length]).toEqual([1, 6])
  await clock.advance(100)
  expect(client.closed?.code).toBe(1006)
})

test('a stalled upgrade never gets an answer, a reset one an error', async () => {
  await start({ upgrades: [{ stall: true }, { reset: true }, { status: 500, delayMs: 1000 }] })
  const stalled = new RawClient(server.url)
  await server.waitForUpgrade()
  await settle()
  expect(stalled.socket.readyState).toBe(WebSocket.CONNECTING)
  expect((await new RawClient(server.url).untilClosed()).code).toBe(1006)
  const delayed = refusal(server.url)
  await settle()
  expect(server.upgrades().map((upgrade) => upgrade.status)).toEqual([null, null])
  await clock.advance(1000)
  expect((await delayed).status).toBe(500)
})

test('a running server can refuse and accept again', async () => {
  await start()
  server.refuseUpgrades(503)
  expect((await refusal(server.url)).status).toBe(503)
  server.enqueueUpgrades({ status: 429 })
  expect((await refusal(server.url)).status).toBe(429)
  expect((await refusal(server.url)).status).toBe(503)
  server.acceptUpgrades()
  await RawClient.open(server.url)
  expect(() => server.refuseUpgrades(101)).toThrow(/answer\.status/)
})

test('no sub-protocol is chosen, unless the server speaks it', async () => {
  await start({ subprotocols: ['openai-beta.responses.v1'] })
  const speaks = new WebSocket(server.url, ['other', 'openai-beta.responses.v1'], bearer('k'))
  await new Promise((resolve) => speaks.once('open', resolve))
  expect(speaks.protocol).toBe('openai-beta.responses.v1')
  const refused = new WebSocket(server.url, ['other'], bearer('k'))
  const error = await new Promise<Error>((resolve) => refused.once('error', resolve))
  expect(error.message).toContain('no subprotocol')
})

test('the number of connections is bounded', async () => {
  await start({ limits: { connections: 1 } })
  await RawClient.open(server.url)
  expect((await refusal(server.url)).status).toBe(503)
})

test('a broken handshake and plain garbage hurt nobody', async () => {
  await start()
  const status = await new Promise<number | undefined>((resolve) => {
    const headers = {
      authorization: 'Bearer k',
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': '!',
    }
    request(server.httpUrl, { headers }, (response) => resolve(response.statusCode)).end()
  })
  expect(status).toBe(400)
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('\u0000\u0001 not http\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve))
  await RawClient.open(server.url)
  expect(server.upgrades().map((upgrade) => upgrade.status)).toEqual([400, 101])
})

test('TLS, with and without a client certificate', async () => {
  const [key, cert] = ['key', 'cert'].map((name) =>
    readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url), 'utf8'),
  )
  await start({ tls: { key: key ?? '', cert: cert ?? '', ca: cert ?? '', requestCert: true } })
  expect(server.url).toMatch(/^wss:/)
  const without = new RawClient(server.url, { ca: cert ?? '' })
  expect((await without.untilClosed()).code).toBe(1006)
  const client = await RawClient.open(server.url, { ...bearer('k'), ca: cert, cert, key })
  expect((await client.turn()).at(-1)?.type).toBe('response.completed')
})
