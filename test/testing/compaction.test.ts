import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ResponsesServer } from '../../src/testing/index.ts'
import { createResponsesServer, turnKey } from '../../src/testing/index.ts'
import { RawClient, responseOf, textOf } from './client.ts'

let server: ResponsesServer
let client: RawClient

const user = (content: string): Record<string, unknown> => ({ type: 'message', role: 'user', content })
const keyOf = (input: unknown[]): string => turnKey({ model: 'm', input })
const TRIGGER = { type: 'compaction_trigger' }

async function start(script: Parameters<typeof createResponsesServer>[0] = {}): Promise<void> {
  server = await createResponsesServer(script)
  client = await RawClient.open(server.url)
}

beforeEach(() => start())

afterEach(async () => {
  await server.close()
})

test('a trigger is answered by exactly one compaction item, which the chain goes on from', async () => {
  const { id } = responseOf(await client.turn({ input: [user('first')] }))
  const compacted = responseOf(await client.turn({ previous_response_id: id, input: [TRIGGER] }))
  expect(compacted['output'].map(({ type }: { type: string }) => type)).toEqual(['compaction'])
  const next = await client.turn({ previous_response_id: compacted['id'], input: [user('second')] })
  expect(textOf(next)).toBe('You said: second')
  expect(responseOf(next)['usage'].input_tokens).toBeLessThan(100)
})

test('a trigger uses up no scripted turn but its own', async () => {
  await server.close()
  await start({ turns: [{ text: 'scripted' }, { match: { compaction: true }, error: { status: 503 } }] })
  expect((await client.turn({ input: [user('a'), TRIGGER] })).at(-1)).toMatchObject({
    type: 'error',
    status: 503,
  })
  expect(textOf(await client.turn({ input: 'b' }))).toBe('scripted')
})

test('a trigger before other items is refused', async () => {
  const [error] = await client.turn({ input: [TRIGGER, user('a')] })
  expect(error).toMatchObject({ type: 'error', status: 400, error: { param: 'input[0]' } })
})

test('a context over its threshold is compacted before the answer, a smaller one is not', async () => {
  const context_management = [{ type: 'compaction', compact_threshold: 1000 }]
  const types = async (input: string): Promise<string[]> =>
    responseOf(await client.turn({ input, context_management }))['output'].map(
      ({ type }: { type: string }) => type,
    )
  expect(await types('x'.repeat(20_000))).toEqual(['compaction', 'message'])
  expect(await types('short')).toEqual(['message'])
})

test('reasoning without what followed it is refused', async () => {
  const reasoning = { id: 'rs_1', type: 'reasoning', summary: [] }
  const [error] = await client.turn({ input: [user('a'), reasoning, user('b')] })
  expect(error?.['error'].message).toBe(
    "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
  )
  const answer = { type: 'message', role: 'assistant', content: 'yes' }
  expect(textOf(await client.turn({ input: [user('a'), reasoning, answer, user('b')] }))).toBe('You said: b')
})

test('the key of a turn counts what the client wrote, whatever its kind', () => {
  const made = [
    { type: 'reasoning', summary: [] },
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'item_reference', id: 'fc_1' },
  ]
  const written = [
    { type: 'function_call_output', call_id: 'c', output: '1' },
    { type: 'configuration_update', reasoning: { effort: 'low' } },
    { type: 'additional_tools', role: 'developer', tools: [] },
    user('go on'),
  ]
  expect(keyOf([user('a'), ...made, ...written])).toBe(keyOf(written))
  expect(keyOf(written)).not.toBe(keyOf(written.slice(1)))
})
