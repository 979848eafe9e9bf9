import { describe, expect, it } from 'vitest'
import * as v from 'valibot'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'
import type { ConversationOptions } from '../../../src/client/conversation/options.ts'
import { TurnError } from '../../../src/client/conversation/turn-error.ts'
import { defineTool } from '../../../src/client/tools/index.ts'
import { type ServerEvent, openai } from '../../../src/protocol/index.ts'
import type { ServerOptions, Turn } from '../../../src/testing/index.ts'
import { rejection, startConnection, startServer, until } from '../harness.ts'
import { untilEvent } from '../../support/until-event.ts'

async function talk(server: ServerOptions = {}, options: Partial<ConversationOptions> = {}) {
  const running = await startServer({ keepFrames: true, ...server })
  const held = startConnection(running)
  const conversation = held.connection.conversation({ model: 'gpt-6-astra', ...options })
  return { server: running, ...held, conversation, sent: () => creates(running) }
}

/** What the server received as creates, as objects. */
function creates(server: Awaited<ReturnType<typeof startServer>>): Record<string, unknown>[] {
  return server
    .transcript()
    .filter(({ direction, type }) => direction === 'in' && type === 'response.create')
    .map(({ text }) => JSON.parse(String(text)) as Record<string, unknown>)
}

const ask = async (conversation: Conversation, text: string) => conversation.respond(text).response

/** Reads until the first delta, so that the response can be steered. */
async function begun(conversation: Conversation, text: string) {
  const turn = conversation.respond(text)
  await untilEvent(turn, 'response.output_text.delta')
  return turn
}

describe('a conversation', () => {
  it('connects by itself, sends what is new, and keeps the history', async () => {
    const { conversation, sent } = await talk({ turns: [{ text: 'one' }, { text: 'two' }] })
    await ask(conversation, 'first')
    await ask(conversation, 'second')
    expect(conversation.history).toHaveLength(4)
    const [first, second] = sent()
    expect(first).toMatchObject({ store: false, input: [{ content: 'first' }] })
    expect(first).not.toHaveProperty('previous_response_id')
    expect(second).toMatchObject({
      previous_response_id: expect.stringMatching(/^resp_/),
      input: [{ content: 'second' }],
    })
  })

  it('gives the events of a turn, and ends with it', async () => {
    const { conversation } = await talk({ turns: [{ text: ['he', 'llo'] }] })
    const turn = conversation.respond('hi')
    const events: ServerEvent[] = []
    for await (const event of turn) events.push(event)
    expect(events[0]?.type).toBe('response.created')
    expect(events.at(-1)?.type).toBe('response.completed')
    const text = events
      .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
      .join('')
    expect(text).toBe('hello')
    expect(turn.outcome).toBe('completed')
  })

  it('replays the full history once when the server has lost the chain', async () => {
    const { conversation, connection, server, sent } = await talk()
    await ask(conversation, 'first')
    for (const one of server.connections()) one.forget()
    const reasons: string[] = []
    conversation.on('turn.resent', ({ reason }) => reasons.push(reason))
    await ask(conversation, 'second')
    expect(reasons).toEqual(['replay'])
    expect(sent().map(({ previous_response_id: id }) => id !== undefined)).toEqual([false, true, false])
    expect(sent()[2]?.['input']).toHaveLength(3)
    expect(connection.isOpen).toBe(true)
  })

  it('sends the full history after a reconnect', async () => {
    const { conversation, server, clock, reaches, sent } = await talk()
    await ask(conversation, 'first')
    server.dropAll()
    await reaches('reconnecting')
    const second = conversation.respond('second')
    await clock.advance(1_000)
    await second.response
    expect(sent()[1]?.['input']).toHaveLength(3)
    expect(sent()[1]).not.toHaveProperty('previous_response_id')
  })

  it('continues a stored response by its id after a reconnect', async () => {
    const { conversation, server, clock, reaches, sent } = await talk({}, { store: true })
    await ask(conversation, 'first')
    server.dropAll()
    await reaches('reconnecting')
    const second = conversation.respond('second')
    await clock.advance(1_000)
    await second.response
    expect(sent()[1]).toMatchObject({
      previous_response_id: expect.any(String),
      input: [{ content: 'second' }],
    })
  })
})

describe('a lost turn', () => {
  const dropped: Turn = { text: ['one ', 'two'], faults: [{ at: 'delta', nth: 1, do: 'terminate' }] }

  it('rejects with how far it came, and can be asked again', async () => {
    const { conversation, server, clock } = await talk({ turns: [dropped, { text: 'again' }] })
    const turn = conversation.respond('hi')
    const error = await rejection(turn.response)
    expect(error).toBeInstanceOf(TurnError)
    expect(error).toMatchObject({
      code: 'ERR_TURN_LOST',
      outcome: 'lost',
      progress: 'streaming',
      resendIsSafe: false,
      responseId: expect.stringMatching(/^resp_/),
    })
    expect(conversation.history).toEqual([])
    const again = conversation.respond(turn.input)
    await clock.advance(1_000)
    await again.response
    expect(conversation.history).toHaveLength(2)
    expect(server.creates()).toBe(2)
  })

  it('that was never answered is sent again under "unanswered" only', async () => {
    for (const replay of ['never', 'safe', 'unanswered'] as const) {
      const { conversation, server, clock, next } = await talk(
        { turns: [{ text: 'x', faults: [{ at: 'request', do: 'terminate' }] }, { text: 'again' }] },
        { replay },
      )
      const turn = conversation.respond('hi')
      await next('turn.lost')
      await clock.advance(1_000)
      if (replay === 'unanswered') expect((await turn.response).status).toBe('completed')
      else expect(await rejection(turn.response)).toMatchObject({ outcome: 'lost', progress: 'sent' })
      expect(server.creates()).toBe(replay === 'unanswered' ? 2 : 1)
    }
  })
})

describe('cancel', () => {
  it('leaves the next turn clean, on a lane of its own', async () => {
    const { conversation, server, sent } = await talk({
      turns: [
        { text: ['old ', 'answer'], faults: [{ at: 'delta', nth: 1, do: 'silence', ms: 60_000 }] },
        { text: 'new' },
      ],
    })
    const first = conversation.respond('first')
    await untilEvent(first, 'response.output_text.delta')
    first.cancel()
    expect(await rejection(first.response)).toMatchObject({
      code: 'ERR_TURN_CANCELLED',
      progress: 'streaming',
    })
    const second = conversation.respond('second')
    await server.waitForCreate(undefined, { count: 2 })
    expect(sent()[1]).toMatchObject({ stream_id: 'lane-1', input: [{ content: 'second' }] })
    second.cancel()
  })

  it('by a signal', async () => {
    const { conversation, server } = await talk({
      turns: [{ text: 'x', faults: [{ at: 'created', do: 'silence' }] }],
    })
    const abort = new AbortController()
    const turn = conversation.respond('first', { signal: abort.signal })
    await server.waitForCreate()
    abort.abort(new Error('enough'))
    expect(await rejection(turn.response)).toMatchObject({ outcome: 'cancelled', cause: new Error('enough') })
  })
})

describe('bad input', () => {
  it.each([
    ['ERR_BAD_INPUT', ''],
    ['ERR_BAD_INPUT', []],
    ['ERR_BAD_INPUT', undefined],
    ['ERR_BAD_INPUT', 5],
    ['ERR_BAD_INPUT', { role: 'user', content: 'hi' }],
    ['ERR_BAD_INPUT', ['hi']],
    ['ERR_BAD_INPUT', [{ type: 'function_call_output', call_id: 'call_x', output: '1' }]],
  ] as const)('%s before anything is sent', async (code, input) => {
    const { conversation, server } = await talk()
    expect(() => conversation.respond(input as never)).toThrow(expect.objectContaining({ code }))
    await server.expectNoUpgrade()
  })

  it('two turns at once', async () => {
    const { conversation } = await talk()
    const first = conversation.respond('first')
    expect(() => conversation.respond('second')).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }))
    await first.response
  })

  it.each([
    ['lane', { lane: 'a b' }],
    ['model', { model: '' }],
    ['replay', { replay: 'always' }],
    ['input', { input: 'x' }],
    ['eventTimeoutMs', { eventTimeoutMs: 0 }],
    ['maxBufferdEvents', { maxBufferdEvents: 1 }],
    ['apiKey', { apiKey: 'sk-x' }],
    ['tools.0', { tools: [{}] }],
    ['options', { metadata: { a: 1n } }],
  ])('a bad option: %s', async (path, options) => {
    const { connection } = startConnection(await startServer())
    const make = (): unknown => connection.conversation({ model: 'm', ...options } as never)
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_BAD_OPTION', path }))
  })
})

describe('run', () => {
  const add = defineTool({
    name: 'add',
    description: 'Adds two numbers.',
    schema: v.object({ a: v.number(), b: v.number() }),
    execute: ({ a, b }) => a + b,
  })

  it('runs tools until the model asks for no more, and sends all outputs at once', async () => {
    const { conversation, sent } = await talk(
      {
        turns: [
          {
            calls: [
              { name: 'add', arguments: { a: 1, b: 2 } },
              { name: 'add', arguments: { a: 3, b: 4 } },
            ],
          },
          { text: 'done' },
        ],
      },
      { tools: [add] },
    )
    const result = await conversation.run('sum up')
    expect(result).toMatchObject({ status: 'completed', text: 'done', turns: 2, openCalls: [] })
    expect(sent()[1]?.['input']).toMatchObject([
      { type: 'function_call_output', output: '3' },
      { type: 'function_call_output', output: '7' },
    ])
    expect(conversation.history).toHaveLength(6)
  })

  it.each([
    ['maxRounds', { maxRounds: Number.NaN }],
    ['concurrency', { concurrency: 0 }],
    ['timeoutMs', { timeoutMs: -1 }],
    ['bogus', { bogus: 1 }],
  ])('refuses a bad option before anything is sent: %s', async (path, options) => {
    const { conversation, server } = await talk()
    expect(await rejection(conversation.run('go', options as object))).toMatchObject({ path })
    await server.expectNoUpgrade()
  })

  it('ends a model that never ends', async () => {
    const { conversation } = await talk(
      { default: { calls: [{ name: 'add', arguments: { a: 1, b: 2 } }] } },
      { tools: [add] },
    )
    expect((await rejection(conversation.run('go', { maxRounds: 3 }))).code).toBe('ERR_TOOL_LOOP')
  })

  it('does not run a tool whose response never completed', async () => {
    let ran = 0
    const spy = defineTool({
      name: 'spy',
      description: 'Counts.',
      schema: v.object({}),
      execute: () => (ran += 1),
    })
    const { conversation } = await talk(
      { turns: [{ calls: [{ name: 'spy' }], faults: [{ at: 'before-terminal', do: 'terminate' }] }] },
      { tools: [spy] },
    )
    const error = await rejection(conversation.run('go'))
    expect(error).toMatchObject({ outcome: 'lost', items: [{ type: 'function_call', name: 'spy' }] })
    expect(ran).toBe(0)
  })
})

describe('several conversations', () => {
  it('share the connection, each on its lane', async () => {
    const { connection, conversation, server, sent } = await talk()
    const others = ['a', 'b'].map((lane) => connection.conversation({ model: 'm', lane }))
    await Promise.all([conversation, ...others].map((one) => ask(one, 'hi')))
    expect(server.connections()).toHaveLength(1)
    expect(new Set(sent().map(({ stream_id: lane }) => lane))).toEqual(new Set([undefined, 'a', 'b']))
  })

  it('take turns where the provider has no lanes', async () => {
    const { vercel } = await import('../../../src/protocol/providers.ts')
    const server = await startServer({ mode: 'generation-1', keepFrames: true })
    const { connection } = startConnection(server, { provider: { ...vercel, url: server.url } })
    const all = [1, 2, 3].map(() => connection.conversation({ model: 'm' }))
    await Promise.all(all.map((one) => ask(one, 'hi')))
    await Promise.all(all.map((one) => ask(one, 'again')))
    expect(server.connections()).toHaveLength(1)
    // One memory for all: whoever comes after another carries its own history.
    expect(creates(server).every(({ stream_id: lane }) => lane === undefined)).toBe(true)
    for (const one of all) expect(one.history).toHaveLength(4)
  })
})

describe('rotation', () => {
  it('moves to a fresh connection between turns, primed, and the user sees nothing', async () => {
    const server = await startServer({ keepFrames: true })
    const { connection, clock } = startConnection(server, {
      maxAgeMs: 60_000,
      turnBudgetMs: 10_000,
      pingIntervalMs: false,
    })
    const conversation = connection.conversation({ model: 'm' })
    await ask(conversation, 'first')
    await clock.advance(50_000)
    await until(() => server.connections().length === 2)
    await until(() => creates(server).some(({ generate }) => generate === false))
    await until(() => server.connections().filter(({ open }) => open).length === 1)
    await until(() => conversation.actor.getSnapshot().matches('idle'))
    await ask(conversation, 'second')
    const [, warmUp, second] = creates(server)
    expect(warmUp).toMatchObject({ generate: false, input: expect.arrayContaining([]) })
    expect(warmUp?.['input']).toHaveLength(2)
    expect(second).toMatchObject({ previous_response_id: expect.any(String), input: [{ content: 'second' }] })
    expect(conversation.history).toHaveLength(4)
  })

  it('primes only those who used the line last', async () => {
    const server = await startServer({ keepFrames: true })
    const { connection, clock } = startConnection(server, {
      maxAgeMs: 60_000,
      turnBudgetMs: 10_000,
      pingIntervalMs: false,
    })
    const all = Array.from({ length: 12 }, () => connection.conversation({ model: 'm' }))
    for (const one of all) await ask(one, 'hi')
    await clock.advance(50_000)
    await until(() => server.connections().filter(({ open }) => open).length === 1)
    await until(() => all.every((one) => one.actor.getSnapshot().matches('idle')))
    expect(creates(server).filter(({ generate }) => generate === false)).toHaveLength(8)
    expect((await ask(all[0] as Conversation, 'again')).status).toBe('completed')
  })

  it('lets a turn end on the connection that it began on', async () => {
    const server = await startServer({
      turns: [{ text: ['a', 'b'], faults: [{ at: 'delta', nth: 1, do: 'delay', ms: 1_000 }] }],
    })
    const { connection, clock } = startConnection(server, {
      maxAgeMs: 60_000,
      turnBudgetMs: 10_000,
      pingIntervalMs: false,
    })
    await connection.connect()
    const conversation = connection.conversation({ model: 'm' })
    await clock.advance(49_999)
    const turn = conversation.respond('long')
    await server.waitForCreate()
    await clock.advance(1)
    await until(() => server.connections().length === 2)
    expect((await turn.response).status).toBe('completed')
    await until(() => server.connections().filter(({ open }) => open).length === 1)
    expect(connection.actor.id).toBe('connection-2')
  })
})

const EMPTY = {
  version: 2,
  id: 'one',
  turns: 0,
  history: [],
  answered: 0,
  from: null,
  chain: null,
  calls: {},
  replay: 'safe',
  lane: null,
  underWay: null,
}

describe('save and restore', () => {
  it('goes on with the history in another connection', async () => {
    const { conversation, server } = await talk()
    await ask(conversation, 'first')
    const saved = JSON.parse(JSON.stringify(conversation.save()))
    const other = startConnection(server)
    const restored = other.connection.restore(saved, { model: 'm' })
    await ask(restored, 'second')
    expect(restored.history).toHaveLength(4)
    expect(creates(server).at(-1)?.['input']).toHaveLength(3)
  })

  it('tells of a turn that was under way', async () => {
    const { conversation, server } = await talk({
      turns: [{ text: 'x', faults: [{ at: 'created', do: 'silence' }] }],
    })
    const turn = conversation.respond('first')
    await server.waitForCreate()
    await until(() => conversation.save().underWay?.progress === 'started')
    const saved = JSON.parse(JSON.stringify(conversation.save()))
    expect(saved).toMatchObject({ history: [], underWay: { input: turn.input } })
    turn.cancel()
    const restored = startConnection(server).connection.restore(saved, { model: 'm' })
    expect(restored.lostTurn).toMatchObject({
      error: { outcome: 'lost', progress: 'started', resendIsSafe: false },
      input: [{ content: 'first' }],
    })
    expect((await restored.respond(restored.lostTurn?.input ?? '').response).status).toBe('completed')
  })

  it.each([
    ['version', { version: 1 }],
    ['history', { ...EMPTY, history: 'x' }],
    ['calls.call_1', { ...EMPTY, calls: { call_1: 'done' } }],
  ])('refuses what save did not write: %s', async (path, saved) => {
    const { connection } = startConnection(await startServer())
    expect(() => connection.restore(saved as never, { model: 'm' })).toThrow(
      expect.objectContaining({ path }),
    )
  })
})

describe('a connection that cannot be had', () => {
  it('fails the turn, which never left', async () => {
    const { conversation } = await talk({ upgrades: [{ status: 403 }] })
    expect(await rejection(conversation.respond('hi').response)).toMatchObject({
      code: 'ERR_TURN_UNSENT',
      progress: 'queued',
      resendIsSafe: true,
    })
  })

  it('is not opened again by a turn, once the application has closed it', async () => {
    const { conversation, connection, server } = await talk()
    await ask(conversation, 'first')
    await connection.close()
    expect(await rejection(conversation.respond('second').response)).toMatchObject({
      outcome: 'unsent',
      message: expect.stringContaining('ERR_CLOSED'),
    })
    expect(server.upgrades()).toHaveLength(1)
    await connection.connect()
    expect((await ask(conversation, 'second')).status).toBe('completed')
  })

  it('is dialed anew by the next turn, once it was given up', async () => {
    const { conversation, server, connection, clock } = await talk({ upgrades: [{ status: 403 }] })
    await rejection(conversation.respond('first').response)
    const turn = conversation.respond('first')
    // The floor belongs to the endpoint: giving up is no way around it.
    await until(() => connection.actor.getSnapshot().context.retry.attempt === 1)
    const { delayMs } = connection.actor.getSnapshot().context.retry
    expect(delayMs).toBeGreaterThanOrEqual(100)
    await clock.advance(delayMs - 1)
    expect(server.upgrades()).toHaveLength(1)
    await clock.advance(1)
    expect((await turn.response).status).toBe('completed')
    expect(server.upgrades()).toHaveLength(2)
  })

  it('settles turns when it is stopped', async () => {
    const { conversation, connection, server } = await talk({
      turns: [{ text: 'x', faults: [{ at: 'created', do: 'silence' }] }],
    })
    const turn = conversation.respond('hi')
    await server.waitForCreate()
    connection.stop()
    expect(await rejection(turn.response)).toMatchObject({ outcome: 'lost' })
  })

  it('settles turns when it is closed', async () => {
    const { conversation, connection, server } = await talk({ turns: [{ byHand: true }] })
    const turn = conversation.respond('hi')
    await server.waitForCreate()
    await connection.close()
    expect(await rejection(turn.response)).toMatchObject({ outcome: 'lost' })
  })
})

describe('steer', () => {
  const slow: Turn = { text: ['long ', 'answer'], faults: [{ at: 'delta', nth: 1, do: 'delay', ms: 500 }] }

  it('interrupts, and the successor belongs to the same turn', async () => {
    const { conversation, sent } = await talk({ turns: [slow, { text: 'short' }] })
    const turn = await begun(conversation, 'tell me all')
    const steer = turn.steer('shorter')
    const response = await turn.response
    expect(await steer.result).toMatchObject({
      outcome: 'committed',
      steerId: expect.stringMatching(/^steer_/),
    })
    expect(response).toMatchObject({ status: 'completed', output: [{ content: [{ text: 'short' }] }] })
    expect(sent()).toHaveLength(1)
    // The history is what the server went on from: the first answer, the steer, and the second answer.
    expect(conversation.history).toMatchObject([
      { content: 'tell me all' },
      { type: 'message' },
      { role: 'user', content: 'shorter' },
      { content: [{ text: 'short' }] },
    ])
    await ask(conversation, 'next')
    expect(sent()[1]).toMatchObject({ previous_response_id: response.id, input: [{ content: 'next' }] })
  })

  it('that comes too late to interrupt is followed up, and the successor belongs to the same turn', async () => {
    const { conversation, sent } = await talk({
      turns: [slow, { text: 'short' }],
      steering: { path: 'late' },
    })
    const turn = await begun(conversation, 'tell me all')
    const steer = turn.steer('shorter')
    const response = await turn.response
    expect(await steer.result).toMatchObject({ outcome: 'committed' })
    expect(response.output).toMatchObject([{ content: [{ text: 'short' }] }])
    expect(sent()).toHaveLength(1)
    expect(conversation.history).toMatchObject([
      { content: 'tell me all' },
      { content: [{ text: 'long answer' }] },
      { role: 'user', content: 'shorter' },
      { content: [{ text: 'short' }] },
    ])
    await ask(conversation, 'next')
    expect(sent()[1]).toMatchObject({ previous_response_id: response.id, input: [{ content: 'next' }] })
  })

  it('whose successor is given up leaves the next turn clean', async () => {
    const { conversation, server } = await talk({ default: { byHand: true } }, { lane: 'main' })
    const given = async () => {
      await until(() => server.turnsByHand().length > 0)
      return server.turnsByHand()[0]
    }
    const turn = conversation.respond('tell me all')
    const first = await given()
    first?.created()
    await untilEvent(turn, 'response.created')
    turn.steer('shorter')
    await until(() => server.transcript().some(({ type }) => type === 'response.steer.accepted'))
    first?.end('completed')
    await until(() => stateOf(conversation) === 'lingering')
    turn.cancel()
    expect((await turn.response).id).toBe(first?.responseId)
    const successor = await given()
    const next = conversation.respond('next')
    successor?.created()
    successor?.end('completed')
    await until(() => server.creates() > 1)
    const second = await given()
    second?.end('completed')
    expect((await next.response).id).toBe(second?.responseId)
  })

  it('that a cancelled response had taken leaves the next turn clean as well', async () => {
    const server = await startServer({ default: { byHand: true } })
    const { connection } = startConnection(server, { provider: { ...openai, lanes: null } })
    const conversation = connection.conversation({ model: 'gpt-6-astra' })
    const given = () => server.waitFor('a turn by hand', () => server.turnsByHand()[0])
    const turn = conversation.respond('tell me all')
    const first = await given()
    first.created()
    await untilEvent(turn, 'response.created')
    const steer = turn.steer('shorter')
    await until(() => steer.isTaken)
    turn.cancel()
    const next = conversation.respond('next')
    first.end('completed')
    const successor = await given()
    successor.created()
    successor.end('completed')
    await until(() => server.creates() > 1)
    const second = await given()
    second.end('completed')
    expect((await next.response).id).toBe(second.responseId)
  })

  it('that no successor comes for leaves the history with what the response held, once', async () => {
    const { conversation, server, clock } = await talk({ turns: [{ byHand: true }, { byHand: true }] })
    const turn = conversation.respond('tell me all')
    await until(() => server.turnsByHand().length > 0)
    const [given] = server.turnsByHand()
    given?.item({ type: 'text', text: 'so far' })
    given?.end('incomplete', { code: 'steered' })
    await until(() => stateOf(conversation) === 'interrupted')
    await clock.advance(30_100)
    expect((await turn.response).status).toBe('incomplete')
    expect(conversation.history).toMatchObject([
      { content: 'tell me all' },
      { content: [{ text: 'so far' }] },
    ])
    expect(conversation.history).toHaveLength(2)
  })

  it('that fails says why, and gives its input back', async () => {
    const { conversation } = await talk({ turns: [slow], steering: { failWith: 'too_many_pending_steers' } })
    const turn = await begun(conversation, 'tell me all')
    const steer = turn.steer('shorter')
    expect(await steer.result).toMatchObject({
      outcome: 'failed',
      code: 'too_many_pending_steers',
      input: [{ content: 'shorter' }],
    })
    expect((await turn.response).status).toBe('completed')
  })

  it('is unknown when the connection goes', async () => {
    const { conversation, server } = await talk({ turns: [slow], steering: { path: 'late' } })
    const turn = await begun(conversation, 'tell me all')
    const steer = turn.steer('shorter')
    await until(() => steer.isTaken)
    server.dropAll()
    expect(await steer.result).toMatchObject({ outcome: 'unknown' })
    await rejection(turn.response)
  })

  it('before tool outputs goes in with them, and is not sent again', async () => {
    const { conversation, sent } = await talk({
      turns: [
        {
          calls: [{ name: 'look', call_id: 'call_1', arguments: ['{"a"', ':1}'] }],
          faults: [{ at: 'created', do: 'delay', ms: 50 }],
        },
        { text: 'done' },
      ],
    })
    const turn = conversation.respond('look')
    await untilEvent(turn, 'response.created')
    const steer = turn.steer('quickly')
    await turn.response
    await until(() => steer.state !== 'sent')
    const answer = conversation.respond([{ type: 'function_call_output', call_id: 'call_1', output: '42' }])
    await answer.response
    expect(await steer.result).toMatchObject({ outcome: 'committed' })
    expect(sent()[1]).toMatchObject({ input: [{ type: 'function_call_output' }] })
    expect(sent()[1]?.['input']).toHaveLength(1)
  })

  it.each([
    ['ERR_NOT_STEERABLE', 'gpt-5.4', 'shorter'],
    ['ERR_BAD_INPUT', 'gpt-6-astra', ''],
    ['ERR_BAD_INPUT', 'gpt-6-astra', [{ type: 'function_call_output', call_id: 'c', output: '' }]],
  ] as const)('%s with %s: nothing is sent', async (code, model, input) => {
    const { conversation } = await talk({ turns: [slow] }, { model })
    const turn = await begun(conversation, 'tell me all')
    expect(() => turn.steer(input as never)).toThrow(expect.objectContaining({ code }))
    await turn.response
    expect(() => turn.steer('late')).toThrow(expect.objectContaining({ code: 'ERR_NOT_STEERABLE' }))
  })
})

/** The state that the turn under way is in. */
function stateOf({ actor }: Conversation): string | undefined {
  const { value } = actor.getSnapshot().children['turn']?.getSnapshot() ?? {}
  return typeof value === 'object' ? Object.keys(value)[0] : value
}
