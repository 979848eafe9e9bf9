import { describe, expect, it } from 'vitest'
import { created, cut, dispatched, ended, errored, output } from '../turn/harness.ts'
import { conversationUnderTest } from './harness.ts'

type Under = ReturnType<typeof conversationUnderTest>

/** Runs a turn to its end: two more items of history. */
function completes(one: Under, length = 1, connectionKey = 'connection-1.1'): void {
  one.responds(length)
  one.isGranted(connectionKey)
  one.tell(dispatched, created, output, ended('completed'))
}

function afterOneTurn(input?: Parameters<typeof conversationUnderTest>[0], length = 1): Under {
  const one = conversationUnderTest(input)
  completes(one, length)
  return one
}

describe('a turn', () => {
  it('gets a lane, is planned, and gives the lane back', () => {
    const one = conversationUnderTest({ wantedLane: 'mine' })
    expect(one.state).toBe('idle')
    one.responds()
    expect(one.asked).toMatchObject([{ type: 'lane.request', conversationId: 'one', wanted: 'mine' }])
    one.isGranted('connection-1.1', 'mine')
    expect(one.of('turn.planned')).toEqual([
      {
        type: 'turn.planned',
        turnId: 'turn-1',
        connectionKey: 'connection-1.1',
        lane: 'mine',
        plan: { kind: 'full', reason: 'no-chain', from: 0 },
      },
    ])
    one.tell(dispatched, created, output, ended('completed'))
    expect(one.state).toBe('idle')
    expect(one.of('turn.settled')).toHaveLength(1)
    expect(one.asked.at(-1)).toEqual({
      type: 'lane.release',
      connectionKey: 'connection-1.1',
      lane: 'mine',
      tail: false,
    })
    expect(one.clock.pending()).toEqual([])
  })

  it('continues the last one with what is new', () => {
    const one = afterOneTurn()
    one.responds(3)
    one.isGranted()
    expect(one.plan).toEqual({ kind: 'delta', previousResponseId: 'resp_1', from: 2 })
  })

  it.each([
    ['other-connection', 'connection-1.2', 0, 's'],
    ['other-lane', 'connection-1.1', 1, 's'],
    ['other-model', 'connection-1.1', 0, 'other'],
  ] as const)('is sent whole: %s', (reason, connectionKey, serial, model) => {
    const one = afterOneTurn()
    one.responds(3, model)
    one.isGranted(connectionKey, null, serial)
    expect(one.plan).toEqual({ kind: 'full', reason, from: 0 })
  })

  it.each([
    ['incomplete', [created, ended('incomplete')]],
    ['failed', [created, ended('failed')]],
    ['lost', [created, cut]],
    ['refused', [errored('invalid_prompt')]],
    ['cancelled', [created, { type: 'cancel' }]],
  ] as const)('that was %s leaves no chain', (outcome, events) => {
    const one = afterOneTurn()
    one.responds(3)
    one.isGranted()
    one.tell(dispatched, ...events)
    expect(one.result).toMatchObject({ outcome })
    expect(one.chain).toBeNull()
  })

  it('that never left changes nothing', () => {
    const one = afterOneTurn()
    const { chain } = one
    one.responds(3)
    one.actor.send({ type: 'cancel' })
    expect(one.result).toMatchObject({ outcome: 'cancelled', progress: 'queued', resendIsSafe: true })
    expect(one.chain).toEqual(chain)
  })

  it('given up leaves a lane that still carries its answer', () => {
    const one = conversationUnderTest()
    one.responds()
    one.isGranted()
    one.tell(dispatched, created, { type: 'cancel' })
    expect(one.asked.at(-1)).toMatchObject({ type: 'lane.release', tail: true })
  })
})

describe('lanes', () => {
  it('that come when the turn is over go back', () => {
    const one = conversationUnderTest()
    one.responds()
    one.actor.send({ type: 'cancel' })
    expect(one.requests).toEqual(['lane.request', 'lane.withdraw'])
    one.isGranted('connection-1.1', 'x')
    expect(one.asked.at(-1)).toEqual({
      type: 'lane.release',
      connectionKey: 'connection-1.1',
      lane: 'x',
      tail: false,
    })
    expect(one.of('turn.planned')).toEqual([])
  })

  it('of which a second comes: it goes back, and the turn keeps the first', () => {
    const one = conversationUnderTest()
    one.responds()
    one.isGranted('connection-1.1', 'first')
    one.isGranted('connection-1.1', 'second')
    expect(one.asked.at(-1)).toMatchObject({ type: 'lane.release', lane: 'second' })
    expect(one.of('turn.planned')).toHaveLength(1)
    one.tell(dispatched, created, ended('completed'))
    expect(one.asked.at(-1)).toMatchObject({ type: 'lane.release', lane: 'first' })
  })

  it('that cannot be had refuse the turn, which never left', () => {
    const one = conversationUnderTest()
    one.responds()
    one.actor.send({ type: 'lane.refused', code: 'ERR_UNAUTHORIZED' })
    expect(one.result).toMatchObject({
      outcome: 'unsent',
      progress: 'queued',
      error: 'ERR_UNAUTHORIZED',
      resendIsSafe: true,
    })
    expect(one.state).toBe('idle')
  })

  it('whose socket is gone before the frame left are asked for again', () => {
    const one = conversationUnderTest()
    one.responds()
    one.isGranted()
    one.actor.send({ type: 'lane.unusable' })
    expect(one.requests).toEqual(['lane.request', 'lane.unusable', 'lane.request'])
    expect(one.of('turn.resent')).toEqual([])
    one.isGranted('connection-1.2')
    expect(one.of('turn.planned')).toHaveLength(2)
  })
})

/** What the line is asked, and how the turn is planned, when it is sent again. */
function resent(
  code: string,
  status = 400,
  chain: Partial<Parameters<typeof conversationUnderTest>[0]> = {},
) {
  const one = afterOneTurn(chain)
  one.responds(3)
  one.isGranted('connection-1.1', null)
  one.asked.length = 0
  one.tell(dispatched, errored(code, status))
  return one
}

describe('a refused turn', () => {
  it('asks once for a fresh connection, however often it cannot be handed over there', () => {
    const one = resent('websocket_connection_limit_reached')
    one.isGranted('connection-2.1')
    one.asked.length = 0
    one.actor.send({ type: 'lane.unusable' })
    expect(one.requests).toEqual(['lane.unusable', 'lane.request'])
    expect(one.of('turn.resent')).toHaveLength(1)
    one.isGranted('connection-2.2')
    expect(one.plan).toEqual({ kind: 'full', reason: 'replay', from: 0 })
  })

  it('is sent again on the same socket, whole', () => {
    const one = resent('previous_response_not_found')
    expect(one.requests).toEqual(['lane.release', 'lane.request'])
    one.isGranted()
    expect(one.plan).toMatchObject({ kind: 'full' })
    expect(one.of('turn.resent')).toMatchObject([{ turnId: 'turn-2', reason: 'replay' }])
  })

  it.each(['websocket_connection_limit_reached', 'invalid_api_key'])(
    'asks for another socket: %s',
    (code) => {
      const one = resent(code)
      expect(one.asked).toMatchObject([
        { type: 'line.renew', connectionKey: 'connection-1.1' },
        { type: 'lane.release' },
        { type: 'lane.request' },
      ])
    },
  )

  it('says that the server knows no further lane', () => {
    const one = resent('websocket_stream_limit_reached')
    expect(one.asked).toMatchObject([
      { type: 'lane.exhausted', connectionKey: 'connection-1.1', lane: null },
      { type: 'lane.request' },
    ])
  })

  it('waits first, and has no lane meanwhile', async () => {
    const one = resent('rate_limit_exceeded', 429)
    expect(one.requests).toEqual(['lane.release'])
    expect(one.state).toEqual({ busy: 'resting' })
    one.isGranted('connection-1.1', 'late')
    expect(one.asked.at(-1)).toMatchObject({ type: 'lane.release', lane: 'late' })
    await one.clock.advance(1_000)
    expect(one.requests.slice(2)).toEqual(['lane.request'])
    one.isGranted()
    // The server forgets what a refused request continued from.
    expect(one.plan).toMatchObject({ kind: 'full' })
  })

  it('gives up where the policy says so', () => {
    const one = resent('previous_response_not_found', 400, { policy: 'never' })
    expect(one.result).toMatchObject({ outcome: 'refused', remedy: 'replay', resendIsSafe: true })
    expect(one.requests).toEqual(['lane.release'])
  })

  it('continues what was stored', async () => {
    const stored = {
      responseId: 'resp_0',
      connectionKey: '',
      lane: null,
      laneSerial: 0,
      stored: true,
      isForked: false,
      length: 2,
      model: 's',
    }
    const one = conversationUnderTest({ chain: stored })
    one.responds(3)
    one.isGranted()
    one.tell(dispatched, errored('server_is_overloaded', 503))
    await one.clock.advance(1_000)
    one.isGranted('connection-1.2')
    expect(one.plan).toEqual({ kind: 'delta', previousResponseId: 'resp_0', from: 2 })
  })
})

it('a refused turn is sent whole when steers were to go in before it, though what it continued is stored', () => {
  const stored = { responseId: 'resp_0', connectionKey: 'connection-1.1', lane: null, laneSerial: 0 }
  const chain = { ...stored, stored: true, isForked: false, length: 2, model: 's' }
  const one = conversationUnderTest({ chain })
  one.responds(4, 's', 1)
  one.isGranted()
  expect(one.plan).toMatchObject({ kind: 'delta', from: 3 })
  one.tell(dispatched, errored('websocket_stream_limit_reached'))
  one.isGranted()
  expect(one.plan).toEqual({ kind: 'full', reason: 'replay', from: 0 })
})

describe('when the line has moved', () => {
  const moved = { type: 'line.moved', connectionKey: 'connection-2.1' } as const

  it('a chain that only the old socket knows is worth priming', () => {
    const one = afterOneTurn()
    one.actor.send(moved)
    expect(one.of('conversation.moved')).toEqual([
      { type: 'conversation.moved', connectionKey: 'connection-2.1' },
    ])
  })

  it.each([
    ['nothing to prime', conversationUnderTest()],
    ['an endpoint without warm-up', afterOneTurn({ primes: false })],
  ])('nothing is done: %s', (_name, one) => {
    one.actor.send(moved)
    expect(one.of('conversation.moved')).toEqual([])
  })

  it('a turn under way carries the history itself', () => {
    const one = afterOneTurn()
    one.responds(3)
    one.actor.send(moved)
    expect(one.of('conversation.moved')).toEqual([])
    one.isGranted('connection-2.1')
    expect(one.plan).toMatchObject({ kind: 'full', reason: 'other-connection' })
  })
})

describe('priming', () => {
  it('makes the chain continue on the new socket', () => {
    const one = afterOneTurn()
    one.primes(2)
    one.isGranted('connection-2.1')
    expect(one.plan).toMatchObject({ kind: 'full' })
    one.tell(dispatched, { ...ended('completed', { responseId: 'resp_warm' }), outputItems: 0 } as never)
    one.responds(3)
    one.isGranted('connection-2.1')
    expect(one.plan).toEqual({ kind: 'delta', previousResponseId: 'resp_warm', from: 2 })
  })

  it('gives way to a turn, whose lane it leaves with its tail', () => {
    const one = afterOneTurn()
    one.primes(2)
    one.isGranted('connection-2.1')
    one.tell(dispatched)
    one.asked.length = 0
    one.responds(3)
    expect(one.state).toEqual({ busy: 'turning' })
    expect(one.asked).toMatchObject([
      { type: 'lane.release', connectionKey: 'connection-2.1', tail: true },
      { type: 'lane.request' },
    ])
    one.isGranted('connection-2.1', 'lane-1')
    expect(one.plan).toEqual({ kind: 'full', reason: 'no-chain', from: 0 })
    one.tell(dispatched, created, ended('completed'))
    expect(one.result).toMatchObject({ turnId: 'turn-3', outcome: 'completed' })
    // The warm-up itself is told of by nobody.
    expect(one.of('turn.settled')).toHaveLength(2)
  })

  it('that still waits for a lane gives way as well', () => {
    const one = afterOneTurn()
    one.primes(2)
    one.asked.length = 0
    one.responds(3)
    expect(one.requests).toEqual(['lane.withdraw', 'lane.request'])
    one.isGranted('connection-2.1')
    expect(one.of('turn.planned').at(-1)).toMatchObject({ turnId: 'turn-3' })
  })

  it('does not give way to a second priming, and a turn does not give way to a turn', () => {
    const one = afterOneTurn()
    one.responds(3)
    one.responds(4)
    one.primes(4)
    one.isGranted()
    one.tell(dispatched, created, ended('completed'))
    expect(one.result).toMatchObject({ turnId: 'turn-2' })
  })

  it('that never got a lane leaves the chain as it was, and its own resends', () => {
    const one = afterOneTurn()
    one.primes(2)
    one.responds(3)
    one.isGranted()
    expect(one.plan).toMatchObject({ kind: 'delta', from: 2 })
    one.tell(dispatched, created, ended('completed'))
    one.primes(4, 'other')
    one.isGranted()
    one.tell(dispatched, errored('previous_response_not_found'))
    one.responds(5)
    one.isGranted()
    expect(one.plan).toEqual({ kind: 'full', reason: 'no-chain', from: 0 })
  })
})

describe('a fork', () => {
  it('holds a turn whose lane comes too late, and a warm-up', () => {
    const one = afterOneTurn()
    one.primes(2)
    one.actor.send({ type: 'chain.hold' })
    one.asked.length = 0
    one.isGranted('connection-1.1', 'mine')
    expect(one.asked).toMatchObject([{ type: 'lane.release', lane: 'mine', tail: false }])
    expect(one.state).toEqual({ busy: 'held' })
    one.actor.send({ type: 'chain.release' })
    expect(one.state).toEqual({ busy: 'priming' })
    expect(one.requests).toEqual(['lane.release', 'lane.request'])
  })

  it('holds a turn that is sent again', () => {
    const one = resent('previous_response_not_found')
    one.actor.send({ type: 'chain.hold' })
    one.isGranted()
    expect(one.state).toEqual({ busy: 'held' })
    expect(one.of('turn.resent')).toHaveLength(1)
  })

  it('holds the next turn until it is bound', () => {
    const one = afterOneTurn()
    one.asked.length = 0
    one.actor.send({ type: 'chain.hold' })
    one.actor.send({ type: 'chain.hold' })
    one.responds(3)
    expect(one.requests).toEqual([])
    one.actor.send({ type: 'chain.release' })
    expect(one.requests).toEqual([])
    one.actor.send({ type: 'chain.release' })
    expect(one.requests).toEqual(['lane.request'])
  })

  it('lets a turn that it holds be cancelled', () => {
    const one = afterOneTurn()
    one.actor.send({ type: 'chain.hold' })
    one.responds(3)
    one.actor.send({ type: 'cancel' })
    expect(one.result).toMatchObject({ outcome: 'cancelled', progress: 'queued' })
    expect(one.state).toBe('idle')
  })
})

describe('what the server takes by another way', () => {
  it('moves the place where the next delta starts', () => {
    const one = afterOneTurn()
    one.responds(5, 's', 2)
    one.isGranted()
    expect(one.plan).toMatchObject({ kind: 'delta', from: 4 })
  })

  it('is taken into account for one turn, and where the server has it', () => {
    const one = afterOneTurn()
    one.responds(5, 's', 2)
    one.actor.send({ type: 'cancel' })
    one.responds(5, 's', 2)
    one.isGranted('connection-1.1', 'another', 0)
    expect(one.plan).toEqual({ kind: 'full', reason: 'other-lane', from: 0 })
  })

  it('that a compaction stands for moves the place back', () => {
    const one = afterOneTurn(undefined, 3)
    one.actor.send({ type: 'chain.shrink', items: 2 })
    one.responds(3)
    one.isGranted()
    expect(one.plan).toMatchObject({ kind: 'delta', from: 2 })
  })

  it('a history that was replaced is sent whole', () => {
    const one = afterOneTurn()
    one.actor.send({ type: 'chain.forget' })
    one.responds(3)
    one.isGranted()
    expect(one.plan).toMatchObject({ kind: 'full', reason: 'no-chain' })
  })
})
