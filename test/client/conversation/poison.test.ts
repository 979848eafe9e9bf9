import { describe, expect, it } from 'vitest'
import { azure, openai } from '../../../src/protocol/providers.ts'
import type { ServerEvent } from '../../../src/protocol/index.ts'
import type { Turn as ScriptedTurn } from '../../../src/testing/index.ts'
import { outcomeOf, rest, talk } from './harness.ts'

// How one turn of a conversation can spoil the next, as other clients know it.

describe('a cancelled turn', () => {
  const slow: ScriptedTurn = {
    text: ['old ', 'answer'],
    faults: [{ at: 'delta', nth: 1, do: 'delay', ms: 500 }],
  }

  it.each([
    ['with lanes', 'openai'],
    ['without lanes', 'generation-1'],
  ] as const)('gives nothing of itself to the next one, %s', async (_name, mode) => {
    const provider = { ...(mode === 'openai' ? openai : azure), url: 'ws://127.0.0.1:1/v1/responses' }
    const { conversation, clock, server } = await talk({
      server: { mode, turns: [slow, { text: 'new' }] },
      connection: { provider },
    })
    const first = conversation.respond('first')
    await rest()
    first.cancel()
    expect((await outcomeOf(first, clock)).error).toMatchObject({
      outcome: 'cancelled',
      progress: 'streaming',
    })
    const second = conversation.respond('second')
    const events: ServerEvent[] = []
    void (async () => {
      for await (const event of second) events.push(event)
    })()
    const answered = await outcomeOf(second, clock)
    expect(answered).toMatchObject({ text: 'new', error: null })
    const ids = new Set(events.map((event) => (event as { response?: { id: string } }).response?.id))
    ids.delete(undefined)
    expect([...ids]).toEqual([(await second.response).id])
    expect(deltasOf(events)).toBe('new')
    // It is done with, and not sent again.
    expect(server.creates()).toBe(2)
    expect(conversation.history).toMatchObject([{ content: 'second' }, { role: 'assistant' }])
  })

  it('is not what the next one continues', async () => {
    const { conversation, clock, creates, ask } = await talk({ server: { turns: [{ text: 'one' }, slow] } })
    await ask('first')
    const turn = conversation.respond('given up')
    await rest()
    turn.cancel()
    await clock.advance(1_000)
    expect((await ask('third')).error).toBeNull()
    expect(creates().at(-1)).not.toHaveProperty('previous_response_id')
    expect(creates().at(-1)?.['input']).toMatchObject([{ content: 'first' }, {}, { content: 'third' }])
  })
})

describe('a warm-up', () => {
  const late: ScriptedTurn = { match: { warmup: true }, faults: [{ at: 'request', do: 'delay', ms: 500 }] }

  it('that ends late does not settle the first turn', async () => {
    const { conversation, clock, creates } = await talk({ server: { turns: [late, { text: 'real' }] } })
    const warm = conversation.warmUp().catch((error: unknown) => error)
    await rest()
    const turn = conversation.respond('first')
    expect(await outcomeOf(turn, clock)).toMatchObject({ text: 'real', error: null })
    await clock.advance(1_000)
    expect(await warm).toMatchObject({ code: 'ERR_BUSY' })
    const [warmUp, first] = creates()
    expect(warmUp).toMatchObject({ generate: false })
    expect(first).not.toHaveProperty('previous_response_id')
    expect(conversation.history).toHaveLength(2)
  })

  it('that ended is what the first turn continues', async () => {
    const { conversation, clock, creates, ask } = await talk({
      server: { turns: [{ text: 'one' }] },
      conversation: { instructions: 'Be brief.' },
    })
    const warm = conversation.warmUp()
    await rest()
    await warm
    expect((await ask('first')).text).toBe('one')
    expect(creates()[1]).toMatchObject({
      previous_response_id: expect.any(String),
      instructions: 'Be brief.',
    })
    expect(clock.now()).toBe(0)
  })
})

describe('response.incomplete', () => {
  it.each(['max_output_tokens', 'content_filter'] as const)('ends the turn: %s', async (reason) => {
    const { conversation, clock, ask } = await talk({
      server: { turns: [{ text: 'half an ans', incomplete: { reason } }, { text: 'two' }] },
    })
    const turn = conversation.respond('first')
    const answered = await outcomeOf(turn, clock)
    expect(answered).toMatchObject({ text: 'half an ans', error: null, waitedMs: 0 })
    expect(turn.outcome).toBe('incomplete')
    expect(await turn.response).toMatchObject({ status: 'incomplete', incomplete_details: { reason } })
    expect((await ask('second')).text).toBe('two')
    expect(conversation.history).toHaveLength(4)
  })
})

it('a user message beside tool outputs is sent with them', async () => {
  const { conversation, clock, creates, ask } = await talk({
    server: { turns: [{ calls: [{ name: 'look', call_id: 'call_1' }] }, { text: 'seen' }] },
  })
  await ask('look')
  const turn = conversation.respond([
    { type: 'function_call_output', call_id: 'call_1', output: '42' },
    { type: 'message', role: 'user', content: 'and be quick' },
  ])
  expect((await outcomeOf(turn, clock)).text).toBe('seen')
  expect(creates()[1]?.['input']).toMatchObject([
    { type: 'function_call_output', output: '42' },
    { role: 'user', content: 'and be quick' },
  ])
  expect(creates()[1]).toMatchObject({ previous_response_id: expect.any(String) })
})

it('text streams as it comes, without a phase and without its item', async () => {
  const { conversation, clock } = await talk({ server: { turns: [{ text: ['a', 'b', 'c'], delayMs: 10 }] } })
  const turn = conversation.respond('first')
  const seen: string[] = []
  void (async () => {
    for await (const event of turn) if (event.type === 'response.output_text.delta') seen.push(event.delta)
  })()
  const counts: number[] = []
  for (let step = 0; step < 12; step += 1) {
    await clock.next()
    await rest()
    counts.push(seen.length)
  }
  // One more with each step of the clock, not all of them at the end.
  expect(new Set(counts)).toEqual(new Set([0, 1, 2, 3]))
  expect(turn.outcome).toBe('completed')
})

describe('a failure', () => {
  const failures: readonly ScriptedTurn[] = [
    { error: { code: 'invalid_prompt', status: 400 } },
    { failed: { code: 'server_error' } },
    {
      text: 'x',
      faults: [
        { at: 'delta', do: 'broken-json' },
        { at: 'delta', do: 'error' },
      ],
    },
    { text: 'x', incomplete: {} },
  ]

  it.each(failures.map((turn) => [Object.keys(turn).join(' '), turn] as const))(
    'costs the next turn nothing, however little time has passed: %s',
    async (_name, failure) => {
      const { clock, server, ask } = await talk({ server: { turns: [failure, { text: 'fine' }] } })
      await ask('first')
      expect(await ask('second')).toMatchObject({ text: 'fine', waitedMs: 0 })
      expect(clock.now()).toBe(0)
      expect(server.connections()).toHaveLength(1)
      expect(server.requests().every(({ transport }) => transport === 'websocket')).toBe(true)
    },
  )

  it('of one conversation leaves the others alone', async () => {
    const { connection, clock, ask } = await talk({
      server: {
        turns: [
          { match: { input: 'bad' }, error: { code: 'insufficient_quota', status: 429 } },
          { match: { input: 'good' }, text: 'fine', delayMs: 10 },
        ],
      },
    })
    const other = connection.conversation({ model: 'm' })
    const good = other.respond('good')
    await rest()
    expect((await ask('bad')).error).toMatchObject({ serverCode: 'insufficient_quota' })
    expect((await outcomeOf(good, clock)).text).toBe('fine')
  })
})

describe('a second terminal event', () => {
  it.each([0, 40])('reaches nobody, %i ms after the error', async (lateMs) => {
    const fault = { do: 'double-terminal', lateMs, error: { code: 'server_error', status: 500 } } as const
    for (const at of ['delta', 'before-terminal'] as const) {
      const { conversation, clock, server, ask } = await talk({
        server: { turns: [{ text: 'one' }, { text: 'x', faults: [{ at, ...fault }] }] },
      })
      await ask('first')
      const second = await ask('second')
      expect(second.error).toMatchObject({ outcome: 'failed', serverCode: 'server_error' })
      const third = conversation.respond('third')
      const events: ServerEvent[] = []
      void (async () => {
        for await (const event of third) events.push(event)
      })()
      await clock.advance(100)
      expect((await outcomeOf(third, clock)).error).toBeNull()
      expect(events.map(({ type }) => type)).not.toContain('response.failed')
      expect(server.creates()).toBe(3)
    }
  })

  it('after the response was completed reaches nobody', async () => {
    const { ask } = await talk({
      server: {
        turns: [
          { text: 'one', faults: [{ at: 'after-terminal', do: 'stale-event', event: 'response.failed' }] },
          { text: 'two', faults: [{ at: 'created', do: 'stale-event', event: 'response.completed' }] },
          { text: 'three' },
        ],
      },
    })
    for (const text of ['one', 'two', 'three']) expect(await ask(text)).toMatchObject({ text, error: null })
  })
})

describe('an event of an old response', () => {
  it.each(['response.completed', 'response.failed', 'response.incomplete', 'response.created'] as const)(
    'changes nothing, before the server answers or after: %s',
    async (event) => {
      const { server, conversation, clock, ask } = await talk({
        server: { turns: [{ text: 'one' }, { text: 'two' }, { text: 'three', delayMs: 10 }] },
      })
      await ask('first')
      await ask('second')
      const third = conversation.respond('third')
      // Not the last response: one before it.
      const responseId = String(server.requests()[0]?.responseId)
      server.strikeAll({ do: 'stale-event', event, responseId })
      await rest()
      server.strikeAll({ do: 'stale-event', event, responseId })
      expect(await outcomeOf(third, clock)).toMatchObject({ text: 'three', error: null })
      expect(conversation.history).toHaveLength(6)
    },
  )
})

describe('dialects', () => {
  it.each([
    ['response.done', [{ at: 'request', do: 'done-dialect' }]],
    ['no response.created', [{ at: 'request', do: 'omit-created' }]],
    ['an empty output in the terminal event', [{ at: 'request', do: 'empty-output' }]],
    [
      'all of them',
      [
        { at: 'request', do: 'done-dialect' },
        { at: 'request', do: 'omit-created' },
        { at: 'request', do: 'empty-output' },
      ],
    ],
    ['a gap in the sequence', [{ at: 'created', do: 'sequence-gap', by: 9 }]],
    ['events of a later version', [{ at: 'delta', do: 'unknown-event' }]],
    [
      'a keepalive, a binary frame and a cut one',
      [
        { at: 'request', do: 'keepalive' },
        { at: 'delta', do: 'binary' },
        { at: 'item', do: 'broken-json' },
      ],
    ],
  ] as const)('%s', async (_name, faults) => {
    const { conversation, creates, ask } = await talk({
      server: { turns: [{ text: ['some ', 'text'], faults: [...faults] }, { text: 'two' }] },
    })
    expect(await ask('first')).toMatchObject({ text: 'some text', error: null })
    expect(conversation.history).toMatchObject([{ content: 'first' }, { content: [{ text: 'some text' }] }])
    expect((await ask('second')).text).toBe('two')
    expect(creates()[1]).toMatchObject({
      previous_response_id: expect.any(String),
      input: [{ content: 'second' }],
    })
  })

  it('response.done of a response that was cut short, or failed', async () => {
    const done = [{ at: 'request', do: 'done-dialect' }] as const
    const { conversation, clock, ask } = await talk({
      server: {
        turns: [
          { text: 'x', incomplete: {}, faults: [...done] },
          { text: 'x', failed: { code: 'server_error' }, faults: [...done] },
        ],
      },
    })
    const first = conversation.respond('first')
    await outcomeOf(first, clock)
    expect(first.outcome).toBe('incomplete')
    expect((await ask('second')).error).toMatchObject({ outcome: 'failed', serverCode: 'server_error' })
  })
})

function deltasOf(events: readonly ServerEvent[]): string {
  return events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('')
}
