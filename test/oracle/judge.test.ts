import { describe, expect, test } from 'vitest'
import { drive } from './drive.ts'
import { judge } from './judge.ts'
import type { CreateRecord, Report, TurnRecord } from './records.ts'
import { POLITE, type Schedule } from './schedule.ts'

const TALK: Schedule = {
  seed: 0,
  profile: 'openai',
  httpFallback: false,
  dialect: POLITE,
  conversations: [
    { replay: 'safe', store: false, tools: true },
    { replay: 'never', store: false, tools: false },
  ],
  steps: [
    { do: 'ask', who: 0, with: 'run' },
    { do: 'ask', who: 1, with: 'read' },
    { do: 'ask', who: 1, with: 'respond' },
  ],
  dials: [],
  answers: [{ kind: 'calls' }],
  endsWith: 'close',
}

const report = await drive(TALK)
const [first, second, other] = report.turns as [TurnRecord, TurnRecord, TurnRecord]
const [create] = report.creates as [CreateRecord]

const promises = (broken: Partial<Report>): string[] => [
  ...new Set(judge({ ...report, ...broken }).map(({ promise }) => promise)),
]
const withTurn = (turn: TurnRecord, change: Partial<TurnRecord>): Partial<Report> => ({
  turns: report.turns.map((one) => (one === turn ? { ...turn, ...change } : one)),
})
const withCreate = (change: Partial<CreateRecord>): Partial<Report> => ({
  creates: report.creates.map((one) => (one === create ? { ...create, ...change } : one)),
})

describe('the judge of an oracle', () => {
  test('finds nothing in a talk in which nothing went wrong', () => {
    expect(judge(report)).toEqual([])
    expect(report.wasPolite).toBe(true)
    expect(report.turns.map(({ response }) => response?.['status'])).toEqual([
      'completed',
      'completed',
      'completed',
      'completed',
    ])
    expect(report.toolRuns).toEqual(['call_1a'])
  })

  test.each<[string, string, Partial<Report>]>([
    ['an uncaught exception', 'no uncaught exception', { uncaught: ['TypeError'] }],
    ['a timer that is left', 'nothing left behind', { leftBehind: ['1 timer(s) still set'] }],
    ['a turn that never settles', 'each turn settles once', { unsettled: ['turn'] }],
    [
      'a turn that settles twice',
      'each turn settles once',
      withTurn(first, { settled: [...first.settled, ...first.settled] }),
    ],
    [
      'a turn that settles in two ways',
      'each turn settles once',
      withTurn(first, { settled: [...first.settled, { by: 'event', at: 0, outcome: 'lost' }] }),
    ],
    [
      "another's answer",
      "nobody gets another's answer",
      withTurn(other, { seen: new Set([...other.seen, 1]) }),
    ],
    ["an answer that was nobody's", "nobody gets another's answer", withCreate({ key: 'unknown' })],
    [
      'a create that ran twice',
      'nothing runs twice',
      { creates: [...report.creates, { ...create, n: report.creates.length + 1 }] },
    ],
    ['a tool that ran twice', 'no tool runs twice', { toolRuns: ['call_1a', 'call_1a'] }],
    ['a tool whose call was never made', 'no tool runs twice', { toolRuns: ['call_1a', 'call_9a'] }],
    ['an answer from a shorter history', 'the server answers from the history', withCreate({ context: [] })],
    [
      'an input that the API refuses',
      'the server answers from the history',
      withCreate({ problem: 'call without an output' }),
    ],
    [
      'a history without the answer',
      'the history holds what was answered',
      withTurn(first, { after: first.before }),
    ],
    [
      'a history that keeps an answer that failed',
      'the history holds what was answered',
      withTurn(second, { response: null }),
    ],
    [
      'an error that says too much',
      'an error tells the truth',
      withTurn(first, { error: { code: 'ERR_TURN_LOST', resendIsSafe: true, text: '' } }),
    ],
    [
      'a polite server that is not understood',
      'a polite server is answered by completion',
      withTurn(other, { response: null, after: other.before }),
    ],
  ])('finds %s', (_name, promise, broken) => {
    expect(promises(broken)).toContain(promise)
  })
})
