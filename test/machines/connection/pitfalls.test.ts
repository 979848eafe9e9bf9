import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type AnyActorRef, createActor, fromCallback } from 'xstate'
import { describe, expect, it, vi } from 'vitest'
import {
  type ConnectionInput,
  type SocketCommand,
  type SocketFact,
  type SocketInput,
  connectionChart,
} from '../../../machines/index.ts'
import { Secret } from '../../../src/protocol/secret.ts'
import { SimulatedClock } from '../../../src/testing/clock.ts'
import { LOSS, chartUnderTest } from './harness.ts'

// What XState does that a chart of connections must be built around. Each test is named for the trap.

type SocketSetup = Parameters<typeof fromCallback<SocketCommand, SocketInput>>[0]

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** The chart with one kind of socket, on a simulated clock. */
function chartWith(setUp: SocketSetup, input: ConnectionInput = {}) {
  const clock = new SimulatedClock({ settle: async () => {} })
  const machine = connectionChart.provide({ actors: { socket: fromCallback(setUp) } })
  const actor = createActor(machine, { clock, input: { apiKey: new Secret('k'), jitter: 'none', ...input } })
  return { actor, clock, context: () => actor.getSnapshot().context }
}

function fail(): never {
  throw new Error('a bug in the socket')
}

describe('a socket actor that throws', () => {
  it('when it starts: is one lost attempt, and the chart lives', async () => {
    const { actor, clock, context } = chartWith(fail, { maxRetries: 1 })
    actor.start()
    actor.send({ type: 'connect' })
    expect(actor.getSnapshot().matches('reconnecting')).toBe(true)
    expect(context().lastCloseInfo).toMatchObject({ error: 'ERR_CHART_FAILED', phase: 'dial' })
    await clock.advance(1_000)
    expect(context().closedBecause).toBe('ERR_RETRIES_EXHAUSTED')
    expect(actor.getSnapshot().status).toBe('active')
    expect(clock.pending()).toEqual([])
  })

  it('when it is told something: is a lost line', async () => {
    const { actor, clock, context } = chartWith(({ input, sendBack, receive }) => {
      receive(fail)
      sendBack({ type: 'socket.opened', connectionId: input.connectionId } satisfies SocketFact)
    })
    actor.start()
    actor.send({ type: 'connect' })
    expect(actor.getSnapshot().matches('open')).toBe(true)
    await clock.advance(20_000)
    expect(actor.getSnapshot().matches('reconnecting')).toBe(true)
    expect(context().lastCloseInfo).toMatchObject({ error: 'ERR_CHART_FAILED', phase: 'open' })
  })

  it('when it is told to close: is closed, without waiting for the timeout', () => {
    const { actor, clock } = chartWith(({ input, sendBack, receive }) => {
      receive(fail)
      sendBack({ type: 'socket.opened', connectionId: input.connectionId } satisfies SocketFact)
    })
    actor.start()
    actor.send({ type: 'connect' })
    actor.send({ type: 'close' })
    expect(actor.getSnapshot().value).toEqual({ closed: 'settled' })
    expect(clock.pending()).toEqual([])
  })
})

describe('a fact from a socket that is being cleaned up', () => {
  it.each(['close', 'connectTimeout', 'stop'] as const)('is dropped: %s', async (ending) => {
    let cleanups = 0
    const { actor, clock, context } = chartWith(({ input: { connectionId }, sendBack }) => () => {
      cleanups += 1
      sendBack({ type: 'socket.opened', connectionId } satisfies SocketFact)
      sendBack({ type: 'socket.lost', connectionId, loss: { ...LOSS, code: 4000 } } satisfies SocketFact)
    })
    actor.start()
    actor.send({ type: 'connect' })
    if (ending === 'close') actor.send({ type: 'close' })
    if (ending === 'connectTimeout') await clock.advance(15_000)
    if (ending === 'stop') actor.stop()
    expect(cleanups).toBe(1)
    expect(context().lastCloseInfo?.code).not.toBe(4000)
    const name = { close: 'closed', connectTimeout: 'reconnecting', stop: 'connecting' } as const
    expect(actor.getSnapshot().matches(name[ending])).toBe(true)
  })
})

describe('a snapshot of the bare chart', () => {
  it('taken in open redials: the socket of a restored actor opens a line that has lost its clocks', async () => {
    const first = chartUnderTest()
    first.open()
    const snapshot = first.actor.getPersistedSnapshot()
    first.actor.stop()

    const clock = new SimulatedClock({ settle: async () => {} })
    const opened: number[] = []
    const machine = connectionChart.provide({
      actors: {
        socket: fromCallback<SocketCommand, SocketInput>(({ input: { connectionId }, sendBack }) => {
          opened.push(connectionId)
          sendBack({ type: 'socket.opened', connectionId } satisfies SocketFact)
        }),
      },
    })
    const second = createActor(machine, { snapshot, clock, input: {} }).start()
    expect(second.getSnapshot().matches('reconnecting')).toBe(true)
    expect(second.getSnapshot().context.lastCloseInfo?.reason).toContain('restored from a snapshot')
    await clock.advance(1_000)
    expect(second.getSnapshot().matches('open')).toBe(true)
    expect(opened).toEqual([1, 2])
    // Ping, stability and age run again.
    expect(clock.pending()).toHaveLength(3)
    second.stop()
  })
})

describe('subscribers', () => {
  it('are called for every event, changed or not; select() only for what changed', () => {
    const chart = chartUnderTest()
    chart.open()
    let snapshots = 0
    const attempts: number[] = []
    chart.actor.subscribe(() => (snapshots += 1))
    chart.actor
      .select(({ context }) => context.retry.attempt)
      .subscribe((attempt: number) => attempts.push(attempt))
    for (let i = 0; i < 10; i += 1) chart.socket.hears()
    expect(snapshots).toBe(10)
    chart.socket.isLost()
    expect(attempts.filter((attempt) => attempt !== 0)).toEqual([1])
  })
})

describe('a stopped actor', () => {
  it('takes an event that cannot be written as JSON without throwing', () => {
    // XState's development build warns of every event to a stopped actor.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const chart = chartUnderTest()
    chart.actor.stop()
    const cycle: Record<string, unknown> = { type: 'response.create', model: 'm', input: [] }
    cycle['self'] = cycle
    const send = (event: object) => () => chart.actor.send({ type: 'send', event: event as never })
    expect(send(cycle)).not.toThrow()
    expect(send({ type: 'response.create', input: 1n })).not.toThrow()
    expect(warn).toHaveBeenCalledTimes(2)
    warn.mockRestore()
  })

  it('is not kept by the chart: of a hundred sockets one is in memory', async () => {
    const seen: WeakRef<AnyActorRef>[] = []
    const { actor, clock } = chartWith(
      ({ self, input: { connectionId }, sendBack }) => {
        seen.push(new WeakRef(self))
        const settled = { lane: null, responseId: 'resp_1', outcome: 'completed', stored: false } as const
        sendBack({ type: 'socket.opened', connectionId } satisfies SocketFact)
        sendBack({ type: 'server.settled', connectionId, ...settled } satisfies SocketFact)
        sendBack({ type: 'socket.lost', connectionId, loss: LOSS } satisfies SocketFact)
      },
      { backoffDelaysMs: [1], maxRetries: 1 },
    )
    actor.start()
    actor.send({ type: 'connect' })
    while (seen.length < 100) await clock.advance(1)
    // Weak references are kept alive until the turn that looked at them is over.
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    const kept = seen.filter((ref) => ref.deref() !== undefined)
    expect(kept.length).toBeLessThanOrEqual(2)
    expect(Object.keys(actor.getSnapshot().children).length).toBeLessThanOrEqual(1)
    actor.stop()
  })
})

describe('names of events', () => {
  it('are never the server’s: XState keeps every name it has seen for ever', () => {
    const chart = chartUnderTest()
    const own = new Set(connectionChart.root.events)
    for (const node of Object.values(connectionChart.root.states))
      node.events.forEach((name) => own.add(name))
    const facts = [...own].filter((name) => /^(socket|server)\./.test(name))
    expect(facts.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'server.errored',
      'server.settled',
      'socket.heard',
      'socket.lost',
      'socket.opened',
      'socket.refused',
    ])
    expect([...own].filter((name) => name.includes('*'))).toEqual([])
    chart.actor.stop()
  })
})
