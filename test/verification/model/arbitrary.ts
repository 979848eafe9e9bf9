import fc from 'fast-check'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { TURN_FAULTS, faultedTurn } from '../../../src/testing/model/turn-faults.ts'
import { SMALL_PAYLOAD_BYTES, UPGRADE_FAULTS } from '../../../src/testing/model/upgrade-faults.ts'

const lane = fc.option(fc.constant('a'), { nil: undefined, freq: 4 })

const turn: fc.Arbitrary<ConnectionStep> = fc
  .record({
    end: fc.constantFrom('completed', 'completed', 'failed', 'incomplete', 'error'),
    store: fc.boolean(),
    lane,
    error: fc.constantFrom(
      undefined,
      { code: 'previous_response_not_found', status: 400 },
      { code: 'rate_limit_exceeded', status: 429 },
    ),
  })
  .map(({ end, store, lane: name, error }) => ({
    do: 'turn' as const,
    end,
    ...(end === 'completed' && store && { store }),
    ...(name !== undefined && { lane: name }),
    ...(end === 'error' && error),
  }))

/** What a server does wrong, in a turn and right after an upgrade. */
const faulted: fc.Arbitrary<ConnectionStep> = fc.oneof(
  fc.record({ fault: fc.constantFrom(...TURN_FAULTS), lane }).map(({ fault, lane: name }) => ({
    do: 'turn' as const,
    end: faultedTurn(fault).end,
    fault,
    ...(name !== undefined && { lane: name }),
  })),
  fc.constantFrom(...UPGRADE_FAULTS).map((fault) => ({ do: 'accept' as const, fault })),
)

const refuse = fc.constantFrom<ConnectionStep>(
  ...[503, 503, 500, 429, 401, 401, 408, 409, 403, 404, 426, 302].map((status) => ({
    do: 'refuse' as const,
    status,
  })),
  { do: 'refuse', status: 429, retryAfterMs: 7_000 },
  { do: 'refuse', status: 503, retryAfterMs: 90_000 },
  { do: 'refuse', status: 429, code: 'insufficient_quota' },
)

const hangUp: fc.Arbitrary<ConnectionStep> = fc
  .constantFrom(1000, 1001, 1003, 1008, 1011, 1012, 1013, 4000, 4402)
  .map((code) => ({ do: 'hang-up', code }))

const wait: fc.Arbitrary<ConnectionStep> = fc
  .constantFrom(1, 50, 99, 100, 900, 1_000, 5_000, 25_100, 30_000)
  .map((ms) => ({ do: 'wait', ms }))

const plain = (
  ...names: (
    | 'connect'
    | 'close'
    | 'retry'
    | 'accept'
    | 'cut'
    | 'freeze'
    | 'thaw'
    | 'say'
    | 'expire'
    | 'next'
  )[]
) => fc.constantFrom(...names.map((name) => ({ do: name }) as ConnectionStep))

/** Steps that can be caused from outside, those that lead on more often than those that end everything. */
export const outsideStep: fc.Arbitrary<ConnectionStep> = fc.oneof(
  { weight: 3, arbitrary: plain('connect') },
  { weight: 1, arbitrary: fc.constant<ConnectionStep>({ do: 'connect', key: 'sk-another' }) },
  { weight: 6, arbitrary: plain('accept') },
  { weight: 5, arbitrary: plain('next') },
  { weight: 1, arbitrary: plain('close', 'say') },
  { weight: 4, arbitrary: plain('retry', 'cut', 'freeze', 'thaw', 'expire') },
  { weight: 3, arbitrary: turn },
  { weight: 3, arbitrary: faulted },
  { weight: 3, arbitrary: refuse },
  { weight: 2, arbitrary: hangUp },
  { weight: 2, arbitrary: wait },
)

/** And those that only a bare chart can be given. */
export const anyStep: fc.Arbitrary<ConnectionStep> = fc.oneof(
  { weight: 9, arbitrary: outsideStep },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ConnectionStep>(
      { do: 'crash' },
      { do: 'trickle' },
      { do: 'restore' },
      { do: 'misreport', fact: 'opened' },
      { do: 'misreport', fact: 'refused' },
      ...(['opened', 'refused', 'lost', 'heard', 'settled', 'errored'] as const).map((fact) => ({
        do: 'stale' as const,
        fact,
      })),
    ),
  },
)

export const modelOptions: fc.Arbitrary<ConnectionModelOptions> = fc.record(
  {
    credential: fc.constantFrom('fixed', 'provider'),
    jitter: fc.constantFrom(0, 0.4, 0.999),
    maxRetries: fc.constantFrom(0, 1, 2, 3),
    minRetryDelayMs: fc.constantFrom(0, 100, 1_500),
    pingIntervalMs: fc.constantFrom<number | false>(false, 20_000),
    stableAfterMs: fc.constantFrom(10_001, 30_001),
    maxAgeMs: fc.constantFrom<number | false>(false, 60_007, 3_600_000),
    maxPayloadBytes: fc.constant(SMALL_PAYLOAD_BYTES),
  },
  { requiredKeys: [] },
)
