import { type TurnChart, turnChart } from '../../../machines/index.ts'
import { TurnSubject } from '../drive/turn-subject.ts'
import { isTurnOutside } from '../model/turn-outside.ts'
import type { TurnModelOptions, TurnStep } from '../model/turn-steps.ts'
import type { ExploreOptions } from '../../../src/testing/paths/explore.ts'
import type { PathSubject } from '../../../src/testing/paths/subject.ts'

const STEPS: readonly TurnStep[] = [
  { do: 'dispatch' },
  { do: 'undeliverable' },
  { do: 'heard' },
  { do: 'created' },
  { do: 'output' },
  { do: 'ended', end: 'completed' },
  { do: 'ended', end: 'completed', waits: true },
  { do: 'ended', end: 'incomplete', code: 'max_output_tokens' },
  { do: 'ended', end: 'incomplete', code: 'steered' },
  { do: 'ended', end: 'failed', code: 'server_error' },
  { do: 'errored', code: 'previous_response_not_found', status: 400 },
  { do: 'errored', code: 'server_error', status: 500 },
  { do: 'errored', code: 'invalid_prompt', status: 400 },
  { do: 'cut' },
  { do: 'faulted' },
  { do: 'steer accepted' },
  { do: 'steer closed' },
  { do: 'cancel' },
  { do: 'next' },
]

/** More open steers than one tell no place from another. */
const PROFILES: Readonly<Record<string, TurnModelOptions>> = {
  'what provably did not run': { policy: 'safe' },
  'what was not answered': { policy: 'unanswered' },
  'never again, and no clocks': { policy: 'never', firstEventMs: false, interEventMs: false },
}

/** The turn chart as a subject of generated paths. */
export const turnPaths: PathSubject<TurnStep, TurnModelOptions> = {
  machine: turnChart,
  profiles: PROFILES,
  extras: [
    {
      goal: 'a steer that was taken and closed again holds nothing up',
      options: {},
      steps: [
        { do: 'dispatch' },
        { do: 'created' },
        { do: 'steer accepted' },
        { do: 'steer closed' },
        { do: 'ended', end: 'completed' },
      ],
    },
    {
      goal: 'the same while it streams',
      options: {},
      steps: [
        { do: 'dispatch' },
        { do: 'created' },
        { do: 'output' },
        { do: 'steer accepted' },
        { do: 'steer closed' },
        { do: 'ended', end: 'completed' },
      ],
    },
    {
      goal: 'the event that names a response late is heard like any other',
      options: {},
      steps: [
        { do: 'dispatch' },
        { do: 'output' },
        { do: 'wait', ms: 1 },
        { do: 'created' },
        { do: 'heard' },
        { do: 'next' },
        { do: 'next' },
      ],
    },
    {
      goal: 'every successor has its own time to come',
      options: {},
      steps: [
        { do: 'dispatch' },
        { do: 'ended', end: 'incomplete', code: 'steered' },
        { do: 'wait', ms: 1 },
        { do: 'ended', end: 'incomplete', code: 'steered' },
        { do: 'next' },
      ],
    },
    {
      goal: 'the same after a response that had completed',
      options: {},
      steps: [
        { do: 'dispatch' },
        { do: 'created' },
        { do: 'steer accepted' },
        { do: 'ended', end: 'completed' },
        { do: 'wait', ms: 1 },
        { do: 'ended', end: 'completed' },
        { do: 'next' },
      ],
    },
    {
      goal: 'of two steers one fails before the successor begins',
      options: {},
      steps: [
        { do: 'dispatch' },
        { do: 'created' },
        { do: 'steer accepted' },
        { do: 'steer accepted' },
        { do: 'ended', end: 'incomplete', code: 'steered' },
        { do: 'steer closed' },
        { do: 'created' },
        { do: 'ended', end: 'completed' },
      ],
    },
    {
      goal: 'the same between a response and its successor',
      options: {},
      steps: [
        { do: 'dispatch' },
        { do: 'created' },
        { do: 'steer accepted' },
        { do: 'steer accepted' },
        { do: 'ended', end: 'incomplete', code: 'steered' },
        { do: 'steer closed' },
        { do: 'steer closed' },
        { do: 'ended', end: 'completed' },
      ],
    },
  ],
  reasons: { 'turn.faulted': 'no frame is known that cannot be read on' },
  explore: (options) => exploreTurn(options),
  isOutside: isTurnOutside,
}

/** How one profile of the turn chart is explored. */
export function exploreTurn(
  options: TurnModelOptions,
  chart: TurnChart = turnChart,
): ExploreOptions<TurnStep> {
  return {
    machine: turnChart,
    steps: STEPS,
    begin: (inspect) => {
      const subject = new TurnSubject(options, chart, inspect)
      return {
        take: (step) => subject.take(step),
        key: () => subject.key(),
        name: () => subject.view().state,
        stop: () => subject.stop(),
      }
    },
  }
}
