import { describe, expect, it } from 'vitest'
import { type ParsedServerEvent, parseServerEvent } from '../../src/protocol/index.ts'
import { UnsettledTurns } from '../../src/socket/unsettled-turns.ts'

const response = (id: string, more: object = {}) => ({ id, object: 'response', output: [], ...more })
const frame = (event: object) => parseServerEvent(event) as ParsedServerEvent
const say = (type: string, id: string, more: object = {}, envelope: object = {}) =>
  frame({ type, response: response(id, more), ...envelope })
const delta = frame({ type: 'response.output_text.delta', delta: 'a' })
const create = { type: 'response.create', model: 'm', input: 'hi' } as const

describe('how far a lost turn had come', () => {
  it.each([
    ['sent', null, 0, []],
    ['started', null, 1, [frame({ type: 'keepalive' })]],
    ['started', 'resp_1', 1, [say('response.created', 'resp_1')]],
    ['started', 'resp_1', 2, [say('response.created', 'resp_1'), say('response.in_progress', 'resp_1')]],
    ['streaming', 'resp_1', 2, [say('response.created', 'resp_1'), delta]],
    ['streaming', null, 1, [delta]],
    ['streaming', 'resp_1', 3, [say('response.created', 'resp_1'), delta, frame({ type: 'keepalive' })]],
  ] as const)('is %s (response %s, %i events)', (progress, responseId, events, frames) => {
    const turns = new UnsettledTurns()
    turns.sent(create)
    for (const one of frames) turns.received(one)
    expect(turns.takeLost(7)).toEqual([
      { type: 'turn.lost', connectionId: 7, lane: null, responseId, progress, events },
    ])
    expect(turns.takeLost(7)).toEqual([])
  })
})

describe('a turn that has ended is not lost', () => {
  it.each([
    say('response.completed', 'resp_1'),
    say('response.incomplete', 'resp_1'),
    say('response.failed', 'resp_1'),
    say('response.done', 'resp_1', { status: 'completed' }),
    frame({ type: 'error', error: { code: 'server_error' } }),
  ])('after $event.type', (terminal) => {
    const turns = new UnsettledTurns()
    turns.sent(create)
    turns.received(say('response.created', 'resp_1'))
    turns.received(terminal)
    expect(turns.size).toBe(0)
    expect(turns.takeLost(1)).toEqual([])
  })

  it('and a steering event is none', () => {
    const turns = new UnsettledTurns()
    turns.sent({ type: 'response.steer', previous_response_id: 'resp_1', input: 'shorter' })
    expect(turns.size).toBe(0)
  })
})

describe('events of another response', () => {
  it('do not end the next turn: a late terminal after an error is dropped', () => {
    const turns = new UnsettledTurns()
    turns.sent(create)
    turns.received(say('response.created', 'resp_1'))
    turns.received(frame({ type: 'error', error: { code: 'server_error' } }))
    turns.sent(create)
    turns.received(say('response.failed', 'resp_1'))
    expect(turns.size).toBe(1)
    turns.received(say('response.created', 'resp_2'))
    turns.received(say('response.completed', 'resp_1'))
    expect(turns.size).toBe(1)
    turns.received(say('response.completed', 'resp_2'))
    expect(turns.size).toBe(0)
  })

  it('of another lane do not count', () => {
    const turns = new UnsettledTurns()
    turns.sent({ ...create, stream_id: 'a' })
    turns.sent({ ...create, stream_id: 'b' })
    turns.received(say('response.created', 'resp_b', {}, { stream_id: 'b' }))
    turns.received(say('response.completed', 'resp_x'))
    expect(turns.takeLost(1)).toMatchObject([
      { lane: 'a', progress: 'sent' },
      { lane: 'b', progress: 'started', responseId: 'resp_b' },
    ])
  })
})

it('a steered response goes on as the same turn under its successor', () => {
  const turns = new UnsettledTurns()
  turns.sent(create)
  turns.received(say('response.created', 'resp_1'))
  turns.received(say('response.incomplete', 'resp_1', { incomplete_details: { reason: 'steered' } }))
  expect(turns.size).toBe(1)
  turns.received(say('response.created', 'resp_2'))
  expect(turns.takeLost(1)).toMatchObject([{ responseId: 'resp_2' }])
})

it('creates of one lane wait in order', () => {
  const turns = new UnsettledTurns()
  turns.sent(create)
  turns.sent(create)
  turns.received(say('response.created', 'resp_1'))
  turns.received(delta)
  expect(turns.takeLost(1)).toMatchObject([{ progress: 'streaming' }, { progress: 'sent' }])
})
