import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ResponsesConnection } from '../../src/client/connection.ts'
import type { ConnectionOptions } from '../../src/client/options.ts'
import { BadOptionError } from '../../src/protocol/errors.ts'
import { openai, xai } from '../../src/protocol/providers.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { SimulatedClock } from '../../src/testing/index.ts'
import { isPending, KEY, rejection, startConnection, startServer, until } from './harness.ts'

const create = { type: 'response.create', model: 'm', input: 'hi', store: false } as const

describe('options', () => {
  it.each([
    ['apiKey', { apiKey: '' }],
    ['apiKey', { apiKey: 3 }],
    ['apiKey', { apiKey: `${KEY}\n` }],
    ['inspect', { inspect: [] }],
    ['url', { url: 'https://host/' }],
    ['headers.x-a', { headers: { 'x-a': `a\r\nb: ${KEY}` } }],
    ['request.headers.x-a', { request: { headers: { 'x-a': `a\n${KEY}` } } }],
    ['request.auth.token', { request: { auth: { mode: 'authorization-bearer' } } }],
    ['request.auth.mode', { request: { auth: { mode: 'basic' } } }],
    ['request.proxy.url', { request: { proxy: { mode: 'explicit-proxy', url: 'host:80' } } }],
    ['request.tls.insecureSkipVerify', { request: { tls: { insecureSkipVerify: true } } }],
    ['request.tls.rejectUnauthorized', { request: { tls: { rejectUnauthorized: false } } }],
    ['request.tls.ca', { request: { tls: { ca: 1 } } }],
    ['request.timeout', { request: { timeout: 1 } }],
    ['socketFactory', { socketFactory: 'ws' }],
    ['inspect', { inspect: 1 }],
    ['clock', { clock: {} }],
    ['maxRetries', { maxRetries: '5' }],
    ['backoffDelaysMs.0', { backoffDelaysMs: ['1s'] }],
    ['retries', { retries: 5 }],
  ])('a bad one fails at construction: %s', (path, options) => {
    const make = (): ResponsesConnection => new ResponsesConnection(options as object)
    expect(make).toThrow(BadOptionError)
    expect(make).toThrow(expect.objectContaining({ path, code: 'ERR_BAD_OPTION' }))
    expect(make).not.toThrow(KEY)
  })
})

/** The key that a connection with these options would dial with. */
function keyOf(options: ConnectionOptions): unknown {
  const connection = new ResponsesConnection(options)
  onTestFinished(() => connection.stop())
  return Secret.reveal(connection.actor.getSnapshot().context.transport).credential
}

describe('the key of the environment', () => {
  it.each<[string, ConnectionOptions, string | null]>([
    ['serves at the endpoint that it is of', {}, KEY],
    ['also where that URL is written down', { url: 'wss://api.openai.com/v1/responses?x=1' }, KEY],
    ['gives way to a key', { apiKey: 'another' }, 'another'],
    ['is not sent to another URL', { url: 'wss://host.test/v1/responses' }, null],
    ['is not sent to a host that begins alike', { url: 'wss://api.openai.com.host.test/' }, null],
    ['is not sent to another provider', { provider: xai }, null],
    [
      'is not sent to a profile of one\u2019s own',
      { provider: { ...openai, url: 'wss://host.test/' } },
      null,
    ],
    ['is not used beside a header', { headers: { Authorization: 'Basic abc' } }, null],
  ])('%s', (_, options, key) => {
    vi.stubEnv('OPENAI_API_KEY', KEY)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(keyOf(options)).toBe(key)
  })
})

describe('connect', () => {
  it('without a key rejects, and dials nothing', async () => {
    const server = await startServer()
    const connection = new ResponsesConnection({ url: server.url })
    expect((await rejection(connection.connect())).code).toBe('ERR_CREDENTIAL_MISSING')
    await server.expectNoUpgrade()
  })

  it('resolves at once when open', async () => {
    const server = await startServer()
    const { connection } = startConnection(server)
    await connection.connect()
    await connection.connect()
    expect(server.upgrades()).toHaveLength(1)
  })

  it.each(['given up', 'closed'])(
    'called by a listener that hears that it was %s starts over',
    async (how) => {
      const server = await startServer()
      const { connection, clock, reaches } = startConnection(server)
      await connection.connect()
      const again = new Promise((resolve, reject) => {
        connection.on('connection.closed', () => void connection.connect().then(resolve, reject))
      })
      if (how === 'closed') void connection.close()
      else server.connections()[0]?.strike({ do: 'close', code: 1000 })
      // It was up for a moment only: the wait of the next attempt is owed, whoever asks for it.
      await reaches('reconnecting')
      await clock.advance(1_000)
      await again
      expect(connection.isOpen).toBe(true)
      expect(connection.line.getSnapshot().matches('single')).toBe(true)
    },
  )

  it('given up by a signal rejects with its reason, and leaves no socket', async () => {
    const server = await startServer({ upgrades: [{ stall: true }] })
    const { connection } = startConnection(server)
    const abort = new AbortController()
    const connected = rejection(connection.connect({ signal: abort.signal }))
    await server.waitForUpgrade()
    const reason = new Error('changed my mind')
    abort.abort(reason)
    expect(await connected).toBe(reason)
    expect(connection.state).toBe('closed')
  })

  it('with a signal that is aborted already does nothing', async () => {
    const server = await startServer()
    const { connection } = startConnection(server)
    await rejection(connection.connect({ signal: AbortSignal.abort() }))
    expect(connection.state).toBe('idle')
    await server.expectNoUpgrade()
  })

  it('after a give-up starts over', async () => {
    const server = await startServer({ upgrades: [{ status: 403 }] })
    const { connection, clock } = startConnection(server)
    expect((await rejection(connection.connect())).code).toBe('ERR_UPGRADE_REFUSED')
    const connected = connection.connect()
    await clock.advance(999)
    expect(server.upgrades()).toHaveLength(1)
    await clock.advance(1)
    await connected
    expect(connection.isOpen).toBe(true)
  })

  it('a stopped connection is closed, and takes nothing', async () => {
    const { connection } = startConnection(await startServer())
    await connection.connect()
    connection.stop()
    expect(connection).toMatchObject({ state: 'closed', isOpen: false })
    expect(() => connection.send(create)).toThrow(expect.objectContaining({ code: 'ERR_NOT_OPEN' }))
  })

  it('on a stopped actor rejects', async () => {
    const server = await startServer()
    const { connection } = startConnection(server)
    connection.stop()
    expect((await rejection(connection.connect())).code).toBe('ERR_CLOSED')
  })

  it('rejects when the actor is stopped meanwhile', async () => {
    const server = await startServer({ upgrades: [{ stall: true }] })
    const { connection } = startConnection(server)
    const connected = rejection(connection.connect())
    await server.waitForUpgrade()
    connection.stop()
    expect((await connected).code).toBe('ERR_CLOSED')
  })

  it('sent during the close handshake is remembered', async () => {
    const server = await startServer()
    const { connection, clock, reaches } = startConnection(server)
    await connection.connect()
    const closed = connection.close()
    const connected = connection.connect()
    await reaches('reconnecting')
    await clock.advance(100)
    await Promise.all([closed, connected])
    expect(connection.isOpen).toBe(true)
    expect(server.connections().filter(({ open }) => open)).toHaveLength(1)
  })
})

describe('close', () => {
  it('settles every waiter', async () => {
    const server = await startServer({ upgrades: [{ stall: true }] })
    const { connection } = startConnection(server)
    const waiters = [connection.connect(), connection.connect(), connection.connect()].map(rejection)
    await server.waitForUpgrade()
    await Promise.all([connection.close(), connection.close()])
    for (const error of await Promise.all(waiters)) expect(error.code).toBe('ERR_CLOSED')
  })

  it('waits for the peer, and no longer than its timeout', async () => {
    const server = await startServer()
    const { connection, clock } = startConnection(server)
    await connection.connect()
    server.strikeAll({ do: 'stop-reading' })
    const closed = connection.close()
    expect(await isPending(closed)).toBe(true)
    await clock.advance(5_000)
    await closed
    expect(connection.lastCloseInfo).toMatchObject({ code: 1006, phase: 'closing' })
  })

  it('carries code and reason to the peer', async () => {
    const server = await startServer()
    const { connection } = startConnection(server)
    await connection.connect()
    await connection.close({ code: 4001, reason: 'moving' })
    expect((await server.waitForClose()).closeCode).toBe(4001)
  })

  it.each([
    ['code', { code: 1006 }],
    ['code', { code: 999 }],
    ['code', { code: 5000 }],
    ['reason', { reason: 'ä'.repeat(62) }],
  ])('refuses a bad %s', async (path, options) => {
    const { connection } = startConnection(await startServer())
    await connection.connect()
    expect(await rejection(connection.close(options))).toMatchObject({ path })
    expect(connection.isOpen).toBe(true)
  })

  it('leaves no timer and no socket, from whichever state', async () => {
    for (const state of ['idle', 'connecting', 'open', 'reconnecting'] as const) {
      const server = await startServer({ upgrades: state === 'connecting' ? [{ stall: true }] : [] })
      const { connection, clock, reaches } = startConnection(server)
      const connected = state === 'idle' ? null : connection.connect().catch(() => {})
      if (state === 'connecting') await server.waitForUpgrade()
      else await connected
      if (state === 'reconnecting') {
        server.dropAll()
        await reaches('reconnecting')
      }
      await connection.close()
      expect(clock.pending()).toEqual([])
      await until(() => server.connections().every(({ open }) => !open))
    }
  })
})

describe('send', () => {
  it.each([
    ['ERR_BAD_EVENT', { type: 'response.cancel' }],
    ['ERR_BAD_EVENT', { type: 'response.create', metadata: { a: 1n } }],
    ['ERR_BAD_EVENT', null],
    ['ERR_FRAME_TOO_LARGE', { ...create, input: 'x'.repeat(10_000) }],
  ])('throws %s, and sends nothing', async (code, event) => {
    const server = await startServer()
    const { connection } = startConnection(server, { maxFrameBytes: 5_000 })
    await connection.connect()
    expect(() => connection.send(event as never)).toThrow(expect.objectContaining({ code }))
    await server.expectNoCreate()
  })

  it('throws ERR_BACKPRESSURE when the peer does not read', async () => {
    const server = await startServer()
    const { connection } = startConnection(server, { maxBufferedBytes: 4_000_000 })
    await connection.connect()
    server.strikeAll({ do: 'stop-reading' })
    const big = { ...create, input: 'x'.repeat(1_000_000) }
    expect(() => {
      for (let i = 0; i < 50; i += 1) connection.send(big)
    }).toThrow(expect.objectContaining({ code: 'ERR_BACKPRESSURE' }))
  })
})

describe('a late terminal event of an earlier response', () => {
  it.each(['response.failed', 'response.completed'])('%s changes nothing', async (type) => {
    const server = await startServer({ turns: [{ error: { status: 500 }, text: 'x' }, { text: 'y' }] })
    const { connection, next } = startConnection(server)
    await connection.connect()
    const created = next('response.created') as Promise<{ response: { id: string } }>
    const error = next('error')
    connection.send(create)
    const { response } = await created
    await error
    const completed = next('response.completed')
    connection.send(create)
    await completed
    const { previousResponseId } = connection
    expect(previousResponseId).not.toBe(response.id)
    const late = next(type as 'response.failed')
    server.connections()[0]?.send({ type, response: { ...response, status: 'failed', output: [] } })
    await late
    expect(connection.previousResponseId).toBe(previousResponseId)
  })
})

describe('a chart that fails', () => {
  it('is reported to whoever waits, and leaves no socket', async () => {
    const server = await startServer()
    const connection = new ResponsesConnection({
      url: server.url,
      apiKey: KEY,
      clock: new SimulatedClock(),
      random: () => {
        throw new Error('a bug in what was provided')
      },
    })
    await connection.connect()
    server.dropAll()
    await until(() => connection.actor.getSnapshot().status === 'error')
    expect(await rejection(connection.connect())).toMatchObject({ code: 'ERR_CHART_FAILED' })
    await connection.close()
  })
})

it('nothing that a connection shows holds the key', async () => {
  const server = await startServer()
  const shown: unknown[] = []
  const { connection, clock, reaches } = startConnection(server, {
    headers: { 'x-extra': KEY },
    request: { auth: { mode: 'header', headerName: 'authorization', value: KEY, prefix: 'Bearer' } },
    inspect: (event) => shown.push('event' in event ? event.event : null),
  })
  connection.on('*', (event) => shown.push(event))
  await connection.connect()
  server.dropAll()
  await reaches('reconnecting')
  server.refuseUpgrades({
    status: 401,
    body: { error: { code: 'invalid_api_key', message: `bad key ${KEY}` } },
  })
  await clock.advance(1_000)
  await until(() => connection.state === 'closed')
  const refused = rejection(connection.connect())
  await reaches('reconnecting')
  await clock.advance(connection.actor.getSnapshot().context.retry.delayMs)
  shown.push(await refused, connection.actor.getSnapshot().context, connection.lastCloseInfo)
  const printed = inspect(shown, { depth: 8, showHidden: true }) + JSON.stringify(shown)
  expect(printed.length).toBeGreaterThan(1_000)
  expect(printed).not.toContain(KEY)
})
