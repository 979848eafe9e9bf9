import { describe, expect, it } from 'vitest'
import { azure, openai } from '../../../src/protocol/providers.ts'
import type { Turn as ScriptedTurn } from '../../../src/testing/index.ts'
import { type TalkOptions, outcomeOf, rest, talk, talkThroughGate } from './harness.ts'

// What one turn leaves behind when it gives way, waits or is given up before it has left.

const withoutLanes = { ...azure, url: 'ws://127.0.0.1:1/v1/responses' }

describe('a warm-up that a fork holds up', () => {
  it('gives way to a turn', async () => {
    const { conversation, clock, ask } = await talk({
      server: {
        turns: [{ text: 'one' }, { text: 'fork', faults: [{ at: 'created', do: 'delay', ms: 50 }] }],
      },
    })
    await ask('first')
    const forked = conversation.fork().respond('aside')
    await rest()
    const warmUp = conversation.warmUp().catch((error: unknown) => error)
    const turn = conversation.respond('second')
    expect((await outcomeOf(turn, clock)).error).toBeNull()
    expect(await warmUp).toMatchObject({ code: 'ERR_BUSY' })
    expect((await forked.response).status).toBe('completed')
    expect(conversation.history).toHaveLength(4)
  })

  it('primes when it is bound', async () => {
    const { conversation, clock, ask, creates } = await talk({
      server: {
        turns: [{ text: 'one' }, { text: 'fork', faults: [{ at: 'created', do: 'delay', ms: 50 }] }],
      },
    })
    await ask('first')
    conversation.fork().respond('aside')
    await rest()
    const warmUp = conversation.warmUp()
    await clock.advance(50)
    await warmUp
    expect(creates().at(-1)).toMatchObject({ generate: false })
  })
})

describe('a turn that waits to be sent again', () => {
  const refused = { error: { code: 'rate_limit_exceeded', status: 429 } }

  it('has no lane meanwhile', async () => {
    const { connection, conversation, clock, ask } = await talk({
      server: { mode: 'generation-1', turns: [refused, { text: 'other' }, { text: 'one' }] },
      connection: { provider: withoutLanes },
    })
    const first = conversation.respond('first')
    await rest()
    const other = connection.conversation({ model: 'gpt-6-astra' })
    expect(await ask('other', other)).toMatchObject({ text: 'other', waitedMs: 0 })
    expect(await outcomeOf(first, clock)).toMatchObject({ text: 'one' })
  })

  it('that is a warm-up gives way, and nothing is left on its lane', async () => {
    const { connection, conversation, server, ask } = await talk({
      server: { mode: 'generation-1', turns: [{ match: { warmup: true }, ...refused }] },
      connection: { provider: withoutLanes },
    })
    const warmUp = conversation.warmUp().catch((error: unknown) => error)
    await rest()
    expect(await ask('first')).toMatchObject({ error: null, waitedMs: 0 })
    expect(await warmUp).toMatchObject({ code: 'ERR_BUSY' })
    expect(server.connections()).toHaveLength(1)
    expect(connection.line.getSnapshot().context.current?.lanes.lanes).toMatchObject([{ state: 'idle' }])
  })

  it('that is a warm-up can be given up', async () => {
    const { conversation, ask, creates } = await talk({
      server: { turns: [{ match: { warmup: true }, ...refused }] },
    })
    const controller = new AbortController()
    const warmUp = conversation.warmUp({ signal: controller.signal }).catch((error: unknown) => error)
    await rest()
    controller.abort(new Error('no need of it'))
    expect(await warmUp).toMatchObject({ outcome: 'cancelled', cause: { message: 'no need of it' } })
    await expect(conversation.warmUp({ signal: controller.signal })).rejects.toThrow('no need of it')
    expect((await ask('first')).error).toBeNull()
    expect(creates()).toHaveLength(2)
  })

  it('that is cancelled leaves nothing to continue: the server has forgotten it', async () => {
    const { conversation, ask, creates } = await talk({
      server: { turns: [{ text: 'one' }, refused, { text: 'three' }] },
      conversation: { replay: 'safe' },
    })
    await ask('first')
    const turn = conversation.respond('second')
    await rest()
    turn.cancel()
    expect((await ask('third')).error).toBeNull()
    expect(creates()).toHaveLength(3)
    expect(creates().at(-1)).not.toHaveProperty('previous_response_id')
  })
})

describe('a turn that is cancelled while lanes are given', () => {
  it('gives the lane back that is on its way to it', async () => {
    const { connection, conversation, creates, ask } = await talk({ server: { limits: { inFlight: 2 } } })
    const other = connection.conversation({ model: 'gpt-6-astra' })
    // Both wait for the socket, and are given their lanes in one go.
    const first = conversation.respond('first')
    const second = other.respond('second')
    conversation.on('turn.planned', () => second.cancel())
    await expect(second.response).rejects.toMatchObject({ outcome: 'cancelled', progress: 'queued' })
    expect((await first.response).status).toBe('completed')
    expect(creates()).toHaveLength(1)
    const { current } = connection.line.getSnapshot().context
    expect(current?.lanes.lanes.map(({ state }) => state)).toEqual(['idle', 'idle'])
    expect((await ask('third', other)).error).toBeNull()
  })
})

describe('a fork that is sent first', () => {
  it('holds a turn of its parent that waits for its lane already', async () => {
    const { connection, conversation, clock, ask, creates, server } = await talk({
      server: {
        turns: [
          { text: 'one' },
          { match: { input: 'aside' }, text: 'fork', faults: [{ at: 'request', do: 'delay', ms: 50 }] },
        ],
      },
    })
    await ask('first')
    // Both wait for a lane, the fork first.
    const others = Array.from({ length: 16 }, () => connection.conversation({ model: 'gpt-6-astra' }))
    server.enqueueTurns(
      ...others.map(() => ({
        match: { input: 'busy' },
        text: 'b',
        faults: [{ at: 'request' as const, do: 'delay' as const, ms: 10 }],
      })),
    )
    for (const other of others) other.respond('busy')
    const forked = conversation.fork().respond('aside')
    const second = conversation.respond('second')
    await rest()
    expect(creates()).toHaveLength(17)
    await clock.advance(10)
    expect(creates()).toHaveLength(18)
    expect(conversation.actor.getSnapshot().matches({ busy: 'held' })).toBe(true)
    await clock.advance(50)
    expect((await outcomeOf(second, clock)).error).toBeNull()
    expect((await forked.response).status).toBe('completed')
  })

  it('holds nothing when its socket turns out to be closing', async () => {
    const { world, conversation } = await talkThroughGate()
    // The client has heard of the close, and its answer does not arrive.
    world.gate.newest?.freeze('client')
    world.server.strikeAll({ do: 'close', code: 1012 })
    await world.rest()
    const fork = conversation.fork()
    fork.respond('aside')
    expect(fork.actor.getSnapshot().context.request).not.toBeNull()
    expect(conversation.actor.getSnapshot().context.holds).toBe(0)
  })
})

describe('a fork that was sent', () => {
  it('holds nothing once its socket is gone, though it is to be sent again', async () => {
    const script = { turns: [{ text: 'one' }], default: { byHand: true } }
    const { world, conversation } = await talkThroughGate(script, { replay: 'unanswered' })
    const fork = conversation.fork()
    const forked = fork.respond('aside')
    await world.rest()
    const { actor } = conversation
    expect(actor.getSnapshot().context.holds).toBe(1)
    await world.take({ do: 'cut' })
    expect(forked.outcome).toBeNull()
    expect(actor.getSnapshot().context.holds).toBe(0)
  })
})

describe('a turn after a steer that the server keeps for it', () => {
  const look: ScriptedTurn = {
    calls: [{ name: 'look', call_id: 'call_1', arguments: ['{"a"', ':1}'] }],
    faults: [{ at: 'created', do: 'delay', ms: 50 }],
  }
  const output = { type: 'function_call_output', call_id: 'call_1', output: '42' } as const
  const more = { type: 'message', role: 'user', content: 'more' } as const

  /** Runs a turn that asks for a tool and is steered meanwhile. */
  async function steered(options: TalkOptions = {}) {
    const contexts: (readonly unknown[])[] = []
    const model = ({ context }: { context: readonly unknown[] }) => {
      contexts.push(context)
      return { text: 'fine' }
    }
    const held = await talk({ ...options, server: { turns: [look], model, ...options.server } })
    const turn = held.conversation.respond('look')
    await rest()
    const steer = turn.steer('quickly')
    await outcomeOf(turn, held.clock)
    await rest()
    return { ...held, steer, contexts }
  }

  it('that is cancelled before it has left changes nothing for the next', async () => {
    const { conversation, clock, contexts, steer, connection } = await steered()
    // Someone else's fork is being bound.
    conversation.actor.send({ type: 'chain.hold' })
    conversation.respond([output]).cancel()
    conversation.actor.send({ type: 'chain.release' })
    expect(steer.isTaken).toBe(true)
    await outcomeOf(conversation.respond([output, more]), clock)
    const history = conversation.history.slice(0, -1)
    expect(history).toMatchObject([
      { content: 'look' },
      { call_id: 'call_1' },
      { content: 'quickly' },
      output,
      more,
    ])
    expect(contexts.at(-1)).toEqual(history)
    expect(steer.state).toBe('committed')
    expect(connection.isOpen).toBe(true)
  })

  it('on another connection carries it, though the response was stored', async () => {
    const { conversation, clock, contexts, server } = await steered({ conversation: { store: true } })
    server.dropAll()
    await rest()
    await clock.next()
    await outcomeOf(conversation.respond([output]), clock)
    expect(contexts.at(-1)).toEqual(conversation.history.slice(0, -1))
  })

  it('goes into no fork, though that takes the lane over', async () => {
    const oneLane = { ...openai, url: withoutLanes.url, lanes: { inFlight: 1, names: 0 } }
    const { conversation, clock, contexts } = await steered({ connection: { provider: oneLane } })
    const fork = conversation.fork()
    await outcomeOf(fork.respond([output]), clock)
    expect(fork.history).toMatchObject([{ content: 'look' }, { call_id: 'call_1' }, output, {}])
    expect(contexts.at(-1)).toEqual(fork.history.slice(0, -1))
  })
})
