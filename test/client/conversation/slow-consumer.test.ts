import { describe, expect, it } from 'vitest'
import type { ServerEvent } from '../../../src/protocol/index.ts'
import { outcomeOf, talk } from './harness.ts'

const words = Array.from({ length: 50 }, (_, index) => `${index} `)

async function readAll(turn: AsyncIterable<ServerEvent>) {
  const events: ServerEvent[] = []
  try {
    for await (const event of turn) events.push(event)
  } catch (error) {
    return { events, error }
  }
  return { events, error: null }
}

const overrun = expect.objectContaining({ code: 'ERR_SLOW_CONSUMER' })

describe('a consumer that stops reading', () => {
  it('gets what waited for it, and then a clear error; the turn and other lanes go on', async () => {
    const { connection, conversation, clock } = await talk({
      server: {
        turns: [
          { text: words, delayMs: 1 },
          { text: words, delayMs: 1 },
        ],
      },
      conversation: { maxBufferedEvents: 10 },
    })
    const other = connection.conversation({ model: 'm', maxBufferedEvents: 10 })
    const turn = conversation.respond('first')
    const events = turn[Symbol.asyncIterator]()
    await clock.advance(2)
    expect(await events.next()).toMatchObject({ value: { type: 'response.created' } })
    const lively = other.respond('second')
    const all = readAll(lively)
    expect((await outcomeOf(turn, clock)).text).toBe(words.join(''))
    expect((await outcomeOf(lively, clock)).text).toBe(words.join(''))
    const left = await readAll({ [Symbol.asyncIterator]: () => events })
    expect(left.events).toHaveLength(10)
    expect(left.error).toEqual(overrun)
    // The other one has kept up.
    expect(await all).toMatchObject({ error: null })
    expect((await all).events.length).toBeGreaterThan(words.length)
  })

  it('keeps its conversation usable', async () => {
    const { conversation, ask } = await talk({
      server: { turns: [{ text: words }, { text: 'two' }] },
      conversation: { maxBufferedEvents: 3 },
    })
    const { turn } = await ask('first')
    expect(await readAll(turn)).toMatchObject({ error: overrun })
    expect((await ask('second')).text).toBe('two')
    expect(conversation.history).toHaveLength(4)
  })
})

describe('a consumer that starts late', () => {
  it('gets every event, when they fit', async () => {
    const { ask } = await talk({ server: { turns: [{ text: words }] } })
    const { turn } = await ask('first')
    const { events, error } = await readAll(turn)
    expect(error).toBeNull()
    expect(events[0]?.type).toBe('response.created')
    expect(events.at(-1)?.type).toBe('response.completed')
    expect(events.filter(({ type }) => type === 'response.output_text.delta')).toHaveLength(words.length)
  })

  it('gets the first ones and the error, when they do not', async () => {
    const { ask } = await talk({
      server: { turns: [{ text: words }] },
      conversation: { maxBufferedEvents: 5 },
    })
    const { turn } = await ask('first')
    const { events, error } = await readAll(turn)
    expect(events).toHaveLength(5)
    expect(error).toEqual(overrun)
  })

  it('after a turn that was lost gets what came, and the error', async () => {
    const { ask } = await talk({
      server: { turns: [{ text: ['a', 'b'], faults: [{ at: 'delta', nth: 1, do: 'terminate' }] }] },
    })
    const { turn, error } = await ask('first')
    expect(error).toMatchObject({ outcome: 'lost' })
    const read = await readAll(turn)
    expect(read.error).toBe(error)
    expect(read.events.at(-1)?.type).not.toBe('response.completed')
  })
})
