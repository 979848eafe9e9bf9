import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TurnFault } from '../../src/testing/index.ts'
import { createResponsesServer, settle, SimulatedClock } from '../../src/testing/index.ts'
import { isTerminal, RawClient } from './client.ts'

const at = fc.constantFrom(
  'request',
  'created',
  'in-progress',
  'delta',
  'item',
  'before-terminal',
  'after-terminal',
)
const kinds = fc.oneof(
  fc.constantFrom('close', 'terminate', 'silence', 'stop-reading', 'error', 'double-terminal', 'stale-event'),
  fc.constantFrom('unknown-event', 'keepalive', 'binary', 'broken-json', 'sequence-gap', 'omit-created'),
  fc.constantFrom('empty-output', 'done-dialect'),
)
const plain = fc.record({ at, do: kinds })
const timed = fc.record({ at, do: fc.constantFrom('delay', 'silence', 'stop-reading'), ms: fc.nat(500) })
const fault = fc.oneof(plain, timed) as fc.Arbitrary<TurnFault>
const turn = fc.record(
  {
    text: fc.array(fc.string(), { maxLength: 3 }),
    delayMs: fc.nat(20),
    faults: fc.array(fault, { maxLength: 3 }),
  },
  { requiredKeys: [] },
)
const lanes = fc.array(fc.constantFrom(undefined, 'a', 'b'), { minLength: 1, maxLength: 6 })

const neverEnds = (turns: readonly { faults?: readonly TurnFault[] }[]): boolean =>
  turns
    .flatMap(({ faults = [] }) => faults)
    .some((each) => (each.do === 'silence' || each.do === 'stop-reading') && each.ms === undefined)

test('whatever the script: every create ends, and closing leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 4 }), lanes, async (turns, order) => {
      const clock = new SimulatedClock()
      await using server = await createResponsesServer({ clock, turns, age: { maxMs: null } })
      const client = await RawClient.open(server.url)
      for (const stream_id of order) client.create({ stream_id })
      await settle()
      await clock.advance(10_000)
      const open = server.requests().filter((request) => request.outcome === null)
      const terminals = client.events.filter((event) => isTerminal(event))
      const settled = open.length === 0 && (client.closed !== null || terminals.length >= order.length)
      expect(settled || neverEnds(turns)).toBe(true)
      await server.close()
      expect(clock.pending()).toEqual([])
      expect(server.requests().every((request) => request.outcome !== null)).toBe(true)
    }),
    { numRuns: 60 },
  )
})
