import { expect, test } from 'vitest'
import { drive } from './drive.ts'
import { judge } from './judge.ts'
import { type AnswerPlan, type Dialect, POLITE, type Schedule, type Step } from './schedule.ts'

const ask = (who = 0, how: 'respond' | 'run' | 'read' = 'respond'): Step => ({ do: 'ask', who, with: how })

function scheduleOf(
  steps: readonly Step[],
  answers: readonly AnswerPlan[],
  more: Partial<Schedule> = {},
): Schedule {
  return {
    seed: 0,
    profile: 'openai',
    httpFallback: false,
    dialect: POLITE,
    conversations: [{ replay: 'safe', store: false, tools: false }],
    steps,
    dials: [],
    answers,
    endsWith: 'close',
    ...more,
  }
}

const like = (dialect: Partial<Dialect>): Partial<Schedule> => ({ dialect: { ...POLITE, ...dialect } })
const replay = (policy: 'never' | 'unanswered'): Partial<Schedule> => ({
  conversations: [{ replay: policy, store: false, tools: false }],
})

/** The shortest schedule of each kind that broke a promise once. */
const FOUND: Readonly<Record<string, Schedule>> = {
  'a notice of age crosses a create that runs': scheduleOf([ask()], [{ kind: 'text', notice: true }]),
  'the same, where a turn may be sent again unanswered': scheduleOf(
    [ask()],
    [{ kind: 'text', notice: true }],
    replay('unanswered'),
  ),
  'the same, where no turn is sent again': scheduleOf(
    [ask()],
    [{ kind: 'text', notice: true }],
    replay('never'),
  ),
  'the same, and the next connection is refused': scheduleOf([ask()], [{ kind: 'failed', notice: true }], {
    dials: [{ kind: 'accept' }, { kind: 'refuse', status: 404 }],
  }),
  'a warm-up while a call is open': scheduleOf([ask(), { do: 'warm', who: 0 }], [{ kind: 'calls' }]),
  'a move to a fresh connection while a call is open': scheduleOf(
    [ask(), { do: 'wait', ms: 55_000 }],
    [{ kind: 'calls' }],
    { profile: 'own' },
  ),
  'reasoning whose call was cut short': scheduleOf(
    [ask(), ask()],
    [{ kind: 'truncated-calls', reasoning: true }],
  ),
  'a response that is created without an id, and then cut': scheduleOf([ask()], [{ kind: 'calls' }], {
    ...like({ ids: 'none', closesAfterAnswer: 1011 }),
    ...replay('unanswered'),
  }),
  'an item without a type, at a place that is no number': scheduleOf(
    [ask()],
    [{ kind: 'calls', inject: { at: 1, what: 'prototype' } }],
    like({ emptyOutput: true }),
  ),
  // Of two turns, the first one's end comes twice, and the second one's lane is refused without a label.
  'an end that comes late where there are no lanes': {
    ...scheduleOf(
      [ask(2), { do: 'cut', how: 'close', code: 1001 }, ask(3), ask(1)],
      [{ kind: 'silent' }, { kind: 'failed', terminal: 'error-then-failed' }],
      like({ lanes: 'refuse-detail', remembers: true }),
    ),
    conversations: [
      { replay: 'safe', store: false, tools: false },
      { replay: 'safe', store: false, tools: false },
      { replay: 'unanswered', store: false, tools: false },
    ],
    endsWith: 'stop',
  },
  'output that holds anything but items': scheduleOf([ask()], [{ kind: 'text', terminal: 'bad-output' }]),
}

test.each(Object.entries(FOUND))('%s', async (_name, schedule) => {
  expect(judge(await drive(schedule))).toEqual([])
})
