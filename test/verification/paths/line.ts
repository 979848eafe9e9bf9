import { type LineChart, lineChart } from '../../../machines/index.ts'
import { LineSubject } from '../drive/line-subject.ts'
import type { LineModelOptions, LineStep } from '../model/line-steps.ts'
import { LINE_EXTRAS } from './line-extras.ts'
import type { ExploreOptions } from '../../../src/testing/paths/explore.ts'
import type { PathSubject } from '../../../src/testing/paths/subject.ts'

/** Options of a line, and the steps that matter under them. Each kind of trouble is explored by itself. */
export interface LineProfile extends LineModelOptions {
  /** Default: none. */
  readonly steps?: readonly LineStep[]
}

const COMMANDS: readonly LineStep[] = [
  { do: 'connect' },
  { do: 'close' },
  { do: 'close actor' },
  { do: 'retry' },
  { do: 'ask', who: 'a' },
  { do: 'release', who: 'a' },
  { do: 'withdraw', who: 'a' },
  { do: 'unusable', who: 'a' },
  { do: 'accept', of: 'current' },
  { do: 'refuse', status: 401, of: 'current' },
  { do: 'cut', of: 'current' },
  { do: 'next' },
]

const CONVERSATIONS: readonly LineStep[] = [
  { do: 'open', who: 'd' },
  { do: 'leave', who: 'd' },
]

const ONE_LANE: readonly LineStep[] = [
  { do: 'ask', who: 'a' },
  { do: 'ask', who: 'b' },
  { do: 'release', who: 'a' },
  { do: 'release', who: 'a', tail: true },
  { do: 'drained', who: 'a' },
  { do: 'withdraw', who: 'b' },
  { do: 'accept', of: 'current' },
  { do: 'accept', of: 'next' },
  { do: 'refuse', status: 401, of: 'next' },
  { do: 'hang-up', code: 1000, of: 'current' },
  { do: 'next' },
]

const ROTATION: readonly LineStep[] = [
  { do: 'connect', key: 'sk-another' },
  { do: 'close' },
  { do: 'ask', who: 'a' },
  { do: 'release', who: 'a' },
  { do: 'renew', who: 'a' },
  { do: 'accept', of: 'current' },
  { do: 'accept', of: 'next' },
  { do: 'refuse', status: 401, of: 'next' },
  { do: 'hang-up', code: 1000, of: 'current' },
  { do: 'next' },
]

const OVER_HTTP: readonly LineStep[] = [
  { do: 'connect' },
  { do: 'close' },
  { do: 'ask', who: 'a' },
  { do: 'release', who: 'a' },
  { do: 'renew', who: 'a' },
  { do: 'accept', of: 'current' },
  { do: 'accept', of: 'next' },
  { do: 'refuse', status: 503, of: 'current' },
  { do: 'refuse', status: 426, of: 'current' },
  { do: 'refuse', status: 401, of: 'current' },
  { do: 'refuse', status: 426, of: 'next' },
  { do: 'cut', of: 'current' },
  { do: 'next' },
]

const SEVERAL_LANES: readonly LineStep[] = [
  { do: 'ask', who: 'a' },
  { do: 'ask', who: 'b' },
  { do: 'release', who: 'b' },
  { do: 'exhausted', who: 'b' },
  { do: 'accept', of: 'current' },
  { do: 'show lanes' },
  { do: 'show none' },
]

const PROFILES: Readonly<Record<string, LineProfile>> = {
  commands: { maxRetries: 1, steps: COMMANDS },
  conversations: { steps: CONVERSATIONS },
  'one lane': { steps: ONE_LANE },
  rotation: { maxAgeMs: 80_000, turnBudgetMs: 10_000, maxRetries: 1, steps: ROTATION },
  'over HTTP': { httpFallback: true, steps: OVER_HTTP },
  'several lanes': { lanes: { inFlight: 2, names: 1 }, steps: SEVERAL_LANES },
}

/** The line chart as a subject of generated paths. */
export const linePaths: PathSubject<LineStep, LineProfile> = {
  machine: lineChart,
  profiles: PROFILES,
  extras: LINE_EXTRAS,
  explore: (profile) => exploreLine(profile),
  reasons: {},
}

/** How one profile of the line chart is explored. */
function exploreLine(profile: LineProfile, chart: LineChart = lineChart): ExploreOptions<LineStep> {
  return {
    machine: lineChart,
    steps: profile.steps ?? [],
    begin: (inspect) => {
      const subject = new LineSubject(profile, chart, inspect)
      return {
        take: (step) => subject.take(step),
        key: () => subject.key(),
        name: () => subject.view().state,
        stop: () => subject.stop(),
      }
    },
  }
}
