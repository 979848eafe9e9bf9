import { describe, expect, it } from 'vitest'
import { type KnownItem, digestOf, prefixesOf } from '../../../src/client/request/canonical.ts'
import type { HistoryItem } from '../../../src/client/conversation/history.ts'

const item = (value: unknown) => value as HistoryItem
const same = (a: unknown, b: unknown) => digestOf(item(a)) === digestOf(item(b))

describe('the canonical form of an item', () => {
  it.each([
    [
      'ids and status',
      { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}', status: 'completed' },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    ],
    [
      'the way in which arguments are written',
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1,"b":{"c":2,"d":3}}' },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{ "b": {"d":3, "c":2}, "a": 1 }' },
    ],
    [
      'a text as string or as part',
      { type: 'message', role: 'user', content: 'hi' },
      { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
    ],
    [
      'what the server adds to a text',
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'hi', annotations: [{ type: 'url_citation' }], logprobs: [] }],
      },
      { role: 'assistant', content: [{ text: 'hi', type: 'output_text' }] },
    ],
    [
      'what the `openai` package has read from it',
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}', parsed_arguments: null },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    ],
    [
      'the order of keys, and fields that are null',
      { type: 'shell_call', call_id: 'c', action: { commands: ['ls'], timeout_ms: 1 }, caller: null },
      { action: { timeout_ms: 1, commands: ['ls'] }, call_id: 'c', type: 'shell_call' },
    ],
  ])('ignores %s', (_what, a, b) => expect(same(a, b)).toBe(true))

  it.each([
    ['a text', { role: 'user', content: 'hi' }, { role: 'user', content: 'hi!' }],
    ['a role', { role: 'user', content: 'hi' }, { role: 'developer', content: 'hi' }],
    ['a refusal', content({ type: 'refusal', refusal: 'no' }), content({ type: 'output_text', text: 'no' })],
    ['an argument that is null', call('{"a":null}'), call('{}')],
    ['arguments that are no JSON', call('{"a":1'), call('{"a":2')],
    ['an order of items in a list', call('{"a":[1,2]}'), call('{"a":[2,1]}')],
    [
      'an image',
      content({ type: 'input_image', image_url: 'a' }),
      content({ type: 'input_image', image_url: 'b' }),
    ],
    ['a `__proto__`', call('{"__proto__":{"a":1}}'), call('{}')],
  ])('tells apart %s', (_what, a, b) => expect(same(a, b)).toBe(false))

  it('leaves reasoning out, and resolves references', () => {
    const message = item({ type: 'message', id: 'msg_1', role: 'assistant', content: 'hi' })
    const known = new Map<string, KnownItem>([
      ['msg_1', { digest: digestOf(message), responseId: 'resp_1' }],
      ['x_1', { digest: null, responseId: 'resp_1' }],
    ])
    const refer = (input: unknown[]) => prefixesOf('', input.map(item), (id) => known.get(id))
    const whole = refer([{ type: 'reasoning', id: 'rs_1', summary: [] }, message])
    expect(
      refer([
        { type: 'item_reference', id: 'x_1' },
        { type: 'item_reference', id: 'msg_1' },
      ]),
    ).toEqual(whole)
    expect(refer([{ type: 'item_reference', id: 'rs_9' }, { id: 'msg_1' }])).toEqual(whole)
    expect(refer([{ type: 'item_reference', id: 'msg_2' }])[0]?.hash).not.toBe(whole[0]?.hash)
  })

  it('counts the items of each prefix, those that are left out too', () => {
    const input = [{ role: 'user', content: 'a' }, { type: 'reasoning' }, { role: 'assistant', content: 'b' }]
    expect(prefixesOf('', input.map(item), () => undefined).map(({ items }) => items)).toEqual([1, 3])
  })
})

function content(part: object) {
  return { type: 'message', role: 'assistant', content: [part] }
}

function call(text: string) {
  return { type: 'function_call', call_id: 'c', name: 'f', arguments: text }
}
