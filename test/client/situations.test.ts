import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { CloseInfo } from '../../machines/index.ts'
import { NOTHING_SAID } from '../../src/protocol/server-said.ts'
import { settle } from '../../src/testing/index.ts'
import { isPending, KEY, rejection, startConnection, startManager, startServer, until } from './harness.ts'

// Thirteen situations that clients of this wire get wrong, each the right way round.

const create = { type: 'response.create', model: 'm', input: 'hi', store: false } as const

describe('1: the handshake is refused with 401', () => {
  it('is one attempt, and one error', async () => {
    const server = await startServer({ apiKey: 'sk-another' })
    const { manager, clock } = startManager(server)
    const errors: (Error & { code?: string })[] = []
    manager.on('error', (error) => errors.push(error))
    const error = await rejection(manager.connect(KEY))
    expect(error.code).toBe('ERR_UNAUTHORIZED')
    await clock.advance(120_000)
    expect(server.upgrades()).toHaveLength(1)
    expect(errors.map(({ code }) => code)).toEqual(['ERR_UNAUTHORIZED'])
    expect(manager.connectionState).toBe('closed')
  })

  it('with a key that is asked for, is two: the second with a new one', async () => {
    const server = await startServer()
    const asked: boolean[] = []
    const { connection, clock, next } = startConnection(server, {
      apiKey: ({ renew }) => {
        asked.push(renew)
        return renew ? KEY : 'sk-expired'
      },
    })
    const connected = connection.connect()
    await next('connection.lost')
    await clock.advance(100)
    await connected
    expect(asked).toEqual([false, true])
    expect(server.upgrades().map(({ status }) => status)).toEqual([401, 101])
  })
})

describe('2: the first attempt fails and the second works', () => {
  it('resolves connect, with one live socket', async () => {
    const server = await startServer({ upgrades: [{ status: 503 }] })
    const { manager, clock, next } = startManager(server)
    const connected = manager.connect(KEY)
    await next('connection.lost')
    expect(manager.connectionState).toBe('reconnecting')
    await clock.advance(1_000)
    await connected
    expect(manager.isConnected()).toBe(true)
    expect(server.connections().filter(({ open }) => open)).toHaveLength(1)
  })

  it('and connect called again meanwhile joins: close leaves none open', async () => {
    const server = await startServer({ upgrades: [{ status: 503 }] })
    const { manager, connection, clock, next } = startManager(server)
    const first = manager.connect(KEY)
    await next('connection.lost')
    const second = manager.connect(KEY)
    await clock.advance(1_000)
    await Promise.all([first, second])
    expect(server.connections()).toHaveLength(1)
    await connection.close()
    await until(() => server.connections().every(({ open }) => !open))
  })
})

describe('3: connect while reconnecting', () => {
  it('makes no further connection', async () => {
    const server = await startServer()
    const { connection, clock, reaches } = startConnection(server)
    await connection.connect()
    server.dropAll()
    await reaches('reconnecting')
    const joined = connection.connect()
    await clock.advance(1_000)
    await joined
    expect(server.connections()).toHaveLength(2)
    expect(server.connections().filter(({ open }) => open)).toHaveLength(1)
  })
})

describe('4: the server closes right after open, each time', () => {
  it('is given up when the budget is spent', async () => {
    const server = await startServer({ upgrades: [{ faults: [{ do: 'close', code: 1011 }], times: 1_000 }] })
    const { connection, clock, next } = startConnection(server, { maxRetries: 3 })
    const closed = next('connection.closed')
    void connection.connect().catch(() => {})
    while (connection.state !== 'closed') await clock.advance(1_000)
    expect(await closed).toMatchObject({ because: 'ERR_RETRIES_EXHAUSTED' })
    expect(server.upgrades()).toHaveLength(4)
    const gaps = server.upgrades().length
    await clock.advance(600_000)
    expect(server.upgrades()).toHaveLength(gaps)
  })
})

describe('5: close while connecting', () => {
  it('rejects the waiting connect, and leaves no socket', async () => {
    const server = await startServer({ upgrades: [{ stall: true }] })
    const { manager } = startManager(server)
    const connected = rejection(manager.connect(KEY))
    await server.waitForUpgrade()
    manager.close()
    expect((await connected).code).toBe('ERR_CLOSED')
    expect(manager.connectionState).toBe('closed')
    // An uncaught "closed before the connection was established" would fail the run.
    await settle()
  })
})

describe('6: a peer that takes the connection and never upgrades', () => {
  it('ends with the connect timeout', async () => {
    const server = await startServer({ upgrades: [{ stall: true, times: 10 }] })
    const { connection, clock } = startConnection(server, { maxRetries: 1 })
    const connected = rejection(connection.connect())
    await server.waitForUpgrade()
    await clock.advance(15_000 + 1_000)
    await server.waitForUpgrade(2)
    await clock.advance(15_000)
    const error = await connected
    expect(error.code).toBe('ERR_RETRIES_EXHAUSTED')
    expect(error.cause).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
  })
})

describe('7: reconnecting after a completed turn', () => {
  it.each([
    [false, null],
    [true, expect.stringMatching(/^resp_/)],
  ])('with store %s, previousResponseId is %s', async (store, expected) => {
    const server = await startServer()
    const { connection, clock, next, reaches } = startConnection(server)
    await connection.connect()
    const completed = next('response.completed')
    connection.send({ ...create, store })
    await completed
    expect(connection.previousResponseId).toMatch(/^resp_/)
    server.dropAll()
    await reaches('reconnecting')
    await clock.advance(1_000)
    await reaches('open')
    expect(connection.previousResponseId).toEqual(expected)
  })
})

describe('8: a superseded socket', () => {
  it('says nothing any more, and its close changes nothing', async () => {
    // The first socket goes silent; its successor opens while the server still holds the first.
    const server = await startServer({
      turns: [{ text: 'late', faults: [{ at: 'created', do: 'silence' }] }],
    })
    const { connection, clock, next, reaches } = startConnection(server)
    await connection.connect()
    const created = next('response.created')
    connection.send(create)
    await created
    const lost = next('connection.lost')
    await clock.advance(19_999)
    server.strikeAll({ do: 'stop-reading' })
    await clock.advance(1 + 25_000 + 100)
    expect(await lost).toMatchObject({ closeInfo: { error: 'ERR_HALF_OPEN' } })
    await clock.advance(1_000)
    await reaches('open')
    const heard: unknown[] = []
    connection.onMessage((event) => heard.push(event))
    const [old] = server.connections()
    await until(() => old?.open === false || server.connections().length === 2)
    await settle()
    expect(heard).toEqual([])
    expect(connection.isOpen).toBe(true)
    expect(connection.previousResponseId).toBeNull()
  })
})

describe('9: the server closes with 1008', () => {
  it('is told as an error, and is not tried again', async () => {
    const server = await startServer()
    const { manager, next, clock } = startManager(server)
    const errors: (Error & { code?: string })[] = []
    manager.on('error', (error) => errors.push(error))
    await manager.connect(KEY)
    const completed = next('response.completed')
    manager.send(create)
    await completed
    const closed = next('connection.closed')
    server.strikeAll({ do: 'close', code: 1008, reason: 'policy' })
    expect(await closed).toMatchObject({
      because: 'ERR_CONNECTION_LOST',
      closeInfo: { code: 1008, reason: 'policy' },
    })
    expect(errors).toHaveLength(1)
    await clock.advance(60_000)
    expect(server.upgrades()).toHaveLength(1)
  })
})

describe('10: broken JSON with a secret in it', () => {
  it('is reported by length and hash, and never shown', async () => {
    const server = await startServer()
    const { manager, next } = startManager(server)
    const errors: unknown[] = []
    manager.on('error', (error) => errors.push(error))
    await manager.connect(KEY)
    const rejected = next('frame.rejected')
    server.strikeAll({ do: 'broken-json', text: `{"token":"${KEY}` })
    expect(await rejected).toMatchObject({ problem: 'json', bytes: KEY.length + 10 })
    expect(errors).toHaveLength(1)
    expect(inspect(errors, { depth: 9 })).not.toContain(KEY)
    expect(manager.isConnected()).toBe(true)
  })
})

describe('11: a peer that stops reading', () => {
  it('is found by the ping, and the line is dialed anew', async () => {
    const server = await startServer()
    const { connection, clock, next, reaches } = startConnection(server)
    await connection.connect()
    server.strikeAll({ do: 'stop-reading' })
    const lost = next('connection.lost')
    await clock.advance(20_000 + 25_000 + 100)
    expect(await lost).toMatchObject({ closeInfo: { error: 'ERR_HALF_OPEN', retryable: true } })
    await clock.advance(1_000)
    await reaches('open')
  })

  it('one that answers pings stays, however long it says nothing', async () => {
    const server = await startServer()
    const { connection, clock } = startConnection(server, { maxAgeMs: false })
    await connection.connect()
    for (let minute = 0; minute < 10; minute += 1) await clock.advance(60_000)
    expect(connection.isOpen).toBe(true)
    expect(server.upgrades()).toHaveLength(1)
  })
})

describe('12: a drop in the middle of a turn', () => {
  it('says how far the turn had come, and resends nothing', async () => {
    const server = await startServer({
      turns: [{ text: ['one ', 'two ', 'three'], faults: [{ at: 'delta', nth: 2, do: 'terminate' }] }],
    })
    const { connection, clock, next, reaches } = startConnection(server)
    await connection.connect()
    const lost = next('turn.lost')
    connection.send(create)
    expect(await lost).toMatchObject({
      lane: null,
      progress: 'streaming',
      responseId: expect.stringMatching(/^resp_/),
    })
    await clock.advance(1_000)
    await reaches('open')
    await server.expectNoCreate()
    expect(server.creates()).toBe(1)
  })

  it('a send meanwhile throws, and says that nothing was sent', async () => {
    const server = await startServer()
    const { connection, reaches } = startConnection(server)
    await connection.connect()
    server.dropAll()
    await reaches('reconnecting')
    expect(() => connection.send(create)).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_OPEN', message: expect.stringContaining('was not sent') }),
    )
  })
})

describe('13: what listeners see while reconnecting fails', () => {
  it('is the new state at each event', async () => {
    const server = await startServer()
    const { manager, clock, reaches } = startManager(server, { maxRetries: 2 })
    const seen: string[] = []
    manager.on('close', (code) => seen.push(`close ${code}@${manager.connectionState}`))
    manager.on('open', () => seen.push(`open@${manager.connectionState}`))
    manager.on('error', (error) =>
      seen.push(`error ${(error as { code?: string }).code}@${manager.connectionState}`),
    )
    await manager.connect(KEY)
    server.refuseUpgrades(503)
    server.strikeAll({ do: 'close', code: 1012 })
    await reaches('reconnecting')
    while (manager.connectionState !== 'closed') await clock.advance(500)
    expect(seen).toEqual([
      'open@open',
      'error ERR_CONNECTION_LOST@reconnecting',
      'close 1012@reconnecting',
      'error ERR_UPGRADE_REFUSED@reconnecting',
      'close 1006@reconnecting',
      'close 1006@closed',
      'error ERR_RETRIES_EXHAUSTED@closed',
    ])
  })
})

it('close info names the phase, the status and what the server asked for', async () => {
  const server = await startServer({ upgrades: [{ status: 429, headers: { 'retry-after': '7' } }] })
  const { connection, clock, next } = startConnection(server)
  const connected = connection.connect()
  await next('connection.lost')
  expect(connection.lastCloseInfo).toEqual({
    code: 1006,
    reason: 'upgrade refused with HTTP 429',
    retryable: true,
    phase: 'dial',
    error: 'ERR_UPGRADE_REFUSED',
    httpStatus: 429,
    errno: null,
    retryAfterMs: 7_000,
    said: {
      ...NOTHING_SAID,
      status: 429,
      retryAfterMs: 7_000,
      headers: { 'retry-after': '7' },
    },
  } satisfies CloseInfo)
  await clock.advance(6_999)
  expect(await isPending(connected)).toBe(true)
  await clock.advance(1)
  await connected
})
