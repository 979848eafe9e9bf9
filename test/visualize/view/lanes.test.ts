import { expect, it } from 'vitest'
import type { RecordingEntry } from '../../../src/recording/format.ts'
import { lanesOf } from '../../../visualize/view/lanes.ts'

function frame(at: number, direction: 'in' | 'out', type: string | null, more: object = {}): RecordingEntry {
  return {
    at,
    kind: 'frame',
    actor: 'line/connection-1',
    connectionId: 1,
    direction,
    frame: 'message',
    type,
    bytes: 10,
    count: 1,
    spanMs: 0,
    ...more,
  }
}

it('a turn goes from its create to its terminal event, with the wait for the first', () => {
  const [lane] = lanesOf([
    frame(0, 'out', 'response.create'),
    frame(400, 'in', 'response.created'),
    frame(500, 'in', 'response.output_text.delta', { count: 7, spanMs: 40 }),
    frame(900, 'in', 'response.completed'),
  ])
  expect(lane?.bars).toEqual([
    { actor: 'line/connection-1', start: 0, firstAt: 400, end: 900, outcome: 'completed' },
  ])
  expect(lane?.ticks.map(({ count }) => count)).toEqual([1, 1, 7, 1])
})

it('a turn on a line that is lost ends there; one that nobody answers is still running', () => {
  const [lane] = lanesOf([
    frame(0, 'out', 'response.create'),
    { at: 50, kind: 'actor', actor: 'line/connection-1/socket', change: 'stopped', chart: null, state: null },
    frame(100, 'out', 'response.create'),
    frame(110, 'in', null, { frame: 'pong' }),
  ])
  expect(lane?.bars).toEqual([
    expect.objectContaining({ start: 0, end: 50, outcome: 'lost' }),
    expect.objectContaining({ start: 100, firstAt: null, end: null, outcome: 'running' }),
  ])
})
