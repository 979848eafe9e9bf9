import { describe, expect, it } from 'vitest'
import type { ServerOptions } from '../../../src/testing/index.ts'
import { rejection, startConnection, startServer, until } from '../harness.ts'
import { talkThroughGate } from './harness.ts'

async function talk(server: ServerOptions = {}) {
  const running = await startServer({ keepFrames: true, ...server })
  const held = startConnection(running)
  const conversation = held.connection.conversation({ model: 'm', instructions: 'i' })
  const sent = (): Record<string, unknown>[] =>
    running
      .transcript()
      .filter(({ direction, type }) => direction === 'in' && type === 'response.create')
      .map(({ text }) => JSON.parse(String(text)) as Record<string, unknown>)
  return { server: running, ...held, conversation, sent }
}

describe('a fork', () => {
  it('goes on from the same response on a lane of its own, and both live', async () => {
    const { conversation, sent } = await talk()
    const parent = await conversation.respond('first').response
    const fork = conversation.fork({ lane: 'critic' })
    const turn = fork.respond('criticise')
    const main = conversation.respond('go on')
    await Promise.all([turn.response, main.response])
    const [, forked, own] = sent()
    expect(forked).toMatchObject({ stream_id: 'critic', previous_response_id: parent.id, input: [{}] })
    expect(own).toMatchObject({ previous_response_id: parent.id, input: [{ content: 'go on' }] })
    expect(fork.history).toHaveLength(4)
    await fork.respond('more').response
    expect(sent().at(-1)).toMatchObject({ stream_id: 'critic', input: [{ content: 'more' }] })
  })

  it('holds its parent until it is bound', async () => {
    const { conversation, server, sent } = await talk({
      turns: [{ text: 'one' }, { text: 'two', faults: [{ at: 'created', do: 'delay', ms: 40 }] }],
    })
    await conversation.respond('first').response
    const turn = conversation.fork().respond('criticise')
    await server.waitForCreate(undefined, { count: 2 })
    const main = conversation.respond('go on')
    expect(conversation.actor.getSnapshot().matches({ busy: 'held' })).toBe(true)
    expect(sent()).toHaveLength(2)
    await Promise.all([turn.response, main.response])
    expect(conversation.actor.getSnapshot().context.holds).toBe(0)
  })

  it('goes on from the response with other settings, and sends its history to another model', async () => {
    const { conversation, sent } = await talk()
    const last = () => Number((sent().at(-1)?.['input'] as unknown[] | undefined)?.length)
    await conversation.respond('first', { settings: { temperature: 0 } }).response
    await conversation.fork().respond('criticise', { settings: { temperature: 1 } }).response
    expect(last()).toBe(1)
    await conversation.respond('plain').response
    await conversation.fork().respond('criticise', { settings: { model: 'gpt-5.4' } }).response
    expect(last()).toBe(5)
  })

  it('sends its history when the server has moved on', async () => {
    const { conversation, sent } = await talk()
    await conversation.respond('first').response
    const fork = conversation.fork()
    await conversation.respond('second').response
    const reasons: string[] = []
    fork.on('turn.resent', ({ reason }) => reasons.push(reason))
    expect((await fork.respond('criticise').response).status).toBe('completed')
    expect(reasons).toEqual(['replay'])
    expect(sent().at(-1)?.['input']).toHaveLength(3)
  })

  it('whose turn is lost lets its parent go', async () => {
    const { conversation, server, clock } = await talk({
      turns: [{ text: 'one' }, { text: 'two', faults: [{ at: 'created', do: 'terminate' }] }],
    })
    await conversation.respond('first').response
    const turn = conversation.fork().respond('criticise')
    await server.waitForCreate(undefined, { count: 2 })
    const main = conversation.respond('go on')
    await rejection(turn.response)
    await clock.advance(1_000)
    expect((await main.response).status).toBe('completed')
  })

  it('of a busy conversation is refused', async () => {
    const { conversation } = await talk()
    const turn = conversation.respond('first')
    expect(() => conversation.fork()).toThrow(expect.objectContaining({ code: 'ERR_BUSY' }))
    await turn.response
  })
})

describe('compaction', () => {
  it('on demand starts a new chain from the compacted window', async () => {
    const { conversation, sent } = await talk()
    await conversation.respond('first').response
    await conversation.respond('second').response
    await conversation.compact()
    const window = conversation.history
    expect(window.at(-1)).toMatchObject({ type: 'compaction' })
    await conversation.respond('third').response
    expect(sent().at(-1)).not.toHaveProperty('previous_response_id')
    expect(sent().at(-1)?.['input']).toHaveLength(window.length + 1)
  })

  it('on demand leaves a window that is sent as it is, also by what was saved', async () => {
    const { connection, conversation, sent, server, clock, reaches } = await talk()
    await conversation.respond('first').response
    await conversation.compact()
    const window = [{ content: 'first' }, { type: 'compaction' }]
    await conversation.respond('second').response
    expect(conversation.history).toMatchObject([...window, { content: 'second' }, { type: 'message' }])
    server.dropAll()
    await reaches('reconnecting')
    const third = conversation.respond('third')
    await clock.advance(1_000)
    await third.response
    expect(sent().at(-1)?.['input']).toMatchObject([...window, {}, {}, { content: 'third' }])
    const restored = connection.restore(conversation.save(), { model: 'gpt-6-astra' })
    await restored.respond('fourth').response
    await restored.respond('fifth').response
    expect(restored.history).toMatchObject([...window, {}, {}, {}, {}, {}, {}, { content: 'fifth' }, {}])
  })

  it('by the server bounds the history, and the chain goes on', async () => {
    const { conversation, sent, server, clock, reaches } = await talk({
      turns: [{ text: 'one' }, { output: [{ type: 'compaction' }, { type: 'text', text: 'two' }] }],
    })
    await conversation.respond('first').response
    await conversation.respond('second').response
    expect(conversation.history).toMatchObject([{ type: 'compaction' }, { type: 'message' }])
    await conversation.respond('third').response
    expect(sent().at(-1)).toMatchObject({
      previous_response_id: expect.any(String),
      input: [{ content: 'third' }],
    })
    server.dropAll()
    await reaches('reconnecting')
    const fourth = conversation.respond('fourth')
    await clock.advance(1_000)
    await fourth.response
    expect(sent().at(-1)?.['input']).toMatchObject([
      { type: 'compaction' },
      {},
      { content: 'third' },
      {},
      { content: 'fourth' },
    ])
  })

  it('is refused while a turn runs, and without a history', async () => {
    const { conversation } = await talk()
    expect((await rejection(conversation.compact())).code).toBe('ERR_BAD_INPUT')
    const turn = conversation.respond('first')
    expect((await rejection(conversation.compact())).code).toBe('ERR_BUSY')
    await turn.response
  })

  it('leaves a turn alone that came between', async () => {
    const compacted = [{ type: 'compaction' as const }, { type: 'text' as const, text: 'two' }]
    const { world, conversation } = await talkThroughGate({ turns: [{ text: 'one' }, { output: compacted }] })
    const compaction = rejection(conversation.compact())
    await expect.poll(() => world.gate.passages.length).toBe(2)
    await conversation.respond('second').response
    const { history } = conversation
    expect(history).toHaveLength(2)
    world.gate.passages.at(-1)?.letThrough()
    expect((await compaction).code).toBe('ERR_BUSY')
    expect(conversation.history).toEqual(history)
  })

  it('that fails leaves the history as it was', async () => {
    const { conversation, server } = await talk()
    await conversation.respond('first').response
    const before = conversation.history
    server.setKeys('another')
    await rejection(conversation.compact())
    expect(conversation.history).toEqual(before)
    await until(() => conversation.turn === null)
  })
})
