import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import type { ConnectionModel } from '../../../src/testing/model/connection-model.ts'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import { pick, seededRandom } from './random.ts'
import { type ConnectionStep, isOutside } from '../../../src/testing/model/steps.ts'
import { TURN_FAULTS, faultedTurn } from '../../../src/testing/model/turn-faults.ts'
import { SMALL_PAYLOAD_BYTES, UPGRADE_FAULTS } from '../../../src/testing/model/upgrade-faults.ts'

/** Steps of one kind, and how often that kind is picked beside the others. */
interface Kind {
  readonly weight: number
  readonly steps: readonly ConnectionStep[]
}

const statuses = [503, 500, 429, 401, 401, 408, 403, 404, 426, 302]
const closeCodes = [1000, 1001, 1003, 1008, 1011, 1012, 4402]

/** What leads on is picked more often than what ends everything. */
const KINDS: readonly Kind[] = [
  { weight: 3, steps: [{ do: 'connect' }, { do: 'connect' }, { do: 'connect', key: 'sk-another' }] },
  { weight: 6, steps: [{ do: 'accept' }] },
  { weight: 6, steps: [{ do: 'next' }] },
  { weight: 1, steps: [{ do: 'close' }, { do: 'say' }] },
  { weight: 4, steps: [{ do: 'retry' }, { do: 'cut' }, { do: 'freeze' }, { do: 'thaw' }, { do: 'expire' }] },
  {
    weight: 3,
    steps: [
      { do: 'turn', end: 'completed' },
      { do: 'turn', end: 'completed', store: true },
      { do: 'turn', end: 'completed', lane: 'a' },
      { do: 'turn', end: 'failed' },
      { do: 'turn', end: 'incomplete' },
      { do: 'turn', end: 'error', status: 429, code: 'rate_limit_exceeded' },
      { do: 'turn', end: 'error', status: 400, code: 'previous_response_not_found' },
    ],
  },
  { weight: 1, steps: TURN_FAULTS.map((fault) => ({ do: 'turn', end: faultedTurn(fault).end, fault })) },
  { weight: 1, steps: UPGRADE_FAULTS.map((fault) => ({ do: 'accept', fault })) },
  { weight: 1, steps: statuses.map((status) => ({ do: 'refuse', status })) },
  { weight: 1, steps: [{ do: 'refuse', status: 503, retryAfterMs: 7_000 }] },
  { weight: 1, steps: closeCodes.map((code) => ({ do: 'hang-up', code })) },
  { weight: 2, steps: [1, 99, 100, 1_000, 25_100].map((ms) => ({ do: 'wait', ms })) },
  {
    weight: 1,
    steps: [
      { do: 'crash' },
      { do: 'restore' },
      { do: 'misreport', fact: 'opened' },
      ...(['opened', 'refused', 'lost', 'heard', 'settled', 'errored'] as const).map((fact) => ({
        do: 'stale' as const,
        fact,
      })),
    ],
  },
]

const BASKET = KINDS.flatMap((kind) => Array.from({ length: kind.weight }, () => kind.steps))

/** What a schedule is made of. */
export interface ScheduleOptions {
  /** The same seed gives the same schedule. */
  readonly seed: number
  /** Steps in it. Default: 40. */
  readonly length?: number | undefined
  /** False adds steps that only a bare chart can be given. Default: true. */
  readonly outsideOnly?: boolean | undefined
}

/** Random options and steps that make sense one after the other. */
export interface Schedule {
  readonly options: ConnectionModelOptions
  readonly steps: readonly ConnectionStep[]
}

/** Makes a random schedule. It asks the model which steps apply, so few of them do nothing. */
export function randomSchedule({ seed, length = 40, outsideOnly = true }: ScheduleOptions): Schedule {
  const random = seededRandom(seed)
  const options = randomOptions(random)
  const model = createConnectionModel(options)
  const steps: ConnectionStep[] = []
  while (steps.length < length) {
    const step = nextStep(model, random, outsideOnly)
    model.take(step)
    steps.push(step)
  }
  return { options, steps }
}

/** A step that applies where the model is. */
export function nextStep(model: ConnectionModel, random: () => number, outsideOnly: boolean): ConnectionStep {
  for (;;) {
    const step = pick(pick(BASKET, random) ?? [], random)
    if (step !== undefined && model.applies(step) && (!outsideOnly || isOutside(step))) return step
  }
}

function randomOptions(random: () => number): ConnectionModelOptions {
  const one = <T>(...values: readonly [T, ...T[]]): T => pick(values, random) ?? values[0]
  return {
    credential: one('fixed', 'provider'),
    jitter: one(0, 0.4, 0.999),
    maxRetries: one(0, 1, 2, 3),
    minRetryDelayMs: one(0, 100, 1_500),
    pingIntervalMs: one<number | false>(false, 20_000),
    stableAfterMs: one(10_001, 30_001, 100_003),
    maxAgeMs: one<number | false>(false, 60_007, 3_600_000),
    maxPayloadBytes: one(SMALL_PAYLOAD_BYTES, 64 * 1024 * 1024),
  }
}
