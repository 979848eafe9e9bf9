import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/protocol/secret.ts'
import { chartUnderTest } from './harness.ts'

const provider = () => new Secret('sk-fresh')

describe('a first attempt', () => {
  it('goes idle → connecting → open', () => {
    const chart = chartUnderTest()
    expect(chart.name).toBe('idle')
    chart.actor.send({ type: 'connect' })
    expect(chart.name).toBe('connecting')
    chart.socket.opens()
    expect(chart.name).toBe('open')
    expect(chart.emitted('connection.opened')).toEqual([{ type: 'connection.opened', connectionId: 1 }])
  })

  it('that fails goes to reconnecting, and waits the first delay of the table', async () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.socket.isLost({ phase: 'dial', errno: 'ECONNREFUSED', error: 'ERR_DIAL_FAILED', heard: false })
    expect(chart.name).toBe('reconnecting')
    expect(chart.live).toBe(0)
    expect(chart.context.retry).toEqual({ attempt: 1, delayMs: 1_000, floorMs: 100 })
    expect(chart.context.lastCloseInfo).toMatchObject({ code: 1006, errno: 'ECONNREFUSED', retryable: true })
    await chart.clock.advance(999)
    expect(chart.sockets).toHaveLength(1)
    await chart.clock.advance(1)
    expect(chart.sockets).toHaveLength(2)
    expect(chart.state).toEqual({ reconnecting: 'dialing' })
  })

  it('that hears nothing ends with the connect timeout', async () => {
    const chart = chartUnderTest({ connectTimeoutMs: 3_000 })
    chart.actor.send({ type: 'connect' })
    await chart.clock.advance(3_000)
    expect(chart.name).toBe('reconnecting')
    expect(chart.live).toBe(0)
    expect(chart.context.lastCloseInfo).toMatchObject({ error: 'ERR_CONNECT_TIMEOUT', phase: 'dial' })
  })
})

describe('the retry budget', () => {
  it('allows maxRetries attempts after the first, by the table, and then closes', async () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    const waits: number[] = []
    while (chart.name !== 'closed') {
      chart.socket.isLost({ phase: 'dial', error: 'ERR_DIAL_FAILED' })
      waits.push(chart.context.retry.delayMs)
      await chart.clock.advance(chart.context.retry.delayMs)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 16_000])
    expect(chart.sockets).toHaveLength(6)
    expect(chart.context.closedBecause).toBe('ERR_RETRIES_EXHAUSTED')
    expect(chart.clock.pending()).toEqual([])
    expect(chart.emitted('connection.closed')).toHaveLength(1)
    expect(chart.emitted('connection.lost')).toHaveLength(6)
  })

  it('does not come back on open: a server that closes at once is given up', async () => {
    const chart = chartUnderTest({ maxRetries: 3 })
    chart.actor.send({ type: 'connect' })
    for (let round = 0; round < 20 && chart.name !== 'closed'; round += 1) {
      chart.socket.opens()
      chart.socket.isLost({ code: 1011 })
      await chart.clock.advance(16_000)
    }
    expect(chart.sockets).toHaveLength(4)
    expect(chart.context.closedBecause).toBe('ERR_RETRIES_EXHAUSTED')
  })

  it('comes back after a completed response', async () => {
    const chart = chartUnderTest({ maxRetries: 2 })
    chart.open()
    for (let round = 0; round < 10; round += 1) {
      chart.socket.settles('completed')
      expect(chart.context.retry.attempt).toBe(0)
      chart.socket.isLost({ code: 1006 })
      await chart.clock.advance(1_000)
      chart.socket.opens()
    }
    expect(chart.name).toBe('open')
  })

  it.each(['incomplete', 'failed'] as const)('does not come back after one that is %s', async (outcome) => {
    const chart = chartUnderTest({ maxRetries: 1 })
    chart.open()
    chart.socket.isLost()
    await chart.clock.advance(1_000)
    chart.socket.opens()
    chart.socket.settles(outcome)
    chart.socket.isLost()
    expect(chart.name).toBe('closed')
  })

  it('comes back after stable uptime', async () => {
    const chart = chartUnderTest({ maxRetries: 1, stableAfterMs: 10_000, pingIntervalMs: false })
    chart.open()
    chart.socket.isLost()
    await chart.clock.advance(1_000)
    chart.socket.opens()
    await chart.clock.advance(9_999)
    expect(chart.context.retry.attempt).toBe(1)
    await chart.clock.advance(1)
    expect(chart.context.retry.attempt).toBe(0)
    expect(chart.state).toMatchObject({ open: { health: 'stable' } })
  })

  it('of nothing means one attempt', () => {
    const chart = chartUnderTest({ maxRetries: 0 })
    chart.actor.send({ type: 'connect' })
    chart.socket.isLost({ phase: 'dial' })
    expect(chart.context.closedBecause).toBe('ERR_RETRIES_EXHAUSTED')
  })

  it('is not whole again for a new connect: each gets one more attempt, after the wait that comes next', async () => {
    const chart = chartUnderTest({ maxRetries: 2 })
    for (let asked = 0; asked < 8; asked += 1) {
      chart.actor.send({ type: 'connect' })
      while (chart.name !== 'closed') {
        await chart.clock.advance(chart.context.retry.delayMs)
        chart.socket.isLost({ phase: 'dial', error: 'ERR_DIAL_FAILED' })
      }
    }
    const dialed = chart.sockets.map(({ dialedAt }) => dialedAt)
    expect(dialed.slice(1).map((at, index) => at - (dialed[index] ?? 0))).toEqual([
      1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000,
    ])
  })

  it('is whole again after proof of health, whatever was given up before', async () => {
    const chart = chartUnderTest({ maxRetries: 0 })
    chart.actor.send({ type: 'connect' })
    chart.socket.isLost({ phase: 'dial' })
    chart.actor.send({ type: 'connect' })
    await chart.clock.advance(1_000)
    chart.socket.opens()
    chart.socket.settles('completed')
    chart.socket.isLost({ code: 1000 })
    chart.actor.send({ type: 'connect' })
    expect(chart.name).toBe('connecting')
  })
})

describe('the floor between attempts', () => {
  it('holds where the table is lower', async () => {
    const chart = chartUnderTest({ backoffDelaysMs: [0], minRetryDelayMs: 500 })
    chart.actor.send({ type: 'connect' })
    chart.socket.isLost({ phase: 'dial' })
    await chart.clock.advance(499)
    expect(chart.sockets).toHaveLength(1)
    await chart.clock.advance(1)
    expect(chart.sockets).toHaveLength(2)
  })

  it('is not owed by the first redial after a stable line, and by the second', async () => {
    const chart = chartUnderTest({ backoffDelaysMs: [0], minRetryDelayMs: 500 })
    chart.open().settles('completed')
    chart.socket.isLost()
    expect(chart.context.retry).toEqual({ attempt: 1, delayMs: 0, floorMs: 0 })
    // In the same transition: a timer of 0 ms would take one.
    expect(chart.sockets).toHaveLength(2)
    chart.socket.isLost({ phase: 'dial' })
    expect(chart.context.retry).toMatchObject({ attempt: 2, delayMs: 500 })
  })

  it('is owed by the redial of a line that was open but never healthy', () => {
    const chart = chartUnderTest({ backoffDelaysMs: [0], minRetryDelayMs: 500 })
    chart.open().isLost()
    expect(chart.context.retry.delayMs).toBe(500)
  })

  it('and the budget hold for any run of losses, however often the wait is skipped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.nat(2_000)), { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(3_000), { minLength: 1, maxLength: 4 }),
        async (rounds, backoffDelaysMs) => {
          const chart = chartUnderTest({
            backoffDelaysMs,
            jitter: 'quarter',
            minRetryDelayMs: 250,
            maxRetries: 4,
          })
          chart.actor.send({ type: 'connect' })
          for (const [opens, skips, wait] of rounds) {
            const before = chart.sockets.length
            if (opens) chart.socket.opens()
            chart.socket.isLost({ code: 1012 })
            if (skips) chart.actor.send({ type: 'retry' })
            await chart.clock.advance(wait)
            if (skips) chart.actor.send({ type: 'retry' })
            await chart.clock.advance(chart.sockets.length === before ? chart.context.retry.delayMs : 0)
          }
          const gaps = chart.sockets
            .slice(1)
            .map((one, i) => one.dialedAt - (chart.sockets[i]?.dialedAt ?? 0))
          for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(250)
          expect(chart.name === 'closed' || rounds.length < 5).toBe(true)
          expect(chart.sockets.length).toBeLessThanOrEqual(5)
          expect(chart.live).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('the retry command', () => {
  it('skips the backoff once the floor has passed', async () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.socket.isLost({ phase: 'dial' })
    await chart.clock.advance(100)
    expect(chart.state).toEqual({ reconnecting: { waiting: 'inBackoff' } })
    chart.actor.send({ type: 'retry' })
    expect(chart.state).toEqual({ reconnecting: 'dialing' })
    await chart.clock.advance(60_000)
    expect(chart.sockets.length).toBeGreaterThan(1)
  })

  it('before the floor is remembered, and does not start it again', async () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.socket.isLost({ phase: 'dial' })
    await chart.clock.advance(60)
    chart.actor.send({ type: 'retry' })
    expect(chart.state).toEqual({ reconnecting: { waiting: 'hurried' } })
    await chart.clock.advance(39)
    expect(chart.sockets).toHaveLength(1)
    await chart.clock.advance(1)
    expect(chart.sockets).toHaveLength(2)
  })

  it.each(['idle', 'connecting', 'open', 'closed'] as const)('does nothing in %s', (name) => {
    const chart = chartUnderTest()
    if (name === 'connecting' || name === 'open') chart.actor.send({ type: 'connect' })
    if (name === 'open') chart.socket.opens()
    if (name === 'closed') chart.actor.send({ type: 'close' })
    const before = chart.state
    chart.actor.send({ type: 'retry' })
    expect(chart.state).toEqual(before)
  })
})

describe('a refused upgrade', () => {
  it('401 with a fixed key is final after one attempt', () => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.socket.isRefused(401)
    expect(chart.context).toMatchObject({
      closedBecause: 'ERR_UNAUTHORIZED',
      lastCloseInfo: { httpStatus: 401, code: 1006, retryable: false },
    })
    expect(chart.sockets).toHaveLength(1)
    expect(chart.clock.pending()).toEqual([])
  })

  it('401 with a provider asks for a new credential once', async () => {
    const chart = chartUnderTest({ apiKey: provider })
    chart.actor.send({ type: 'connect' })
    expect(chart.socket.input.renew).toBe(false)
    chart.socket.isRefused(401)
    expect(chart.context.retry).toEqual({ attempt: 1, delayMs: 100, floorMs: 100 })
    expect(chart.context.lastCloseInfo?.retryable).toBe(true)
    await chart.clock.advance(100)
    expect(chart.socket.input.renew).toBe(true)
    chart.socket.isRefused(401)
    expect(chart.context.closedBecause).toBe('ERR_UNAUTHORIZED')
    expect(chart.sockets).toHaveLength(2)
  })

  it('401 is not answered by a second renewal when another failure came between', async () => {
    const chart = chartUnderTest({ apiKey: provider })
    chart.actor.send({ type: 'connect' })
    chart.socket.isRefused(401)
    await chart.clock.advance(100)
    chart.socket.isRefused(503)
    await chart.clock.advance(2_000)
    chart.socket.isRefused(401)
    expect(chart.name).toBe('closed')
  })

  it('401 may be answered by another renewal after the line was open', async () => {
    const chart = chartUnderTest({ apiKey: provider })
    chart.actor.send({ type: 'connect' })
    chart.socket.isRefused(401)
    await chart.clock.advance(100)
    chart.socket.opens()
    chart.socket.settles('completed')
    chart.socket.isLost()
    await chart.clock.advance(1_000)
    chart.socket.isRefused(401)
    expect(chart.name).toBe('reconnecting')
  })

  it.each([
    [426, 'ERR_TRANSPORT_UNAVAILABLE'],
    [404, 'ERR_TRANSPORT_UNAVAILABLE'],
    [403, 'ERR_UPGRADE_REFUSED'],
    [302, 'ERR_UPGRADE_REFUSED'],
  ])('%i is final after one attempt', (status, because) => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.socket.isRefused(status)
    expect(chart.context.closedBecause).toBe(because)
    expect(chart.sockets).toHaveLength(1)
  })

  it.each([
    [30_000, 30_000],
    [10, 1_000],
    [3_600_000, 60_000],
  ])('503 with Retry-After %i ms waits %i ms', (retryAfterMs, delayMs) => {
    const chart = chartUnderTest()
    chart.actor.send({ type: 'connect' })
    chart.socket.isRefused(503, { retryAfterMs })
    expect(chart.context.retry.delayMs).toBe(delayMs)
    expect(chart.context.lastCloseInfo?.retryAfterMs).toBe(retryAfterMs)
  })
})
