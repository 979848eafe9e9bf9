import { describe, expect, it } from 'vitest'
import { chartUnderTest } from './harness.ts'

const AGE_LIMIT = 'websocket_connection_limit_reached'

describe('liveness', () => {
  const input = {
    pingIntervalMs: 20_000,
    pongTimeoutMs: 25_000,
    maxAgeMs: false,
    stableAfterMs: 1e9,
  } as const

  it('probes after the ping interval and is quiet again at the first sign of life', async () => {
    const chart = chartUnderTest(input)
    const socket = chart.open()
    await chart.clock.advance(19_999)
    expect(socket.commands).toEqual([])
    await chart.clock.advance(1)
    expect(socket.commands).toEqual([{ type: 'probe' }])
    socket.hears()
    expect(chart.state).toMatchObject({ open: { liveness: 'quiet' } })
    await chart.clock.advance(20_000)
    expect(socket.commands).toHaveLength(2)
  })

  it('does not restart the pong timeout while it waits', async () => {
    const chart = chartUnderTest(input)
    const socket = chart.open()
    await chart.clock.advance(44_000)
    expect(socket.commands).toHaveLength(1)
    expect(chart.state).toMatchObject({ open: { liveness: 'probing' } })
    await chart.clock.advance(1_000)
    expect(chart.state).toMatchObject({ open: { liveness: 'overdue' } })
  })

  it('gives a half-open line up: silence after the ping is an end', async () => {
    const chart = chartUnderTest(input)
    chart.open()
    await chart.clock.advance(45_100)
    expect(chart.name).toBe('reconnecting')
    expect(chart.live).toBe(0)
    expect(chart.context.lastCloseInfo).toMatchObject({
      error: 'ERR_HALF_OPEN',
      retryable: true,
      phase: 'open',
    })
  })

  it('still takes a pong that was read late, after a blocked event loop', async () => {
    const chart = chartUnderTest(input)
    const socket = chart.open()
    await chart.clock.advance(45_050)
    socket.hears()
    await chart.clock.advance(1_000)
    expect(chart.state).toMatchObject({ open: { liveness: 'quiet' } })
  })

  it('can be switched off', async () => {
    const chart = chartUnderTest({ ...input, pingIntervalMs: false })
    const socket = chart.open()
    // Past the longest delay a timer can hold, where the guard is what keeps it off.
    await chart.clock.advance(2 ** 31)
    expect(socket.commands).toEqual([])
    expect(chart.name).toBe('open')
  })
})

describe('age', () => {
  const quiet = { pingIntervalMs: false } as const

  it('is ripe a turn budget before the age limit, and says so once', async () => {
    const chart = chartUnderTest({ ...quiet, maxAgeMs: 3_600_000, turnBudgetMs: 300_000 })
    chart.open()
    await chart.clock.advance(3_299_999)
    expect(chart.state).toMatchObject({ open: { age: 'fresh' } })
    await chart.clock.advance(1)
    expect(chart.state).toMatchObject({ open: { age: 'ripe' } })
    expect(chart.emitted('connection.ripe')).toEqual([{ type: 'connection.ripe', connectionId: 1 }])
  })

  it.each([
    ['openai', undefined, 55 * 60_000],
    ['a provider that lives ten seconds', 10_000, 5_000],
  ])('has a default for %s', async (_, maxAgeMs, ripeAfterMs) => {
    const chart = chartUnderTest({ ...quiet, maxAgeMs })
    expect(chart.context.settings.ripeAfterMs).toBe(ripeAfterMs)
  })

  it('can be switched off', async () => {
    const chart = chartUnderTest({ ...quiet, maxAgeMs: false })
    chart.open()
    await chart.clock.advance(2 ** 31)
    expect(chart.state).toMatchObject({ open: { age: 'fresh' } })
  })

  it('redials after the server announced the limit, and takes no further send', async () => {
    const chart = chartUnderTest({ ...quiet, expiryGraceMs: 1_000 })
    const socket = chart.open()
    socket.errs(AGE_LIMIT)
    expect(chart.state).toMatchObject({ open: { age: 'expired' } })
    chart.actor.send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'hi' } })
    expect(socket.commands).toEqual([])
    expect(chart.emitted('send.refused')).toHaveLength(1)
    await chart.clock.advance(500)
    socket.errs(AGE_LIMIT)
    await chart.clock.advance(500)
    expect(chart.name).toBe('reconnecting')
    expect(chart.context.lastCloseInfo).toMatchObject({ error: 'ERR_AGE_LIMIT', retryable: true })
  })

  it('redials whatever code the server closes with after its announcement', () => {
    const chart = chartUnderTest(quiet)
    const socket = chart.open()
    socket.errs(AGE_LIMIT)
    socket.isLost({ code: 1000 })
    expect(chart.name).toBe('reconnecting')
  })

  it('shows the close code that the server chose, under the age limit as its error', () => {
    const chart = chartUnderTest(quiet)
    const socket = chart.open()
    socket.errs(AGE_LIMIT)
    socket.isLost({ code: 1001, reason: 'too old' })
    expect(chart.context.lastCloseInfo).toMatchObject({
      code: 1001,
      reason: 'too old',
      error: 'ERR_AGE_LIMIT',
    })
  })

  it('without an announcement, a server that closes with 1000 is done', () => {
    const chart = chartUnderTest(quiet)
    chart.open().isLost({ code: 1000 })
    expect(chart.context.closedBecause).toBe('ERR_CONNECTION_LOST')
  })
})

describe('previousResponseId', () => {
  it('is that of the last completed response', () => {
    const chart = chartUnderTest()
    const socket = chart.open()
    socket.settles('completed', { responseId: 'resp_1' })
    socket.settles('completed', { responseId: 'resp_2', lane: 'main' })
    expect(chart.context.previousResponseId).toBe('resp_2')
  })

  it.each([
    ['loss', false, null],
    ['loss', true, 'resp_1'],
    ['close', false, null],
    ['close', true, 'resp_1'],
  ] as const)('after a %s, stored %s, is %s', (how, stored, expected) => {
    const chart = chartUnderTest()
    const socket = chart.open()
    socket.settles('completed', { responseId: 'resp_1', stored })
    if (how === 'loss') socket.isLost({ code: 1012 })
    else chart.actor.send({ type: 'close' })
    expect(chart.context.previousResponseId).toBe(expected)
  })

  it.each([
    ['an error on the same lane', 'main', 'rate_limit_exceeded', false, null],
    ['an error on another lane', 'critic', 'rate_limit_exceeded', false, 'resp_1'],
    ['an error on the same lane, stored', 'main', 'rate_limit_exceeded', true, 'resp_1'],
    ['previous_response_not_found, stored', 'main', 'previous_response_not_found', true, null],
  ] as const)('after %s', (_, lane, code, stored, expected) => {
    const chart = chartUnderTest()
    const socket = chart.open()
    socket.settles('completed', { responseId: 'resp_1', lane: 'main', stored })
    socket.errs(code, { lane })
    expect(chart.context.previousResponseId).toBe(expected)
  })

  it.each([
    ['failed', null],
    ['incomplete', 'resp_1'],
  ] as const)('after a response that is %s is %s', (outcome, expected) => {
    const chart = chartUnderTest()
    const socket = chart.open()
    socket.settles('completed', { responseId: 'resp_1' })
    socket.settles(outcome, { responseId: 'resp_2' })
    expect(chart.context.previousResponseId).toBe(expected)
  })
})

describe('facts of another socket', () => {
  it('change nothing: at most one socket is alive, and only its facts count', async () => {
    const chart = chartUnderTest({ pingIntervalMs: false })
    const first = chart.open()
    first.settles('completed', { responseId: 'resp_old' })
    first.isLost()
    await chart.clock.advance(1_000)
    const second = chart.socket
    const dialing = chart.state
    first.opens()
    first.isLost({ code: 1000 })
    first.isRefused(401)
    expect(chart.state).toEqual(dialing)
    second.opens()
    const open = chart.state
    first.settles('completed', { responseId: 'resp_old' })
    first.errs(AGE_LIMIT)
    first.isLost({ code: 1000 })
    first.hears()
    expect(chart.state).toEqual(open)
    expect(chart.context.previousResponseId).toBeNull()
    expect(chart.live).toBe(1)
  })

  it('are dropped in closed as well', () => {
    const chart = chartUnderTest()
    const socket = chart.open()
    chart.actor.send({ type: 'close' })
    socket.isLost({ phase: 'closing' })
    const before = chart.actor.getSnapshot()
    socket.opens()
    socket.isLost()
    expect(chart.actor.getSnapshot().value).toEqual(before.value)
    expect(chart.context).toEqual(before.context)
  })
})
