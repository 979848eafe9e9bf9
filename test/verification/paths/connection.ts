import { type ConnectionChart, connectionChart } from '../../../machines/index.ts'
import { ChartSubject } from '../drive/chart-subject.ts'
import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import { type ConnectionStep, isOutside } from '../../../src/testing/model/steps.ts'
import { TURN_FAULTS } from '../../../src/testing/model/turn-faults.ts'
import { UPGRADE_FAULTS } from '../../../src/testing/model/upgrade-faults.ts'
import { CONNECTION_EXTRAS } from './connection-extras.ts'
import type { ExploreOptions } from '../../../src/testing/paths/explore.ts'
import { FAULT_OPTIONS, faultSteps, upgradeFaultSteps } from './faults.ts'
import type { PathSubject } from '../../../src/testing/paths/subject.ts'

/** What is done to a connection, of each kind as many as tell its guards apart. */
const STEPS: readonly ConnectionStep[] = [
  { do: 'connect' },
  { do: 'connect', key: 'sk-another' },
  { do: 'accept' },
  { do: 'next' },
  { do: 'close' },
  { do: 'retry' },
  { do: 'turn', end: 'completed' },
  { do: 'turn', end: 'completed', store: true },
  { do: 'turn', end: 'failed' },
  { do: 'turn', end: 'incomplete' },
  { do: 'turn', end: 'error', status: 500 },
  { do: 'turn', end: 'error', status: 400, code: 'previous_response_not_found' },
  { do: 'refuse', status: 503 },
  { do: 'refuse', status: 401 },
  { do: 'refuse', status: 426 },
  { do: 'refuse', status: 429, retryAfterMs: 7_000 },
  { do: 'cut' },
  { do: 'hang-up', code: 1011 },
  { do: 'hang-up', code: 1000 },
  { do: 'freeze' },
  { do: 'thaw' },
  { do: 'expire' },
]

/** What no server and no network can do: only the bare chart can be given these. */
const CHART_STEPS: readonly ConnectionStep[] = [
  { do: 'crash' },
  { do: 'restore' },
  { do: 'restore', json: true },
  { do: 'misreport', fact: 'opened' },
  { do: 'misreport', fact: 'refused' },
  { do: 'stale', fact: 'opened' },
  { do: 'stale', fact: 'refused' },
  { do: 'stale', fact: 'lost' },
  { do: 'stale', fact: 'heard' },
  { do: 'stale', fact: 'settled' },
  { do: 'stale', fact: 'errored' },
]

/** Clocks in different orders, keys of both kinds, and clocks that are switched off. */
const PROFILES: Readonly<Record<string, ConnectionModelOptions>> = {
  'a key that is asked for': { credential: 'provider', maxRetries: 2, jitter: 0.4, maxAgeMs: false },
  'a fixed key, short-lived': {
    maxRetries: 1,
    minRetryDelayMs: 1_500,
    maxAgeMs: 20_000,
    turnBudgetMs: 5_000,
    pingIntervalMs: false,
    stableAfterMs: 40_000,
  },
  'clocks that are switched off': { maxRetries: 0, pingIntervalMs: false, maxAgeMs: false },
  'no retry, slowly healthy': { maxRetries: 0, stableAfterMs: 60_000, maxAgeMs: false },
  'a redial that waits for nothing': {
    maxRetries: 1,
    backoffDelaysMs: [0],
    pingIntervalMs: false,
    maxAgeMs: false,
    stableAfterMs: 3_600_000,
  },
  'a server that closes after errors': { maxRetries: 1, closesOnError: true, maxAgeMs: false },
  'healthy only by a response': { maxRetries: 1, jitter: 0.4, stableAfterMs: 3_600_000, maxAgeMs: false },
}

/** The connection chart as a subject of generated paths. `chart` is for mutants of it. */
export const connectionPaths: PathSubject<ConnectionStep, ConnectionModelOptions> = {
  machine: connectionChart,
  profiles: PROFILES,
  explore: (options) => exploreConnection(options),
  // The class takes no snapshots; an application that spawns the machine does.
  isOutside: (steps) => steps.every((step) => isOutside(step) || step.do === 'restore'),
  extras: [
    ...TURN_FAULTS.map((fault) => ({
      goal: `in a turn: ${fault}`,
      options: { ...FAULT_OPTIONS, maxRetries: 1 },
      steps: faultSteps(fault),
    })),
    ...UPGRADE_FAULTS.map((fault) => ({
      goal: `after an upgrade: ${fault}`,
      options: { ...FAULT_OPTIONS, maxRetries: 2, maxAgeMs: false as const },
      steps: upgradeFaultSteps(fault),
    })),
    ...CONNECTION_EXTRAS,
  ],
  reasons: {
    'xstate.error.actor.socket':
      'the socket actor catches what it throws and reports a loss instead; it would take a socket actor of another make',
    'not isFresh':
      'a socket is stopped before it is replaced, and XState drops what a stopped actor sends; it would take a chart whose socket is left running',
    'connection.open|socket.opened':
      'a socket opens once, while it is dialed; it would take a bare chart that is restored while it is open',
    'connection.open|socket.refused':
      'an upgrade is refused while it is dialed; it would take a bare chart that is restored while it is open',
  },
}

/** How one profile of the connection chart is explored. */
export function exploreConnection(
  options: ConnectionModelOptions,
  chart: ConnectionChart = connectionChart,
): ExploreOptions<ConnectionStep> {
  return {
    machine: connectionChart,
    steps: [...STEPS, ...CHART_STEPS],
    begin: (inspect) => {
      const subject = new ChartSubject(options, { chart, inspect })
      let canDial = true
      return {
        take: async (step) => {
          await subject.take(step)
          // Its options are gone with its key, so that only a new actor can go on.
          if (step.do === 'restore' && step.json === true) canDial = false
        },
        applies: () => canDial,
        key: () => `${keyOf(subject)}${canDial}`,
        name: () => subject.view().state,
        stop: () => subject.stop(),
      }
    },
  }
}

function keyOf({ actor, clock, socket }: ChartSubject): string {
  const { value, context } = actor.getSnapshot()
  const { retry, renewals, previousResponseOrigin } = context
  return JSON.stringify([
    value,
    retry.attempt,
    renewals > 0,
    previousResponseOrigin?.stored ?? null,
    socket?.frozen ?? false,
    context.closedBecause === null,
    // In which order things are due; when exactly is left out, or no two places would be the same.
    clock.pending().map(({ event }) => event),
  ])
}
