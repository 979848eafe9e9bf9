import { describe, expect, it } from 'vitest'
import { LaneTail } from '../../../src/client/conversation/lane-tail.ts'
import { type ParsedServerEvent, parseServerEvent } from '../../../src/protocol/index.ts'

const event = (type: string, more: object = {}) => parseServerEvent({ type, ...more }) as ParsedServerEvent
const end = (status: string, reason: string | null = null) => {
  const incomplete_details = reason === null ? null : { reason }
  return event(`response.${status}`, { response: { id: 'resp_1', status, output: [], incomplete_details } })
}
const created = event('response.created', { response: { id: 'resp_2' } })
const accepted = event('response.steer.accepted', {
  steer: { id: 'steer_1', previous_response_id: 'resp_1' },
})
const failed = event('response.steer.failed', {
  steer: { id: 'steer_1', previous_response_id: 'resp_1' },
  error: { code: 'x' },
})
const pending = event('response.steer.pending', {
  steer: { id: 'steer_1', previous_response_id: 'resp_1' },
  reason: 'x',
  required_input: [],
})
const delta = event('response.output_text.delta', { delta: 'x' })

describe('what a turn that was given up leaves on its lane', () => {
  it.each([
    ['a response', 0, false, [delta, end('completed')]],
    ['one that fails', 0, false, [delta, end('failed')]],
    ['an error', 1, false, [event('error', { error: {} })]],
    ['a response that was steered', 1, false, [end('incomplete', 'steered'), created, end('completed')]],
    ['one that completed first', 1, false, [end('completed'), created, delta, end('completed')]],
    ['a steer that is taken meanwhile', 0, false, [accepted, end('completed'), created, end('completed')]],
    ['a steer that fails', 1, false, [end('completed'), failed]],
    ['one that fails before the end', 1, false, [failed, end('completed')]],
    ['a steer that waits for tool outputs', 1, false, [end('completed'), pending]],
    ['two steers, of which one fails', 2, true, [failed, created, end('completed')]],
    ['the successor alone', 1, true, [delta, created, end('completed')]],
    ['only steers, which fail', 2, true, [failed, failed]],
  ] as const)('%s', (_name, steers, isOver, events) => {
    const tail = new LaneTail(null, steers, isOver)
    expect(events.map((one) => tail.isLast(one))).toEqual(
      events.map((_, index) => index === events.length - 1),
    )
  })
})
