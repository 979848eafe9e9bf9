import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/protocol/secret.ts'
import type { FakeSocket } from '../connection/harness.ts'
import { type Asker, lineUnderTest } from './harness.ts'

const ONE_AT_A_TIME = null
const AGED = { maxAgeMs: 60_000, turnBudgetMs: 10_000 }
const RIPE_MS = 50_000

/** A line whose first connection is open, with askers that hold a lane each. */
function openLine(names: readonly string[] = ['a'], ...of: Parameters<typeof lineUnderTest>) {
  const line = lineUnderTest(...of)
  const askers = names.map((name) => line.asker(name))
  if (askers.length === 0) line.actor.send({ type: 'connect' })
  for (const asker of askers) line.asks(asker)
  line.socket.opens()
  return { line, askers, first: askers[0] as Asker, socket: line.socket }
}

/** The key that a socket was dialed with. */
function keyOf({ input }: FakeSocket): unknown {
  const { credential } = Secret.reveal(input.transport as Secret<{ credential: Secret }>)
  return Secret.reveal(credential)
}

const keysOf = (asker: Asker): string[] => asker.grants.map(({ connectionKey }) => connectionKey)

describe('lanes', () => {
  it('come when the connection is open, and asking for one connects', () => {
    const line = lineUnderTest()
    expect(line.name).toBe('resting')
    expect(line.sockets).toEqual([])
    const asker = line.asker('a')
    line.asks(asker)
    expect(line.name).toBe('single')
    expect(asker.told).toEqual([])
    line.socket.opens()
    expect(asker.told).toEqual([
      { type: 'lane.granted', connectionKey: 'connection-1.1', lane: null, laneSerial: 0 },
    ])
  })

  it('are given first come, first served', () => {
    const { line, askers } = openLine(['a', 'b', 'c'], {}, ONE_AT_A_TIME)
    const [a, b, c] = askers as [Asker, Asker, Asker]
    const order: string[] = []
    const note = (): void => {
      for (const one of askers) if (one.grants.length > 0 && !order.includes(one.id)) order.push(one.id)
    }
    note()
    line.releases(a)
    note()
    line.asks(a)
    line.releases(b)
    note()
    expect(a.grants).toHaveLength(1)
    line.releases(c)
    expect(a.grants).toHaveLength(2)
    expect(order).toEqual(['a', 'b', 'c'])
  })

  it('are as many as the provider runs at once', () => {
    const { askers, line } = openLine(['a', 'b', 'c'], {}, { inFlight: 2, names: 32 })
    expect(askers.map(({ grants }) => grants.length)).toEqual([1, 1, 0])
    expect(askers[1]?.grant.lane).toBe('lane-1')
    line.releases(askers[1] as Asker)
    expect(askers[2]?.grants).toHaveLength(1)
  })

  it('are not given to who has withdrawn, nor to who is gone', () => {
    const { line, askers } = openLine(['a', 'b', 'c', 'd'], {}, ONE_AT_A_TIME)
    line.actor.send({ type: 'lane.withdraw', conversationId: 'b' })
    line.actor.send({ type: 'conversation.close', conversationId: 'c' })
    line.releases(askers[0] as Asker)
    expect(askers.map(({ grants }) => grants.length)).toEqual([1, 0, 0, 1])
  })

  it('that the server knows no name for are not given again on that socket', () => {
    const { line, askers } = openLine(['a', 'b'], {}, { inFlight: 16, names: 32 })
    const [a, b] = askers as [Asker, Asker]
    const { connectionKey, lane } = b.grant
    expect(lane).toBe('lane-1')
    line.actor.send({ type: 'lane.exhausted', connectionKey, lane })
    line.asks(b)
    // No name is left, and the default lane is taken: b waits for it.
    expect(b.grants).toHaveLength(1)
    line.releases(a)
    expect(b.grant).toMatchObject({ lane: null, laneSerial: 1 })
  })

  it('start anew after a reconnect, for those who waited first', async () => {
    const { line, askers, socket } = openLine(['a', 'b'], {}, ONE_AT_A_TIME)
    socket.isLost()
    expect(askers[1]?.grants).toEqual([])
    await line.clock.advance(1_000)
    line.socket.opens()
    expect(keysOf(askers[1] as Asker)).toEqual(['connection-1.2'])
    // What is released of the lost socket frees nothing on the new one.
    line.releases(askers[0] as Asker)
    const late = line.asker('late')
    line.asks(late)
    expect(late.grants).toEqual([])
  })

  it('of a socket that turned out to be unusable are not given until there is another', async () => {
    const { line, first, socket } = openLine()
    const { connectionKey, lane } = first.grant
    line.actor.send({ type: 'lane.unusable', connectionKey, lane })
    // That its line has been up for long is no news.
    await line.clock.advance(60_000)
    line.asks(first)
    expect(first.grants).toHaveLength(1)
    socket.isLost()
    await line.clock.advance(1_000)
    line.socket.opens()
    expect(keysOf(first)).toEqual(['connection-1.1', 'connection-1.2'])
  })
})

describe('rotation', () => {
  it('opens the next connection before the old one is too old, and moves over between turns', async () => {
    const { line, askers, socket } = openLine(['a', 'b'], AGED)
    const [a, b] = askers as [Asker, Asker]
    line.releases(b)
    await line.clock.advance(RIPE_MS)
    expect(line.name).toBe('moving')
    expect(line.live).toEqual(['connection-1', 'connection-2'])
    // No turn starts on a ripe connection.
    line.asks(b)
    expect(b.grants).toHaveLength(1)
    line.socket.opens()
    expect(line.name).toBe('single')
    expect(line.emitted).toEqual([{ type: 'line.switched', from: 'connection-1', to: 'connection-2' }])
    for (const one of [a, b]) expect(one.heard('line.moved')).toHaveLength(1)
    expect(keysOf(b)).toEqual(['connection-1.1', 'connection-2.1'])
    // The turn of a ends where it began; then the old connection shakes hands.
    expect(socket.commands).toEqual([])
    line.releases(a)
    expect(socket.commands).toMatchObject([{ type: 'close' }])
    expect(line.live).toEqual(['connection-1', 'connection-2'])
    socket.isLost({ phase: 'closing', code: 1000 })
    expect(line.live).toEqual(['connection-2'])
    expect(line.context.retiring).toEqual([])
  })

  it('does not wait for a turn that was given up', async () => {
    const { line, first, socket } = openLine(['a'], AGED)
    await line.clock.advance(RIPE_MS)
    line.releases(first, true)
    line.socket.opens()
    expect(socket.commands).toMatchObject([{ type: 'close' }])
  })

  it('of a line that nobody uses waits for the first who does', async () => {
    const { line } = openLine([], AGED)
    await line.clock.advance(RIPE_MS + 5_000)
    expect(line.name).toBe('single')
    expect(line.sockets).toHaveLength(1)
    const asker = line.asker('a')
    line.asks(asker)
    expect(line.name).toBe('moving')
    line.socket.opens()
    expect(keysOf(asker)).toEqual(['connection-2.1'])
  })

  it('that cannot be had refuses who waits, and is tried again after a while', async () => {
    const { line, first, socket } = openLine(['a'], AGED)
    line.releases(first)
    await line.clock.advance(RIPE_MS)
    line.asks(first)
    line.socket.isRefused(403)
    expect(first.told.at(-1)).toEqual({ type: 'lane.refused', code: 'ERR_UPGRADE_REFUSED' })
    expect(line.name).toBe('single')
    expect(line.live).toEqual(['connection-1'])
    await line.clock.advance(29_999)
    expect(line.sockets).toHaveLength(2)
    await line.clock.advance(1)
    expect(line.name).toBe('moving')
    line.socket.opens()
    expect(line.context.current?.id).toBe('connection-3')
    expect(socket.commands).toMatchObject([{ type: 'close' }])
  })

  it('that could not be had is tried at once for who asks', async () => {
    const { line, first } = openLine(['a'], AGED)
    line.releases(first)
    await line.clock.advance(RIPE_MS)
    line.socket.isRefused(403)
    line.asks(first)
    expect(line.name).toBe('moving')
    line.socket.opens()
    expect(keysOf(first)).toEqual(['connection-1.1', 'connection-3.1'])
  })

  it('ends with the old connection, when that ends first', async () => {
    const { line, first, socket } = openLine(['a'], { ...AGED, maxRetries: 0 })
    line.releases(first)
    await line.clock.advance(RIPE_MS)
    line.asks(first)
    socket.isLost({ code: 1008 })
    expect(line.name).toBe('ended')
    expect(first.told.at(-1)).toMatchObject({ type: 'lane.refused' })
    expect(line.live).toEqual([])
  })

  it('drops an old connection that is lost, which would dial again otherwise', async () => {
    const { line, socket } = openLine(['a'], AGED)
    await line.clock.advance(RIPE_MS)
    line.socket.opens()
    socket.isLost()
    expect(line.context.retiring).toEqual([])
    await line.clock.advance(5_000)
    expect(line.sockets).toHaveLength(2)
  })

  it('dials the next connection with the key that connect() brought', async () => {
    const { line } = openLine(['a'], AGED)
    line.actor.send({ type: 'connect', apiKey: new Secret('sk-another') })
    await line.clock.advance(RIPE_MS)
    expect(keyOf(line.socket)).toBe('sk-another')
  })

  it('under way tries a key that connect() brings with its next attempt', async () => {
    const { line } = openLine(['a'], AGED)
    await line.clock.advance(RIPE_MS)
    line.actor.send({ type: 'connect', apiKey: new Secret('sk-another') })
    line.socket.isLost({ phase: 'dial', error: 'ERR_DIAL_FAILED' })
    await line.clock.advance(1_000)
    expect(line.sockets).toHaveLength(3)
    expect(keyOf(line.socket)).toBe('sk-another')
  })

  it('lets turns end on the old connection in the moment between its notice and its close', async () => {
    const { line, first, socket } = openLine(['a'], AGED)
    await line.clock.advance(RIPE_MS)
    line.socket.opens()
    socket.errs('websocket_connection_limit_reached')
    expect(line.live).toEqual(['connection-1', 'connection-2'])
    line.releases(first)
    expect(socket.commands).toMatchObject([{ type: 'close' }])
  })

  it('is not for a line that nobody uses, however young it gets ripe', async () => {
    const { line } = openLine([], { maxAgeMs: 20_000, turnBudgetMs: 5_000 })
    await line.clock.advance(60_000)
    expect(line.name).toBe('single')
    expect(line.sockets).toHaveLength(1)
  })
})

describe('line.renew', () => {
  it('gives no further lane of the socket that was left', () => {
    const { line, first } = openLine(['a', 'b'])
    const other = line.asker('c')
    line.actor.send({ type: 'line.renew', connectionKey: first.grant.connectionKey })
    line.releases(first)
    line.asks(first)
    line.asks(other)
    expect(first.grants).toHaveLength(1)
    line.socket.opens()
    expect(keysOf(first)).toEqual(['connection-1.1', 'connection-2.1'])
    expect(keysOf(other)).toEqual(['connection-2.1'])
  })

  it('of a socket that is not the present one does nothing', () => {
    const { line } = openLine()
    line.actor.send({ type: 'line.renew', connectionKey: 'connection-1.7' })
    expect(line.name).toBe('single')
    expect(line.sockets).toHaveLength(1)
  })

  it('of two turns at once opens one connection', () => {
    const { line, askers, first } = openLine(['a', 'b'])
    for (const asker of askers) {
      line.actor.send({ type: 'line.renew', connectionKey: first.grant.connectionKey })
      line.releases(asker)
      line.asks(asker)
    }
    expect(line.sockets).toHaveLength(2)
    line.socket.opens()
    expect(askers.map((asker) => asker.grant.connectionKey)).toEqual(['connection-2.1', 'connection-2.1'])
  })

  it('makes do with the socket at hand, when no other can be had', () => {
    const { line, first } = openLine()
    line.actor.send({ type: 'line.renew', connectionKey: first.grant.connectionKey })
    line.releases(first)
    line.asks(first)
    line.socket.isRefused(401)
    expect(first.told.at(-1)).toEqual({ type: 'lane.refused', code: 'ERR_UNAUTHORIZED' })
    line.asks(first)
    expect(keysOf(first)).toEqual(['connection-1.1', 'connection-1.1'])
  })
})

describe('turns that were given up', () => {
  it('hold up those who wait for a while, then these get a fresh connection', async () => {
    const { line, first } = openLine(['a'], {}, ONE_AT_A_TIME)
    line.releases(first, true)
    const other = line.asker('b')
    line.asks(other)
    await line.clock.advance(4_999)
    expect(line.sockets).toHaveLength(1)
    await line.clock.advance(1)
    expect(line.name).toBe('moving')
    line.socket.opens()
    expect(keysOf(other)).toEqual(['connection-2.1'])
  })

  it('hold up nobody any more, when the server has ended them', async () => {
    const { line, first } = openLine(['a'], {}, ONE_AT_A_TIME)
    line.releases(first, true)
    const other = line.asker('b')
    line.asks(other)
    await line.clock.advance(4_000)
    const { connectionKey, lane } = first.grant
    line.actor.send({ type: 'lane.drained', connectionKey, lane })
    expect(keysOf(other)).toEqual(['connection-1.1'])
    await line.clock.advance(10_000)
    expect(line.sockets).toHaveLength(1)
  })

  it('cost nothing where nobody waits', async () => {
    const { line, first } = openLine(['a'], {}, ONE_AT_A_TIME)
    line.releases(first, true)
    await line.clock.advance(60_000)
    expect(line.sockets).toHaveLength(1)
  })

  it('hold up who waits, though a lane that nobody may use is idle', async () => {
    const { line, askers } = openLine(['a', 'b', 'c'], {}, { inFlight: 2, names: 32 })
    const [a, b, c] = askers as [Asker, Asker, Asker]
    line.asks(b)
    line.releases(b)
    line.releases(a, true)
    line.releases(c)
    line.asks(a)
    line.releases(b, true)
    await line.clock.advance(5_000)
    expect(line.name).toBe('moving')
  })
})

describe('close', () => {
  const close = { type: 'close' } as const

  it('at rest', () => {
    const line = lineUnderTest()
    line.actor.send(close)
    expect(line.name).toBe('ended')
    expect(line.sockets).toEqual([])
  })

  it('while connecting refuses who waits', () => {
    const line = lineUnderTest()
    const asker = line.asker('a')
    line.asks(asker)
    line.actor.send(close)
    line.socket.isLost({ phase: 'closing' })
    expect(asker.told).toEqual([{ type: 'lane.refused', code: 'ERR_CLOSED' }])
    expect(line.live).toEqual([])
  })

  it('while open shakes hands', () => {
    const { line, socket } = openLine()
    line.actor.send(close)
    expect(socket.commands).toMatchObject([{ type: 'close' }])
    socket.isLost({ phase: 'closing', code: 1000 })
    expect(line.name).toBe('ended')
  })

  it('while reconnecting refuses who waits, and dials no more', async () => {
    const { line, first, socket } = openLine()
    socket.isLost()
    line.asks(first)
    line.actor.send(close)
    expect(first.told.at(-1)).toEqual({ type: 'lane.refused', code: 'ERR_CLOSED' })
    await line.clock.advance(60_000)
    expect(line.sockets).toHaveLength(1)
    expect(line.clock.pending()).toEqual([])
  })

  it('while moving over ends both', async () => {
    const { line, first } = openLine(['a'], AGED)
    await line.clock.advance(RIPE_MS)
    const waiting = line.asker('b')
    line.asks(waiting)
    line.actor.send(close)
    for (const one of line.sockets) if (one.live) one.isLost({ phase: 'closing', code: 1000 })
    expect(line.live).toEqual([])
    expect(line.name).toBe('ended')
    expect(waiting.told).toEqual([{ type: 'lane.refused', code: 'ERR_CLOSED' }])
    line.releases(first)
    expect(line.clock.pending()).toEqual([])
  })

  it('with a retired connection ends that too', async () => {
    const { line } = openLine(['a'], AGED)
    await line.clock.advance(RIPE_MS)
    line.socket.opens()
    line.actor.send(close)
    for (const one of line.sockets) if (one.live) one.isLost({ phase: 'closing', code: 1000 })
    expect(line.live).toEqual([])
    expect(line.name).toBe('ended')
    expect(line.clock.pending()).toEqual([])
  })

  it('is the application’s word: only connect() opens the line again', async () => {
    const { line, first, socket } = openLine()
    line.actor.send(close)
    socket.isLost({ phase: 'closing', code: 1000 })
    line.asks(first)
    expect(first.told.at(-1)).toEqual({ type: 'lane.refused', code: 'ERR_CLOSED' })
    expect(line.sockets).toHaveLength(1)
    line.actor.send({ type: 'connect' })
    line.asks(first)
    await line.clock.advance(100)
    line.socket.opens()
    expect(keysOf(first)).toEqual(['connection-1.1', 'connection-1.2'])
  })

  it('is not undone by a turn that asks for a fresh socket meanwhile', () => {
    const { line, first } = openLine()
    line.actor.send(close)
    line.actor.send({ type: 'line.renew', connectionKey: first.grant.connectionKey })
    expect(line.sockets).toHaveLength(1)
  })

  it('while turns go over HTTP is the application’s word as well', () => {
    const line = lineUnderTest({}, ONE_AT_A_TIME, { fallback: { afterAttempts: 2, coolDownMs: 300_000 } })
    const asker = line.asker('a')
    line.asks(asker)
    line.socket.isRefused(426)
    expect(asker.grants).toHaveLength(1)
    line.actor.send(close)
    line.asks(asker)
    expect(asker.told.at(-1)).toEqual({ type: 'lane.refused', code: 'ERR_CLOSED' })
    expect(line.sockets).toHaveLength(1)
  })
})

describe('a connection that was given up', () => {
  it('refuses who waits with its reason, and the next who asks starts over', async () => {
    const line = lineUnderTest()
    const asker = line.asker('a')
    line.asks(asker)
    line.socket.isRefused(401)
    expect(asker.told).toEqual([{ type: 'lane.refused', code: 'ERR_UNAUTHORIZED' }])
    expect(line.name).toBe('ended')
    line.asks(asker)
    await line.clock.advance(1_000)
    line.socket.opens()
    expect(asker.grants).toHaveLength(1)
  })

  it('and closed then is opened again by connect() only', () => {
    const line = lineUnderTest()
    const asker = line.asker('a')
    line.asks(asker)
    line.socket.isRefused(401)
    line.actor.send({ type: 'close' })
    line.asks(asker)
    expect(asker.told.at(-1)).toEqual({ type: 'lane.refused', code: 'ERR_CLOSED' })
    expect(line.sockets).toHaveLength(1)
  })
})

describe('turns over HTTP', () => {
  const fallback = { afterAttempts: 2, coolDownMs: 300_000 }

  it('are for repeated failures to connect: a connection that was lost is none', async () => {
    const { line, first, socket } = openLine(['a'], {}, ONE_AT_A_TIME, { fallback })
    await line.clock.advance(60_000)
    line.releases(first)
    socket.isLost()
    await line.clock.advance(1_000)
    line.socket.isRefused(503)
    expect(line.name).toBe('single')
    await line.clock.advance(2_000)
    line.socket.isRefused(503)
    expect(line.name).toBe('degraded')
  })

  it('are for those who wait while the line moves, when the next connection cannot be had', async () => {
    const { line, askers, socket } = openLine(['a', 'b'], AGED, { inFlight: 16, names: 32 }, { fallback })
    const [a, b] = askers as [Asker, Asker]
    line.releases(b)
    await line.clock.advance(RIPE_MS)
    line.asks(b)
    line.socket.isRefused(426)
    expect(line.name).toBe('degraded')
    expect(b.grant).toMatchObject({ connectionKey: 'http', lane: null })
    // The turn of a ends where it began.
    expect(socket.live).toBe(true)
    expect(socket.commands).toEqual([])
    line.releases(a)
    expect(socket.commands).toMatchObject([{ type: 'close' }])
  })

  it('leave no retired connection behind that would dial again', async () => {
    const { line, socket } = openLine(['a'], AGED, { inFlight: 16, names: 32 }, { fallback })
    await line.clock.advance(RIPE_MS)
    line.socket.isRefused(426)
    socket.isLost()
    await line.clock.advance(10_000)
    expect(line.sockets).toHaveLength(2)
    expect(line.live).toEqual([])
  })
})
