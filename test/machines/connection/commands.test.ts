import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/protocol/secret.ts'
import { chartUnderTest } from './harness.ts'

describe('connect', () => {
  it('twice dials once', () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.actor.send({ type: 'connect' })
    expect(chart.sockets).toHaveLength(1)
  })

  it('while open changes nothing', () => {
    const chart = chartUnderTest()
    chart.open()
    chart.actor.send({ type: 'connect' })
    expect(chart.sockets).toHaveLength(1)
    expect(chart.name).toBe('open')
  })

  it('while reconnecting joins the wait under way', async () => {
    const chart = chartUnderTest()
    chart.open().isLost()
    await chart.clock.advance(500)
    chart.actor.send({ type: 'connect' })
    expect(chart.sockets).toHaveLength(1)
    await chart.clock.advance(500)
    expect(chart.sockets).toHaveLength(2)
  })

  it('with a key while reconnecting serves the next attempt', async () => {
    const chart = chartUnderTest()
    chart.open().isLost()
    chart.actor.send({ type: 'connect', apiKey: new Secret('sk-new') })
    await chart.clock.advance(1_000)
    const { credential } = Secret.reveal(chart.socket.input.transport)
    expect(Secret.is(credential) && Secret.reveal(credential)).toBe('sk-new')
  })

  it('with a provider makes renewal possible', () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect', apiKey: () => new Secret('sk-new') })
    chart.socket.isRefused(401)
    expect(chart.name).toBe('reconnecting')
  })

  it('starts over from closed, with the wait that the last attempt owes', async () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.socket.isRefused(403)
    expect(chart.name).toBe('closed')
    chart.actor.send({ type: 'connect' })
    expect(chart.context.retry).toEqual({ attempt: 1, delayMs: 1_000, floorMs: 100 })
    await chart.clock.advance(1_000)
    chart.socket.opens()
    expect(chart.name).toBe('open')
    expect(chart.context.closedBecause).toBeNull()
  })
})

describe('close', () => {
  it('shakes hands, and settles when the peer answers', () => {
    const chart = chartUnderTest()
    const socket = chart.open()
    chart.actor.send({ type: 'close', code: 4000, reason: 'done' })
    expect(chart.state).toEqual({ closed: 'handshake' })
    expect(socket.commands).toEqual([{ type: 'close', code: 4000, reason: 'done' }])
    expect(chart.emitted('connection.closed')).toEqual([])
    socket.isLost({ phase: 'closing', code: 4000, reason: 'done' })
    expect(chart.state).toEqual({ closed: 'settled' })
    expect(chart.context).toMatchObject({
      closedBecause: 'requested',
      lastCloseInfo: { code: 4000, reason: 'done', retryable: false, error: null },
    })
    expect(chart.emitted('connection.closed')).toHaveLength(1)
    expect(chart.emitted('connection.lost')).toEqual([])
  })

  it('with no code is 1000', () => {
    const chart = chartUnderTest()
    const socket = chart.open()
    chart.actor.send({ type: 'close' })
    expect(socket.commands).toEqual([{ type: 'close', code: 1000, reason: '' }])
  })

  it('settles by its own timeout when the peer never answers', async () => {
    const chart = chartUnderTest({ closeTimeoutMs: 2_000 })
    chart.open()
    chart.actor.send({ type: 'close' })
    await chart.clock.advance(1_999)
    expect(chart.live).toBe(1)
    await chart.clock.advance(1)
    expect(chart.state).toEqual({ closed: 'settled' })
    expect(chart.live).toBe(0)
    expect(chart.clock.pending()).toEqual([])
    expect(chart.context.lastCloseInfo).toMatchObject({ code: 1006, phase: 'closing' })
  })

  it('twice is once', () => {
    const chart = chartUnderTest()
    const socket = chart.open()
    chart.actor.send({ type: 'close' })
    chart.actor.send({ type: 'close' })
    socket.isLost({ phase: 'closing', code: 1000 })
    chart.actor.send({ type: 'close' })
    expect(socket.commands).toHaveLength(1)
    expect(chart.emitted('connection.closed')).toHaveLength(1)
  })

  it('while connecting hangs up at once', () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.actor.send({ type: 'close' })
    expect(chart.state).toEqual({ closed: 'settled' })
    expect(chart.live).toBe(0)
    expect(chart.clock.pending()).toEqual([])
    expect(chart.context.closedBecause).toBe('requested')
  })

  it('while waiting for a retry leaves no timer', async () => {
    const chart = chartUnderTest()
    chart.open().isLost({ code: 1012 })
    chart.actor.send({ type: 'close' })
    expect(chart.state).toEqual({ closed: 'settled' })
    expect(chart.clock.pending()).toEqual([])
    expect(chart.context.lastCloseInfo).toMatchObject({ code: 1012 })
    await chart.clock.advance(100_000)
    expect(chart.sockets).toHaveLength(1)
  })

  it('while redialing hangs up at once', async () => {
    const chart = chartUnderTest()
    chart.open().isLost()
    await chart.clock.advance(1_000)
    chart.actor.send({ type: 'close' })
    expect(chart.state).toEqual({ closed: 'settled' })
    expect(chart.live).toBe(0)
  })

  it('in idle is closed without a socket', () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'close' })
    expect(chart.state).toEqual({ closed: 'settled' })
    expect(chart.sockets).toEqual([])
  })

  it('remembers a connect sent during the handshake', async () => {
    const chart = chartUnderTest()
    const socket = chart.open()
    chart.actor.send({ type: 'close' })
    chart.actor.send({ type: 'connect' })
    expect(chart.state).toEqual({ closed: 'handshake' })
    socket.isLost({ phase: 'closing', code: 1000 })
    // It was not up for long enough to owe nothing.
    expect(chart.name).toBe('reconnecting')
    expect(chart.emitted('connection.lost')).toMatchObject([{ closeInfo: { code: 1000, error: null } }])
    await chart.clock.advance(100)
    expect(chart.live).toBe(1)
    expect(chart.context.closedBecause).toBeNull()
  })

  it('remembers it through the close timeout, which is not started again', async () => {
    const chart = chartUnderTest({ closeTimeoutMs: 2_000 })
    const socket = chart.open()
    chart.actor.send({ type: 'close' })
    await chart.clock.advance(1_500)
    chart.actor.send({ type: 'connect' })
    await chart.clock.advance(500)
    expect(chart.name).toBe('reconnecting')
    await chart.clock.advance(100)
    expect(socket.live).toBe(false)
    expect(chart.live).toBe(1)
  })

  it('takes a remembered connect back', () => {
    const chart = chartUnderTest()
    const socket = chart.open()
    chart.actor.send({ type: 'close' })
    chart.actor.send({ type: 'connect' })
    chart.actor.send({ type: 'close' })
    socket.isLost({ phase: 'closing', code: 1000 })
    expect(chart.state).toEqual({ closed: 'settled' })
  })
})

describe('send', () => {
  const event = { type: 'response.create', model: 'm', input: 'hi' } as const

  it('while open goes to the socket', () => {
    const chart = chartUnderTest()
    const socket = chart.open()
    chart.actor.send({ type: 'send', event })
    expect(socket.commands).toEqual([{ type: 'send', event }])
  })

  it.each(['idle', 'connecting', 'reconnecting', 'closed'] as const)('in %s is refused aloud', (name) => {
    const chart = chartUnderTest()
    if (name !== 'idle') chart.actor.send({ type: 'connect' })
    if (name === 'reconnecting') chart.socket.isLost()
    if (name === 'closed') chart.actor.send({ type: 'close' })
    chart.actor.send({ type: 'send', event })
    expect(chart.emitted('send.refused')).toEqual([
      {
        type: 'send.refused',
        code: 'ERR_NOT_OPEN',
        eventType: 'response.create',
        message: expect.stringContaining('was not sent'),
      },
    ])
    expect(chart.sockets.flatMap((socket) => socket.commands)).toEqual([])
  })
})

describe('stop', () => {
  it.each(['connecting', 'open', 'reconnecting', 'handshake'] as const)('in %s leaves nothing', (name) => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    if (name !== 'connecting') chart.socket.opens()
    if (name === 'reconnecting') chart.socket.isLost()
    if (name === 'handshake') chart.actor.send({ type: 'close' })
    chart.actor.stop()
    expect(chart.live).toBe(0)
    expect(chart.clock.pending()).toEqual([])
  })
})

describe('restored from a snapshot during the close handshake', () => {
  it('stays closed, as it was asked to', () => {
    const chart = chartUnderTest()
    chart.open()
    chart.actor.send({ type: 'close' })
    sendRestored(chart.actor)
    expect(chart.state).toEqual({ closed: 'settled' })
    expect(chart.context.closedBecause).toBe('requested')
    expect(chart.sockets).toHaveLength(1)
  })

  it('dials where connect was remembered, and is closed for no reason any more', () => {
    const chart = chartUnderTest()
    chart.open()
    chart.actor.send({ type: 'close' })
    chart.actor.send({ type: 'connect' })
    sendRestored(chart.actor)
    expect(chart.name).toBe('reconnecting')
    expect(chart.context.closedBecause).toBeNull()
  })
})

function sendRestored(actor: ReturnType<typeof chartUnderTest>['actor']): void {
  actor.send({ type: 'connection.restored' } as Parameters<typeof actor.send>[0])
}
