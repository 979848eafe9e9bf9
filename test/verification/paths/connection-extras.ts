import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import type { ExtraPath } from '../../../src/testing/paths/subject.ts'

/** Nothing but pings comes before the pong that is missed. */
const PINGS_ONLY: ConnectionModelOptions = { stableAfterMs: 3_600_000, maxAgeMs: false }

const ANOTHER_KEY: ConnectionStep = { do: 'connect', key: 'sk-another' }

const OPEN: readonly ConnectionStep[] = [{ do: 'connect' }, { do: 'accept' }]
const FROZEN: readonly ConnectionStep[] = [...OPEN, { do: 'freeze' }]

/** A late fact, a key, or a second notice: what it does, if it does anything, shows only later. */
export const CONNECTION_EXTRAS: readonly ExtraPath<ConnectionStep, ConnectionModelOptions>[] = [
  {
    goal: 'a late sign of life while a pong is waited for',
    options: PINGS_ONLY,
    steps: [...FROZEN, { do: 'next' }, { do: 'stale', fact: 'heard' }, { do: 'next' }, { do: 'next' }],
  },
  {
    goal: 'a late sign of life when the pong is overdue',
    options: PINGS_ONLY,
    steps: [...FROZEN, { do: 'next' }, { do: 'next' }, { do: 'stale', fact: 'heard' }, { do: 'next' }],
  },
  {
    goal: 'a second notice of the age limit',
    options: PINGS_ONLY,
    steps: [...OPEN, { do: 'expire' }, { do: 'wait', ms: 500 }, { do: 'expire' }, { do: 'next' }],
  },
  {
    goal: 'a second notice of the age limit, of a server that closes after errors',
    options: { ...PINGS_ONLY, closesOnError: true },
    steps: [...OPEN, { do: 'expire' }, { do: 'wait', ms: 500 }, { do: 'expire' }, { do: 'next' }],
  },
  {
    goal: 'bytes that move are a sign of life when the pong is overdue, once',
    options: PINGS_ONLY,
    steps: [
      ...FROZEN,
      { do: 'next' },
      { do: 'trickle' },
      { do: 'next' },
      { do: 'next' },
      { do: 'next' },
      { do: 'next' },
    ],
  },
  {
    goal: 'the first key',
    options: PINGS_ONLY,
    steps: [ANOTHER_KEY, { do: 'accept' }],
  },
  {
    goal: 'another key while a line is open serves for the redial',
    options: PINGS_ONLY,
    steps: [...OPEN, ANOTHER_KEY, { do: 'cut' }, { do: 'next' }, { do: 'next' }, { do: 'accept' }],
  },
  {
    goal: 'another key while a line is being closed serves for the next one',
    options: PINGS_ONLY,
    steps: [...FROZEN, { do: 'close' }, ANOTHER_KEY, { do: 'next' }, { do: 'next' }, { do: 'accept' }],
  },
  {
    goal: 'a healthy line whose pong is missed owes no floor',
    options: PINGS_ONLY,
    steps: [
      ...OPEN,
      { do: 'turn', end: 'completed' },
      { do: 'freeze' },
      { do: 'next' },
      { do: 'next' },
      { do: 'next' },
      { do: 'retry' },
    ],
  },
  {
    goal: 'a key is asked for anew after each line that was open',
    options: { ...PINGS_ONLY, credential: 'provider', maxRetries: 2 },
    steps: [
      { do: 'connect' },
      { do: 'refuse', status: 401 },
      { do: 'wait', ms: 1_000 },
      { do: 'accept' },
      { do: 'turn', end: 'completed' },
      { do: 'cut' },
      { do: 'wait', ms: 1_000 },
      { do: 'refuse', status: 401 },
      { do: 'wait', ms: 1_000 },
      { do: 'accept' },
    ],
  },
]
