import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import {
  defineTool,
  runToolCalls,
  type Tool,
  type ToolContext,
  type ToolEvent,
} from '../../../src/client/tools/index.ts'
import { settle, SimulatedClock } from '../../../src/testing/index.ts'
import { callOf } from './harness.ts'

const TIMEOUT_MS = 1_000

/** What can become of a call; the tool of the same name brings it about. */
const BEHAVIOURS = {
  gives: 'ok',
  waits: 'ok',
  throws: 'error',
  rejects: 'error',
  hangs: 'error',
  hangsOn: 'error',
  unserialisable: 'error',
  badArguments: 'error',
  brokenArguments: 'error',
  unknown: 'error',
} as const

type Behaviour = keyof typeof BEHAVIOURS

/** Tools of every behaviour, and how many of them were at work: from their start until they end or are told to. */
class Workshop {
  readonly tools: readonly Tool[]
  readonly clock: SimulatedClock
  readonly started: string[] = []
  now = 0
  peak = 0

  constructor(clock: SimulatedClock) {
    this.clock = clock
    this.tools = Object.entries(this.#behaviours()).map(([name, work]) =>
      defineTool({
        name,
        description: name,
        schema: v.object({ n: v.number() }),
        execute: ({ n }, context) => this.#watched(work, n, context),
      }),
    )
  }

  #behaviours(): Record<string, (n: number, context: ToolContext) => unknown> {
    const never = new Promise(() => {})
    return {
      gives: (n) => n,
      waits: (n) => this.#after(n),
      throws: () => {
        throw new Error('thrown')
      },
      rejects: async (n) => {
        await this.#after(n)
        throw new Error('rejected')
      },
      hangs: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('told')))
        }),
      hangsOn: () => never,
      unserialisable: () => 1n,
      badArguments: () => expect.unreachable(),
      brokenArguments: () => expect.unreachable(),
    }
  }

  #after(ms: number): Promise<string> {
    return new Promise((resolve) => {
      this.clock.setTimeout(() => resolve('done'), ms)
    })
  }

  async #watched(
    work: (n: number, context: ToolContext) => unknown,
    n: number,
    context: ToolContext,
  ): Promise<unknown> {
    this.started.push(context.callId)
    this.now += 1
    this.peak = Math.max(this.peak, this.now)
    let atWork = true
    const leave = () => {
      if (atWork) this.now -= 1
      atWork = false
    }
    context.signal.addEventListener('abort', leave)
    try {
      return await work(n, context)
    } finally {
      leave()
    }
  }
}

interface Planned {
  readonly behaviour: Behaviour
  readonly id: number
  readonly ms: number
}

const plans = fc.array(
  fc.record({
    behaviour: fc.constantFrom(...(Object.keys(BEHAVIOURS) as Behaviour[])),
    id: fc.nat(14),
    // Never at the same ms as the limit, where both ends are right.
    ms: fc.nat(TIMEOUT_MS - 1),
  }),
  { maxLength: 20 },
)

function callsOf(planned: readonly Planned[]) {
  return planned.map(({ behaviour, id, ms }) => {
    const broken = behaviour === 'brokenArguments' ? '{"n":' : null
    const args = behaviour === 'badArguments' ? { n: 'text' } : { n: ms }
    return callOf(behaviour, broken ?? args, `call_${id}`)
  })
}

function firstOfEach(planned: readonly Planned[]): Planned[] {
  return planned.filter((plan, index) => planned.findIndex(({ id }) => id === plan.id) === index)
}

/** Moves the clock until the run has settled; no run can need more time than all its calls one after another. */
async function toTheEnd(clock: SimulatedClock, calls: number): Promise<void> {
  for (let step = 0; step <= calls; step += 1) await clock.advance(TIMEOUT_MS)
}

describe('any list of calls with any mix of behaviours', () => {
  it('has one output for each call_id, in order, and never too many at once', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.integer({ min: 1, max: 6 }), async (planned, concurrency) => {
        const clock = new SimulatedClock({ settle: () => settle(3) })
        const workshop = new Workshop(clock)
        const events: ToolEvent[] = []
        const run = runToolCalls(callsOf(planned), workshop.tools, {
          clock,
          concurrency,
          toolTimeoutMs: TIMEOUT_MS,
          onTool: (event) => events.push(event),
        })
        await toTheEnd(clock, planned.length)
        const outputs = await run

        const expected = firstOfEach(planned)
        expect(outputs.map(({ call_id }) => call_id)).toEqual(expected.map(({ id }) => `call_${id}`))
        const outcomes = outputs.map(({ output }) => (isError(output) ? 'error' : 'ok'))
        expect(outcomes).toEqual(expected.map(({ behaviour }) => BEHAVIOURS[behaviour]))

        expect(workshop.peak).toBeLessThanOrEqual(concurrency)
        expect(workshop.now).toBe(0)
        expect(new Set(workshop.started).size).toBe(workshop.started.length)
        expect(clock.pending()).toEqual([])
        expectPairs(events, expected.length, concurrency)
      }),
      { numRuns: 400 },
    )
  })

  it('leaves nothing running when it is aborted at any time', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(3 * TIMEOUT_MS),
        async (planned, concurrency, abortAtMs) => {
          const clock = new SimulatedClock({ settle: () => settle(3) })
          const workshop = new Workshop(clock)
          const controller = new AbortController()
          const events: ToolEvent[] = []
          const run = runToolCalls(callsOf(planned), workshop.tools, {
            clock,
            concurrency,
            signal: controller.signal,
            toolTimeoutMs: TIMEOUT_MS,
            onTool: (event) => events.push(event),
          })
          const outcome = run.then(
            (outputs) => outputs.length,
            (error: unknown) => error,
          )
          await clock.advance(abortAtMs)
          const startedBefore = workshop.started.length
          const finishedBefore = events.filter(({ type }) => type === 'tool.finished').length
          controller.abort('enough')
          expect(workshop.now).toBe(0)

          const expected = firstOfEach(planned).length
          expect(await outcome).toBe(finishedBefore === expected ? expected : 'enough')
          const eventsAtRejection = events.length
          expectPairs(events, null, concurrency)
          await toTheEnd(clock, planned.length)
          expect(workshop.started).toHaveLength(startedBefore)
          expect(events).toHaveLength(eventsAtRejection)
          expect(clock.pending()).toEqual([])
        },
      ),
      { numRuns: 400 },
    )
  })
})

function isError(output: unknown): boolean {
  return typeof output === 'string' && output.startsWith('{"error":')
}

/** Every call that started finished, once; `count` null where an abort decides how many there are. */
function expectPairs(events: readonly ToolEvent[], count: number | null, concurrency: number): void {
  const open = new Set<string>()
  let finished = 0
  for (const { type, callId } of events) {
    if (type === 'tool.started') {
      expect(open.has(callId)).toBe(false)
      open.add(callId)
    } else {
      expect(open.delete(callId)).toBe(true)
      finished += 1
    }
    expect(open.size).toBeLessThanOrEqual(concurrency)
  }
  expect(open.size).toBe(0)
  if (count !== null) expect(finished).toBe(count)
}
