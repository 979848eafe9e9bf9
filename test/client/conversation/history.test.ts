import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { History, type HistoryItem } from '../../../src/client/conversation/history.ts'

const IDS = ['a', 'b', 'c']

const item = fc.oneof(
  fc.constantFrom(...IDS).map((id) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '' })),
  fc.constantFrom(...IDS).map((id) => ({ type: 'function_call_output', call_id: id, output: '' })),
  fc.constant({ type: 'message', role: 'user', content: 'x' }),
  fc.constant({ type: 'compaction', encrypted_content: 'x' }),
) as unknown as fc.Arbitrary<HistoryItem>

type Step =
  | { readonly do: 'append' | 'output' | 'replace'; readonly items: readonly HistoryItem[] }
  | { readonly do: 'truncate'; readonly part: number }
  | { readonly do: 'ask' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('append' as const), items: fc.array(item, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('output' as const), items: fc.array(item, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('replace' as const), items: fc.array(item, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('truncate' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.constant({ do: 'ask' as const }),
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
  return [...open]
}

describe('the history', () => {
  it('knows at any time what a look at every item would say', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const history = new History()
        let items: HistoryItem[] = []
        for (const one of steps) {
          if (one.do === 'append') {
            history.append(one.items)
            items.push(...one.items)
          } else if (one.do === 'replace') {
            history.replace(one.items)
            items = [...one.items]
          } else if (one.do === 'truncate') {
            const length = Math.floor(one.part * items.length)
            history.truncate(length)
            items = items.slice(0, length)
          } else if (one.do === 'output') {
            const at = one.items.findLastIndex(({ type }) => (type as string) === 'compaction')
            const dropped = at < 0 ? 0 : items.length + at
            expect(history.appendOutput(one.items)).toBe(dropped)
            items = [...items, ...one.items].slice(dropped)
          } else expect([...history.openCalls()]).toEqual(openCallsOf(items))
        }
        expect(history.items()).toEqual(items)
        expect([...history.openCalls()]).toEqual(openCallsOf(items))
      }),
    )
  })
})
