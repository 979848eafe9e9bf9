import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { getOpenAIWebSocketErrorDetails, Secret } from '../../src/index.ts'
import type { ErrorEvent, ServerEvent } from '../../src/protocol/index.ts'
import { SimulatedClock } from '../../src/testing/index.ts'
import { OpenAIWebSocketManager } from '../../src/client/manager.ts'
import { KEY, rejection, startManager, startServer, until } from './harness.ts'

const create = { type: 'response.create', model: 'm', input: 'hi', store: false } as const

describe('a manager', () => {
  it('connects, sends, hears, and closes', async () => {
    const server = await startServer({ turns: [{ text: 'hello' }] })
    const { manager } = startManager(server)
    const events: ServerEvent[] = []
    const opened: string[] = []
    manager.on('open', () => opened.push(manager.connectionState))
    expect(manager.connectionState).toBe('idle')
    expect(manager.previousResponseId).toBeNull()
    await manager.connect(KEY)
    expect(opened).toEqual(['open'])
    manager.onMessage((event) => events.push(event))
    manager.send(create)
    await until(() => events.at(-1)?.type === 'response.completed')
    const completed = events.at(-1)
    expect(manager.previousResponseId).toBe(
      completed?.type === 'response.completed' ? completed.response.id : '',
    )
    const closed = new Promise((resolve) => manager.once('close', (...args) => resolve(args)))
    manager.close()
    expect(await closed).toEqual([1000, ''])
    expect(manager.connectionState).toBe('closed')
    expect(manager.isConnected()).toBe(false)
    expect(manager.lastCloseInfo).toMatchObject({ code: 1000, reason: '', retryable: false })
  })

  it('stops telling a handler that was taken off', async () => {
    const server = await startServer()
    const { manager, next } = startManager(server)
    await manager.connect(KEY)
    let heard = 0
    const off = manager.onMessage(() => (heard += 1))
    off()
    const completed = next('response.completed')
    manager.send(create)
    await completed
    expect(heard).toBe(0)
    expect(manager.listenerCount('message')).toBe(0)
  })

  it('warms up: nothing is generated, and the id can be continued', async () => {
    const server = await startServer({ keepFrames: true })
    const { manager, next } = startManager(server)
    await manager.connect(KEY)
    const completed = next('response.completed')
    manager.warmUp({ model: 'm', instructions: 'be brief', metadata: { a: '1' } })
    expect(await completed).toMatchObject({ response: { output: [] } })
    expect(manager.previousResponseId).toMatch(/^resp_/)
    const again = next('response.completed')
    manager.send({ ...create, previous_response_id: manager.previousResponseId, input: [] })
    expect(await again).toMatchObject({ response: { status: 'completed' } })
  })

  it('refuses a connect without a key', async () => {
    const server = await startServer()
    const { manager } = startManager(server)
    expect((await rejection(manager.connect(''))).code).toBe('ERR_CREDENTIAL_MISSING')
    expect((await rejection(manager.connect(undefined as never))).code).toBe('ERR_CREDENTIAL_MISSING')
    await server.expectNoUpgrade()
  })

  it.each(['a plain key', 'a sealed key', 'a function', 'an async function'])('takes %s', async (kind) => {
    const server = await startServer()
    const { manager } = startManager(server)
    const key = { 'a plain key': KEY, 'a sealed key': new Secret(KEY), 'a function': () => KEY }[kind]
    await manager.connect(key ?? (async () => KEY))
    expect(manager.isConnected()).toBe(true)
  })

  it('makes its socket with a factory', async () => {
    const server = await startServer()
    const made: string[] = []
    const { manager } = startManager(server, {
      socketFactory: (url, options) => {
        made.push(url)
        return new WebSocket(url, options)
      },
    })
    await manager.connect(KEY)
    expect(made).toEqual([server.url])
  })

  it('an error that nobody listens for does not end the process', async () => {
    const server = await startServer()
    server.refuseUpgrades(403)
    const { manager } = startManager(server)
    expect((await rejection(manager.connect(KEY))).code).toBe('ERR_UPGRADE_REFUSED')
    expect(manager.listenerCount('error')).toBe(0)
  })

  it('sends its headers, with those of the request on top', async () => {
    const server = await startServer()
    const { manager } = startManager(server, {
      headers: { 'x-a': 'base', 'x-b': 'base' },
      request: { headers: { 'x-b': 'request' } },
    })
    await manager.connect(KEY)
    expect(server.connections()[0]?.headers).toMatchObject({ 'x-a': 'base', 'x-b': 'request' })
  })

  it('can be disposed of', async () => {
    const server = await startServer()
    {
      await using manager = new OpenAIWebSocketManager({ url: server.url, clock: new SimulatedClock() })
      await manager.connect(KEY)
    }
    await until(() => server.connections().every(({ open }) => !open))
  })
})

describe('credentials on the request', () => {
  it.each([
    ['provider-default', undefined, { authHeader: 'authorization', authPrefix: 'Bearer ' }],
    ['authorization-bearer', { mode: 'authorization-bearer', token: 'sk-token' }, { apiKey: 'sk-token' }],
    [
      'header',
      { mode: 'header', headerName: 'api-key', value: 'sk-token' },
      { apiKey: 'sk-token', authHeader: 'api-key', authPrefix: '' },
    ],
    [
      'header with a prefix',
      { mode: 'header', headerName: 'x-auth', value: 'sk-token', prefix: 'Key' },
      { apiKey: 'sk-token', authHeader: 'x-auth', authPrefix: 'Key ' },
    ],
  ] as const)('%s', async (_, auth, expected) => {
    const server = await startServer(expected)
    const { manager } = startManager(server, { request: { auth } })
    await manager.connect(KEY)
    expect(manager.isConnected()).toBe(true)
  })
})

describe('an error frame', () => {
  it.each(['nested', 'flat', 'detail'] as const)(
    'of shape %s is a message, with its details',
    async (shape) => {
      const server = await startServer({
        turns: [{ error: { status: 429, code: 'rate_limit_exceeded', message: 'slow down', shape } }],
      })
      const { manager } = startManager(server)
      await manager.connect(KEY)
      const errors: ErrorEvent[] = []
      manager.onMessage((event) => {
        if (event.type === 'error') errors.push(event)
      })
      manager.send(create)
      await until(() => errors.length > 0)
      const details = errors[0] && getOpenAIWebSocketErrorDetails(errors[0])
      expect(details?.message).toBe('slow down')
      expect(details?.code).toBe(shape === 'detail' ? undefined : 'rate_limit_exceeded')
      expect(manager.isConnected()).toBe(true)
    },
  )
})
