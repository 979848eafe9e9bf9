import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RequestBody } from '../../../src/client/request/request-body.ts'
import { type ResponsesServer, createResponsesServer } from '../../../src/testing/index.ts'
import { ResponsesConnection } from '../../../src/client/connection.ts'
import { runs } from '../../support/effort.ts'

type Item = Record<string, any>

const RUNS = runs(15, 1_000)

/** What a client does to the history that it keeps before it sends it with something new. */
type Edit = 'none' | 'drop-reasoning' | 'strip-ids' | 'rewrite' | 'edit' | 'swap' | 'drop-answer' | 'refer'

interface Step {
  /** Which of the conversations goes on; one that does not exist yet is begun. */
  readonly of: number
  readonly edit: Edit
  /** Sends the last request of the conversation once more instead. */
  readonly again: boolean
  /** Forgets the answer: the next step goes on from before it. */
  readonly fork: boolean
  readonly store: boolean
  readonly text: string
}

const step: fc.Arbitrary<Step> = fc.record({
  of: fc.nat(3),
  edit: fc.constantFrom(
    'none',
    'none',
    'drop-reasoning',
    'strip-ids',
    'rewrite',
    'edit',
    'swap',
    'drop-answer',
    'refer',
  ),
  again: fc.nat(4).map((n) => n === 0),
  fork: fc.nat(3).map((n) => n === 0),
  store: fc.boolean(),
  text: fc.constantFrom('a', 'b', 'call'),
})

/** Written without the code under test: what the model is told, less ids, forms and reasoning. */
function meaning(items: readonly Item[], stored: ReadonlyMap<string, Item>): unknown[] {
  return items.flatMap((raw) => {
    const item = raw['type'] === 'item_reference' ? (stored.get(raw['id']) ?? raw) : raw
    if (item['type'] === 'reasoning') return []
    if (item['type'] === 'item_reference') return [['unknown', item['id']]]
    if (item['type'] === 'function_call') {
      return [['call', item['call_id'], item['name'], JSON.parse(item['arguments']) as unknown]]
    }
    if (item['type'] === 'function_call_output') return [['output', item['call_id'], item['output']]]
    const content = item['content'] as string | Item[]
    const text = typeof content === 'string' ? content : content.map((part) => String(part['text'])).join('|')
    return [[item['role'], text]]
  })
}

function edited(history: readonly Item[], edit: Edit): Item[] {
  const strip = (item: Item): Item => {
    const { id: _id, status: _status, ...rest } = item
    return item['type'] === 'item_reference' ? item : rest
  }
  switch (edit) {
    case 'drop-reasoning':
      return history.filter(({ type }) => type !== 'reasoning')
    case 'strip-ids':
      return history.filter(({ type }) => type !== 'reasoning').map(strip)
    case 'rewrite':
      return history.filter(({ type }) => type !== 'reasoning').map((item) => rewritten(strip(item)))
    case 'edit':
      return history.map((item, index) => (index === 0 ? { role: 'user', content: 'edited' } : item))
    case 'swap':
      return isPlain(history) ? history.toReversed() : [...history]
    case 'drop-answer':
      return isPlain(history) ? history.filter(({ role }) => role !== 'assistant') : [...history]
    case 'refer':
      return history.map((item) => (item['id'] ? { type: 'item_reference', id: item['id'] } : item))
    default:
      return [...history]
  }
}

/** Calls and their outputs must stay in order. */
function isPlain(history: readonly Item[]): boolean {
  return history.every(({ type }) => type === 'message' || type === undefined)
}

function rewritten(item: Item): Item {
  if (item['type'] === 'function_call') {
    const text = JSON.stringify(JSON.parse(item['arguments']), null, 2)
    return Object.fromEntries(Object.entries({ ...item, arguments: text }).toReversed())
  }
  if (item['role'] !== 'assistant' || item['type'] === 'item_reference') return item
  const parts = item['content'] as Item[]
  return { content: parts.map(({ text }) => ({ text, type: 'output_text' })), role: 'assistant' }
}

async function serve(contexts: Map<string, readonly Item[]>): Promise<ResponsesServer> {
  return createResponsesServer({
    model: ({ context, body }) => {
      const label = (body['metadata'] as Item)['label'] as string
      contexts.set(label, structuredClone(context) as Item[])
      const last = context.at(-1) as Item
      const reasoning = { type: 'reasoning', summary: 'hm' } as const
      const isCall = last['role'] === 'user' && JSON.stringify(last).includes('call')
      if (isCall) return { output: [reasoning, { type: 'call', name: 'f', arguments: { b: 1, a: [2] } }] }
      return { output: [reasoning, { type: 'text', text: `${context.length % 2}` }] }
    },
  })
}

describe('any sequence of requests', () => {
  it('gives the model what plain HTTP would give it', async () => {
    const contexts = new Map<string, readonly Item[]>()
    await using server = await serve(contexts)
    let deltas = 0
    const run = async (steps: readonly Step[]): Promise<void> => {
      await using connection = new ResponsesConnection({ url: server.url, apiKey: 'k' })
      const stored = new Map<string, Item>()
      const histories: Item[][] = []
      const last: Item[][] = []
      let count = 0
      for (const { of, edit, again, fork, store, text } of steps) {
        const index = Math.min(of, histories.length)
        const history = edited(histories[index] ?? [], edit)
        const open = history.findLast(({ type }) => type === 'function_call')
        const answered = history.some((one) => one['call_id'] === open?.['call_id'] && 'output' in one)
        const news: Item =
          open !== undefined && !answered
            ? { type: 'function_call_output', call_id: open['call_id'], output: text }
            : { role: 'user', content: text }
        const input = again && last[index] !== undefined ? last[index] : [...history, news]
        count += 1
        const label = `${count}`
        // References that only a stored item can stand for go by `store`, as clients do it.
        const isReferring = input.some(({ type }) => type === 'item_reference')
        const body = { model: 'm', store: store || isReferring, input, metadata: { label } }
        contexts.delete(label)
        const turn = connection.request(body as unknown as RequestBody, { resend: 'repair' })
        const response = await turn.response.catch(() => null)
        if (response === null) continue
        const seen = contexts.get(label) ?? []
        expect(meaning(seen, stored)).toEqual(meaning(input, stored))
        const output = response.output as unknown as Item[]
        for (const item of output) stored.set(item['id'], item)
        last[index] = input
        histories[index] = fork ? (histories[index] ?? []) : [...input, ...output]
        if (response.previous_response_id) deltas += 1
      }
    }
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), run), {
      numRuns: RUNS,
    })
    // Without this the property would hold for a client that never sends less.
    expect(deltas).toBeGreaterThan(RUNS / 3)
  })
})
