import { describe, expect, it } from 'vitest'
import { isTerminalEvent, parseServerEvent, settlementOf, TERMINAL_TYPES } from '../../src/protocol/index.ts'
import type { ServerEvent, TerminalEvent } from '../../src/protocol/index.ts'
import { controlFrames } from './frames.ts'

const response = { id: 'resp_1', output: [] }

describe('isTerminalEvent', () => {
  it.each(Object.keys(controlFrames))('knows about %s', (type) => {
    const ends = ['completed', 'incomplete', 'failed', 'done', 'error'].map((end) => `response.${end}`)
    const parsed = parseServerEvent(controlFrames[type as keyof typeof controlFrames])
    expect(parsed.ok && isTerminalEvent(parsed.event)).toBe(ends.includes(type))
  })

  it.each(['response.output_text.done', 'response.mcp_call.failed', 'response.cancelled', 'toString'])(
    'says no to %s',
    (type) => {
      expect(isTerminalEvent({ type })).toBe(false)
    },
  )

  it('narrows', () => {
    const event = { type: 'response.completed', response } as ServerEvent
    expect(isTerminalEvent(event) && event.response?.id).toBe('resp_1')
  })

  it('goes by a list that nobody can change', () => {
    expect(TERMINAL_TYPES).toHaveLength(5)
    expect(TERMINAL_TYPES).toBeInstanceOf(Array)
    expect(Object.isFrozen(TERMINAL_TYPES)).toBe(true)
  })
})

describe('settlementOf', () => {
  it.each([
    ['response.completed', 'completed', 'completed'],
    // The type decides, whatever the status says.
    ['response.completed', 'failed', 'completed'],
    ['response.incomplete', 'incomplete', 'incomplete'],
    ['response.failed', 'failed', 'failed'],
    ['response.done', 'completed', 'completed'],
    ['response.done', 'incomplete', 'incomplete'],
    ['response.done', 'cancelled', 'incomplete'],
    ['response.done', 'failed', 'failed'],
    ['response.done', 'in_progress', 'failed'],
    ['response.done', null, 'failed'],
    ['response.done', undefined, 'failed'],
    ['response.error', undefined, 'failed'],
  ] as const)('%s with status %s is %s', (type, status, outcome) => {
    const ended = { ...response, status }
    const event: TerminalEvent = { type, response: ended }
    expect(settlementOf(event)).toEqual({ outcome, response: ended })
  })

  it('has no response where response.error brought none', () => {
    expect(settlementOf({ type: 'response.error', message: 'broken' })).toEqual({
      outcome: 'failed',
      response: null,
    })
  })
})
