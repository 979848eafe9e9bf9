import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Talk, type TalkOptions, type TalkStep } from './run.ts'
import { PATIENCE_MS, runs } from '../../support/effort.ts'

const { HOLDLINE_SEED, HOLDLINE_PATH } = process.env
/** Each is checked after every step. */
const RUNS = runs(25, 500)

const some = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const who = fc.nat({ max: 2 })
const which = fc.nat({ max: 2 })

const refused = some(
  { code: 'previous_response_not_found', status: 400 },
  { code: 'websocket_connection_limit_reached', status: 400 },
  { code: 'websocket_stream_limit_reached', status: 400 },
  { code: 'rate_limit_exceeded', status: 429 },
  { code: 'server_error', status: 500 },
  { code: 'invalid_prompt', status: 400 },
)

const given = fc.oneof(
  { weight: 3, arbitrary: some({ do: 'created' as const }) },
  { weight: 2, arbitrary: some({ do: 'output' as const }) },
  { weight: 1, arbitrary: some({ do: 'heard' as const }) },
  {
    weight: 5,
    arbitrary: some('completed', 'completed', 'completed', 'incomplete', 'failed').map((end) => ({
      do: 'ended' as const,
      end,
    })),
  },
  { weight: 1, arbitrary: refused.map((refusal) => ({ do: 'errored' as const, ...refusal })) },
)

const step: fc.Arbitrary<TalkStep> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: some('respond'), who }) },
  { weight: 3, arbitrary: fc.record({ do: some('cancel', 'warm up', 'fork', 'fork'), who }) },
  { weight: 12, arbitrary: fc.record({ do: some('give'), which, step: given }) },
  { weight: 5, arbitrary: some({ do: 'accept' as const }) },
  { weight: 1, arbitrary: fc.record({ do: some('end compacted'), which }) },
  { weight: 2, arbitrary: some({ do: 'cut' }, { do: 'forget' }, { do: 'expire' }) },
  { weight: 1, arbitrary: some({ do: 'hang-up' as const, code: 1001 }) },
  { weight: 1, arbitrary: some(404, 503).map((status) => ({ do: 'refuse' as const, status })) },
  {
    weight: 2,
    arbitrary: some(1_000, 5_000, 100_000, 300_000).map((ms) => ({ do: 'wait' as const, ms })),
  },
)

/** A turn that ends well, so that there is something to continue. */
const FIRST: readonly TalkStep[] = [
  { do: 'respond', who: 0 },
  { do: 'accept' },
  { do: 'give', which: 0, step: { do: 'ended', end: 'completed' } },
]

/** And then nothing, or a fork of it, or two. */
const THEN: readonly (readonly TalkStep[])[] = [
  [],
  [
    { do: 'fork', who: 0 },
    { do: 'respond', who: 1 },
  ],
  [
    { do: 'fork', who: 0 },
    { do: 'fork', who: 0 },
    { do: 'respond', who: 1 },
    { do: 'respond', who: 2 },
    { do: 'respond', who: 0 },
  ],
]

const steered: fc.Arbitrary<TalkStep> = fc.oneof(
  { weight: 3, arbitrary: step },
  { weight: 1, arbitrary: fc.record({ do: some('steer'), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: some('give'),
      which,
      step: some(
        { do: 'steer closed' },
        { do: 'created' },
        { do: 'ended', end: 'completed', waits: true },
        { do: 'ended', end: 'completed', waits: true },
        { do: 'ended', end: 'incomplete', code: 'steered' },
      ),
    }),
  },
)

const options = (network: TalkOptions['network'], steers: boolean): fc.Arbitrary<TalkOptions> =>
  fc.record({
    network: fc.constant(network),
    steers: fc.constant(steers),
    lanes: some('many', 'two', 'none'),
    policy: some('never', 'safe', 'safe', 'unanswered'),
    store: fc.boolean(),
  })

test.each([
  ['memory', false, RUNS],
  ['memory', true, RUNS],
  ['tcp', true, Math.ceil(RUNS / 10)],
] as const)(
  'whatever happens, conversations do what the model says, and the server knows their histories: %s, steered: %s',
  async (network, steers, numRuns) => {
    let ran = 0
    await fc.assert(
      fc.asyncProperty(
        options(network, steers),
        some(...THEN),
        fc.array(steers ? steered : step, { minLength: 5, maxLength: 40, size: 'max' }),
        async (of, then, steps) => {
          const talk = await Talk.begin(of)
          try {
            for (const one of [...FIRST, ...then, ...steps]) await talk.take(one)
            await talk.finish()
          } finally {
            await talk.end()
          }
          ran += 1
        },
      ),
      {
        numRuns,
        seed: Number(HOLDLINE_SEED ?? 1),
        ...(HOLDLINE_PATH !== undefined && { path: HOLDLINE_PATH }),
      },
    )
    expect(ran).toBeGreaterThan(0)
  },
  PATIENCE_MS,
)
