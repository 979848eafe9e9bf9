import { describe, expect, test } from 'vitest'
import { HoldlineError } from '../../../src/protocol/errors.ts'
import {
  SOAK_KEY,
  judgeAttempt,
  judgeDial,
  judgeFact,
  judgeGap,
  judgeLeft,
  judgeReached,
  judgeRefusal,
  judgeShown,
} from './judge.ts'
import { type TurnFacts, judgeTurn } from './judge-turn.ts'
import { type Judgement, Ledger, PROMISE_NAMES, type PromiseName } from './ledger.ts'
import { printSoak } from './print.ts'

const turn = (facts: Partial<TurnFacts> = {}): Judgement[] =>
  judgeTurn({
    key: 'turn 1',
    policy: 'safe',
    settlements: 1,
    isSettled: true,
    resent: [],
    creates: 1,
    runs: 1,
    refusals: 0,
    history: { kept: [{ type: 'message' }], answered: [{ type: 'message' }] },
    ...facts,
  })

const refusal = new HoldlineError('ERR_NOT_OPEN', 'It is closed. The event was not sent. Wait.')

/** What must be said to hold, and what must be noticed. */
const CASES: Readonly<Record<PromiseName, { readonly kept: Judgement[][]; readonly broken: Judgement[][] }>> =
  {
    oneSocket: {
      kept: [[judgeDial(0, 0)], [judgeDial(1, 1)]],
      broken: [[judgeDial(1, 0)], [judgeDial(2, 1)]],
    },
    noStaleFact: { kept: [[judgeFact('socket.lost', 3, 4)]], broken: [[judgeFact('socket.lost', 2, 4)]] },
    reaches: {
      kept: [[judgeReached(10, 5)], [judgeReached(0, 0)]],
      broken: [[judgeReached(10, 4)]],
    },
    settlesOnce: {
      kept: [turn(), turn({ settlements: 0 })],
      broken: [turn({ settlements: 2 }), turn({ isSettled: false })],
    },
    noResend: {
      kept: [
        turn(),
        turn({ creates: 0, runs: 0 }),
        turn({ creates: 2, runs: 2, refusals: 1, resent: ['wait'] }),
        turn({ creates: 2, runs: 2, policy: 'unanswered', resent: ['unanswered'] }),
      ],
      broken: [
        turn({ creates: 2, runs: 2 }),
        turn({ creates: 2, runs: 1, refusals: 0 }),
        turn({ creates: 2, runs: 2, resent: ['wait'] }),
        turn({ creates: 2, runs: 2, resent: ['unanswered'] }),
        turn({ creates: 2, runs: 2, refusals: 1, policy: 'never', resent: ['wait'] }),
        turn({ creates: 3, runs: 3, policy: 'unanswered', resent: ['unanswered'] }),
      ],
    },
    history: {
      kept: [turn(), turn({ history: null })],
      broken: [turn({ history: { kept: [], answered: [{ type: 'message' }] } })],
    },
    budget: {
      kept: [[judgeGap(10, 10)], [judgeAttempt(5, 5)]],
      broken: [[judgeGap(5, 10)], [judgeAttempt(6, 5)]],
    },
    noCredential: {
      kept: [[judgeShown({ key: '[redacted]' }, 'an event')]],
      broken: [
        [judgeShown({ deep: { key: SOAK_KEY } }, 'an event')],
        [judgeShown(new Error(SOAK_KEY), 'an error')],
      ],
    },
    nothingLeft: {
      kept: [judgeLeft({ timers: 0, sockets: 0, actors: 0 })],
      broken: [judgeLeft({ timers: 1 }), judgeLeft({ sockets: 1 }), judgeLeft({ actors: 1 })],
    },
    clearRefusal: {
      kept: [[judgeRefusal(refusal)]],
      broken: [
        [judgeRefusal(new TypeError('null'))],
        [judgeRefusal(new HoldlineError('ERR_NOT_OPEN', 'No.'))],
      ],
    },
  }

const report = (ledger: Ledger) =>
  printSoak({ ledger, turns: 4, reached: 3, creates: 5, heap: [0, 0], recordings: [] }).split('\n')

describe.each(PROMISE_NAMES)('the promise %s', (promise) => {
  const { kept, broken } = CASES[promise]

  test.each(kept)('is kept (%#)', (...judgements) => {
    const ledger = new Ledger()
    for (const judgement of judgements.filter((one) => one.promise === promise)) ledger.judge(judgement)
    expect(ledger.failures).toEqual([])
  })

  test.each(broken)('can be broken (%#)', (...judgements) => {
    const ledger = new Ledger()
    for (const judgement of judgements) ledger.judge(judgement)
    expect(ledger.broken(promise)).toBe(1)
    expect(ledger.failures).toHaveLength(1)
    expect(report(ledger).filter((line) => line.includes('BROKEN 1 times'))).toHaveLength(1)
  })
})

test('what was never put to the test is not called kept', () => {
  const lines = report(new Ledger())
  expect(lines.filter((line) => line.endsWith('not tested'))).toHaveLength(PROMISE_NAMES.length)
  expect(lines.filter((line) => line.includes('kept'))).toEqual([])
})

test('the rate of turns that reached the server is said', () => {
  expect(report(new Ledger())[0]).toBe('4 turns asked for, 3 (75 %) reached the server, in 5 creates.')
})
