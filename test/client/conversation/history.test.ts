import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { History, type HistoryItem } from '../../../src/client/conversation/history.ts'
import { checkHistory, withoutCalls } from '../../../src/client/conversation/history-rules.ts'
import type { InputItem } from '../../../src/protocol/index.ts'

const IDS = ['a', 'b', 'c', 'd']

const call = (id: string, isAsync = false) =>
  ({ type: 'function_call', call_id: id, name: 'f', arguments: '', async: isAsync }) as HistoryItem
const output = (id: string, text = '') =>
  ({ type: 'function_call_output', call_id: id, output: text }) as InputItem
const say = (text: string) => ({ type: 'message', role: 'user', content: text }) as InputItem
const answer = { type: 'message', id: 'msg', role: 'assistant', content: [] } as HistoryItem
const compaction = { type: 'compaction', id: 'cmp', encrypted_content: 'x' } as HistoryItem
const reasoning = { type: 'reasoning', id: 'rs' } as HistoryItem

const made = fc.array(
  fc.oneof(
    fc.constantFrom(...IDS).map((id) => call(id)),
    fc.constantFrom(...IDS).map((id) => call(id, true)),
    fc.constant(answer),
    fc.constant(reasoning),
    fc.constant(compaction),
  ),
  { maxLength: 4 },
)

type Step =
  | { readonly do: 'begin'; readonly taken: number }
  | { readonly do: 'commit'; readonly made: readonly HistoryItem[] }
  | { readonly do: 'roll back' | 'ask' }
  | { readonly do: 'answer' | 'answer late'; readonly id: string; readonly text: string }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('begin' as const), taken: fc.nat(2) }),
  fc.record({ do: fc.constant('commit' as const), made }),
  fc.constantFrom({ do: 'roll back' as const }, { do: 'ask' as const }),
  fc.record({
    do: fc.constantFrom('answer' as const, 'answer late' as const),
    id: fc.constantFrom(...IDS),
    text: fc.string({ maxLength: 3 }),
  }),
)

/** What a look at every item says. */
function openCallsOf(items: readonly HistoryItem[]): string[] {
  const open = new Set<string>()
  for (const one of items) {
    const { type, call_id: id } = one as { type: string; call_id?: string }
    if (id === undefined) continue
    if (type === 'function_call') open.add(id)
    else open.delete(id)
  }
  return [...open].toSorted()
}

describe('the history', () => {
  it('keeps every output that it took, and knows at any time what a look at every item would say', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const history = new History()
        let isTurning = false
        for (const one of steps) {
          const before = history.settled
          if (one.do === 'begin' && !isTurning) {
            history.begin(
              [say('x')],
              Array.from({ length: one.taken }, () => say('taken')),
            )
            isTurning = true
            expect(history.settled).toEqual(before)
          } else if (one.do === 'roll back' && isTurning) {
            history.rollBack()
            isTurning = false
            expect(history.settled.filter(isOutput).length).toBe(before.filter(isOutput).length)
          } else if (one.do === 'commit' && isTurning) {
            const known = history.length + one.made.length
            const late = before.slice(history.answered).filter(isOutput).length
            const dropped = history.commit(one.made)
            isTurning = false
            expect(history.answered).toBe(known - dropped)
            expect(history.length - history.answered).toBeLessThanOrEqual(late)
          } else if (one.do === 'answer' || one.do === 'answer late') {
            const given = output(one.id, one.text)
            const isKnown = history.calls().some(({ callId }) => callId === one.id)
            try {
              if (one.do === 'answer') history.answer(given)
              else history.answerLate(given)
              expect(isKnown).toBe(true)
              const count = history.settled.filter(
                (item) => isOutput(item) && (item as { call_id: string }).call_id === one.id,
              ).length
              expect(count).toBeGreaterThan(0)
            } catch (error) {
              expect(error).toMatchObject({ code: 'ERR_BAD_INPUT' })
              expect(history.settled).toEqual(before)
            }
          } else if (one.do === 'ask' && !isTurning) {
            expect([...history.openCalls().keys()].toSorted()).toEqual(openCallsOf(history.items()))
          }
        }
        if (isTurning) history.rollBack()
        expect([...history.openCalls().keys()].toSorted()).toEqual(openCallsOf(history.items()))
      }),
    )
  })

  it('puts an output that comes during a turn behind it', () => {
    const history = new History([say('1'), call('a', true)])
    history.begin([say('2')])
    history.answer(output('a'))
    expect(history.items()).toHaveLength(3)
    expect(history.settled).toEqual([say('1'), call('a', true), output('a')])
    history.commit([answer])
    expect(history.items()).toEqual([say('1'), call('a', true), say('2'), answer, output('a')])
    expect(history.answered).toBe(4)
  })

  it('lets the output of a tool replace the one that was sent in its place, when that is lost', () => {
    const history = new History([call('a')])
    history.answer(output('a', 'placeholder'))
    history.begin([say('2')])
    history.answerLate(output('a', 'paid'))
    history.rollBack()
    expect(history.items()).toEqual([call('a'), output('a', 'paid')])
  })

  it('keeps calls that are still open when a compaction stands for everything before it', () => {
    const history = new History([say('1'), call('a', true), answer])
    history.begin([say('2')])
    expect(history.commit([compaction, answer])).toBe(3)
    expect(history.items()).toEqual([compaction, call('a', true), answer])
    history.answer(output('a'))
    expect(history.length).toBe(4)
  })
})

describe('a history that the API takes', () => {
  it.each([
    ['a call that was cut', [reasoning, call('a')], []],
    ['a call that was cut, and a message', [answer, reasoning, call('a')], [answer]],
    ['a message behind it', [reasoning, call('a'), reasoning, answer], [reasoning, answer]],
    ['reasoning alone', [answer, reasoning], [answer]],
    ['nothing to drop', [reasoning, answer], [reasoning, answer]],
    [
      'what the server ran',
      [reasoning, { type: 'web_search_call', id: 'ws' } as HistoryItem],
      [reasoning, { type: 'web_search_call', id: 'ws' }],
    ],
  ])('has no reasoning without what it led to: %s', (_, items, left) => {
    expect(withoutCalls(items)).toEqual(left)
  })

  it.each([
    ['history', 5],
    ['history.0', ['x']],
    ['history.1', [say('1'), output('a')]],
    ['history.2', [call('a'), output('a'), output('a')]],
    ['history.0', [reasoning, say('1')]],
  ])('is checked: %s', (path, items) => {
    expect(() => checkHistory(items, 'history')).toThrow(
      expect.objectContaining({ code: 'ERR_BAD_OPTION', path }),
    )
  })
})

function isOutput({ type }: HistoryItem): boolean {
  return type === 'function_call_output'
}
