import type { LineModelOptions, LineStep } from '../model/line-steps.ts'
import type { ExtraPath } from './subject.ts'

const AGED = { maxAgeMs: 80_000, turnBudgetMs: 10_000 }
const LANES = { lanes: { inFlight: 2, names: 2 } }
const KEY = 'sk-another'

const OPEN: readonly LineStep[] = [
  { do: 'ask', who: 'a' },
  { do: 'accept', of: 'current' },
]
/** It was open, has got ripe, and dials its successor. */
const MOVING: readonly LineStep[] = [...OPEN, { do: 'wait', ms: 70_000 }]
const GOES_ON: readonly LineStep[] = [
  { do: 'release', who: 'a' },
  { do: 'ask', who: 'a' },
]

function path(
  goal: string,
  options: LineModelOptions,
  ...steps: LineStep[]
): ExtraPath<LineStep, LineModelOptions> {
  return { goal, options, steps }
}

/** What shows only some steps after the transition that is to blame, in the words of the rule. */
export const LINE_EXTRAS: readonly ExtraPath<LineStep, LineModelOptions>[] = [
  path(
    'a lane that is released goes to who waits',
    {},
    ...OPEN,
    { do: 'ask', who: 'b' },
    { do: 'release', who: 'a' },
  ),
  path(
    'a lane that the server does not know makes room for who waits',
    LANES,
    { do: 'ask', who: 'a' },
    { do: 'ask', who: 'b' },
    { do: 'ask', who: 'c' },
    { do: 'accept', of: 'current' },
    { do: 'release', who: 'a' },
    { do: 'ask', who: 'a' },
    { do: 'exhausted', who: 'b' },
    { do: 'ask', who: 'b' },
    { do: 'release', who: 'c' },
  ),
  path(
    'a lane that the server does not know keeps no old connection open',
    { ...AGED, ...LANES },
    { do: 'ask', who: 'b' },
    ...MOVING,
    { do: 'accept', of: 'next' },
    { do: 'release', who: 'b' },
    { do: 'exhausted', who: 'a' },
  ),
  path('a socket that is unusable gets no turn', {}, ...OPEN, { do: 'unusable', who: 'a' }, ...GOES_ON),
  path(
    'retry skips the wait',
    {},
    ...OPEN,
    { do: 'cut', of: 'current' },
    { do: 'wait', ms: 200 },
    { do: 'retry' },
  ),
  path(
    'a socket that is to be renewed gets no turn while the line moves',
    {},
    ...OPEN,
    { do: 'ask', who: 'b' },
    { do: 'release', who: 'a', tail: true },
    { do: 'next' },
    { do: 'drained', who: 'a' },
    { do: 'renew', who: 'b' },
    { do: 'release', who: 'b' },
    { do: 'ask', who: 'b' },
    { do: 'accept', of: 'next' },
  ),
  path(
    'what cannot be renewed has to do',
    {},
    ...OPEN,
    { do: 'renew', who: 'a' },
    { do: 'refuse', status: 401, of: 'next' },
    ...GOES_ON,
  ),
  path(
    'another key serves from the next attempt on',
    {},
    { do: 'connect' },
    { do: 'connect', key: KEY },
    { do: 'cut', of: 'current' },
    { do: 'wait', ms: 1_000 },
  ),
  path(
    'another key serves for the successor too',
    AGED,
    ...MOVING,
    { do: 'connect', key: KEY },
    { do: 'cut', of: 'next' },
    { do: 'wait', ms: 1_000 },
  ),
  path(
    'the key of a trial serves for later connections',
    { httpFallback: true },
    { do: 'connect' },
    { do: 'refuse', status: 426, of: 'current' },
    { do: 'connect', key: KEY },
    { do: 'accept', of: 'current' },
    { do: 'ask', who: 'a' },
    { do: 'renew', who: 'a' },
  ),
  path(
    'no WebSocket is dialed while turns go over HTTP, but for the trial, and no longer than that lasts',
    { httpFallback: true },
    { do: 'connect' },
    { do: 'refuse', status: 503, of: 'current' },
    { do: 'wait', ms: 1_000 },
    { do: 'refuse', status: 503, of: 'current' },
    { do: 'wait', ms: 300_000 },
    { do: 'refuse', status: 503, of: 'current' },
    { do: 'wait', ms: 1_000 },
    { do: 'refuse', status: 503, of: 'current' },
    { do: 'wait', ms: 300_000 },
    { do: 'accept', of: 'current' },
    { do: 'ask', who: 'a' },
  ),
  path(
    'a lost connection is no failed attempt',
    { httpFallback: true },
    ...OPEN,
    { do: 'cut', of: 'current' },
    { do: 'wait', ms: 1_000 },
    { do: 'refuse', status: 503, of: 'current' },
    { do: 'wait', ms: 2_000 },
    { do: 'refuse', status: 503, of: 'current' },
  ),
  path(
    'a line that moves and finds no WebSocket closes what runs no turn',
    { ...AGED, httpFallback: true },
    ...OPEN,
    { do: 'release', who: 'a' },
    { do: 'wait', ms: 70_000 },
    { do: 'refuse', status: 426, of: 'next' },
    { do: 'ask', who: 'a' },
  ),
  path(
    'turns end on the old connection, which is not dialed again when it is lost',
    { ...AGED, httpFallback: true },
    ...MOVING,
    { do: 'refuse', status: 426, of: 'next' },
    { do: 'cut', of: 'old' },
    { do: 'wait', ms: 10_000 },
  ),
  path(
    'turns end on the old connection, though its end is announced',
    AGED,
    ...MOVING,
    { do: 'accept', of: 'next' },
    { do: 'expire', of: 'old' },
    { do: 'wait', ms: 500 },
    { do: 'release', who: 'a' },
  ),
  path(
    'who comes back during the handshake finds the line open again',
    {},
    ...OPEN,
    { do: 'freeze', of: 'current' },
    { do: 'close' },
    { do: 'release', who: 'a' },
    { do: 'ask', who: 'a' },
    { do: 'connect' },
    { do: 'ask', who: 'a' },
    { do: 'wait', ms: 5_000 },
    { do: 'accept', of: 'current' },
  ),
  path(
    'a retired connection that does not answer the close frame is waited for, and for so long only',
    AGED,
    ...MOVING,
    { do: 'accept', of: 'next' },
    { do: 'freeze', of: 'old' },
    { do: 'release', who: 'a' },
    { do: 'wait', ms: 5_000 },
  ),
  path(
    'given-up turns hold up who waits, though a lane is idle',
    LANES,
    { do: 'ask', who: 'a' },
    { do: 'ask', who: 'b' },
    { do: 'ask', who: 'c' },
    { do: 'accept', of: 'current' },
    { do: 'release', who: 'b' },
    { do: 'release', who: 'a', tail: true },
    { do: 'ask', who: 'b' },
    { do: 'release', who: 'c' },
    { do: 'ask', who: 'a' },
    { do: 'release', who: 'b', tail: true },
    { do: 'ask', who: 'c' },
    { do: 'wait', ms: 5_000 },
  ),
]
