import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { kindOf, typesOf } from '../../src/protocol/event-kinds.ts'
import {
  type ErrorEvent,
  getOpenAIWebSocketErrorDetails,
  parseServerEvent,
} from '../../src/protocol/index.ts'
import { brokenEnding } from '../../src/protocol/parse-server-event.ts'
import { controlEventSchemas } from '../../src/protocol/schemas.ts'
import { controlFrames } from './frames.ts'

const frames = Object.values(controlFrames)
const textDeltas = typesOf('delta')
const contentTypes = [...textDeltas, ...typesOf('object-delta'), ...typesOf('content'), ...typesOf('item')]

describe('a frame that is no event', () => {
  it.each([[null], [undefined], [1], ['{"type":"error"}'], [true], [[]], [[{ type: 'error' }]]])(
    '%j is not an object',
    (value) => {
      expect(parseServerEvent(value)).toEqual({ ok: false, problem: 'not-an-object' })
    },
  )

  it.each([[{}], [{ type: 1 }], [{ type: null }], [{ type: ['error'] }], [{ event: 'error' }]])(
    '%j has no type',
    (value) => {
      expect(parseServerEvent(value)).toEqual({ ok: false, problem: 'no-type' })
    },
  )
})

describe('an unknown type', () => {
  it.each([
    'response.brand_new',
    'session.updated',
    '',
    '__proto__',
    'constructor',
    'toString',
    'x'.repeat(1000),
  ])('"%s" is passed on as it came', (type) => {
    const value = { type, anything: { goes: 1 } }
    expect(parseServerEvent(value)).toEqual({
      ok: true,
      kind: 'unknown',
      lane: null,
      responseId: null,
      event: value,
      settlement: null,
      repaired: null,
    })
  })

  it('may have a delta of any kind', () => {
    expect(parseServerEvent({ type: 'response.brand_new.delta', delta: 7 })).toMatchObject({ ok: true })
  })
})

describe('an event that carries content', () => {
  it.each(contentTypes)('%s is known, and is not copied', (type) => {
    const isObject = typesOf('object-delta').includes(type)
    const value = { type, delta: isObject ? { stdout: 'a' } : 'a', item: { type: 'message' } }
    const parsed = parseServerEvent(value)
    expect(parsed).toMatchObject({ ok: true, kind: kindOf(type), repaired: null })
    expect(parsed.ok && parsed.event).toBe(value)
  })

  it('is a text delta in most places that stream', () => {
    expect(textDeltas).toContain('response.output_text.delta')
    expect(textDeltas).toContain('response.function_call_arguments.delta')
    expect(textDeltas).toHaveLength(12)
  })

  it.each(textDeltas)('%s needs a delta that is a string', (type) => {
    const fault = { ok: false, problem: 'shape', type, path: 'delta' }
    expect(parseServerEvent({ type })).toEqual(fault)
    expect(parseServerEvent({ type, delta: null })).toEqual(fault)
    expect(parseServerEvent({ type, delta: { text: 'a' } })).toEqual(fault)
    expect(parseServerEvent({ type, delta: '' })).toMatchObject({ ok: true })
  })

  it('streams the output of a shell as an object', () => {
    const type = 'response.shell_call_output_content.delta'
    const fault = { ok: false, problem: 'shape', type, path: 'delta' }
    expect(parseServerEvent({ type, delta: { stdout: 'a' } })).toMatchObject({ ok: true })
    expect(parseServerEvent({ type, delta: 'a' })).toEqual(fault)
    expect(parseServerEvent({ type })).toEqual(fault)
  })

  it.each([[undefined], [null], [7], ['a'], [[]], [{}], [{ type: 7 }]])(
    'that is an item in its final form needs one with a type, not %j',
    (item) => {
      const type = 'response.output_item.done'
      expect(parseServerEvent({ type, item })).toEqual({ ok: false, problem: 'shape', type, path: 'item' })
    },
  )

  it('is not looked into where it is neither', () => {
    expect(parseServerEvent({ type: 'response.content_part.done', part: 7 })).toMatchObject({ ok: true })
  })
})

describe('what is read of an event', () => {
  it.each([
    [{ type: 'keepalive' }, { kind: 'alive', lane: null, responseId: null }],
    [
      { type: 'keepalive', stream_id: 'a' },
      { kind: 'alive', lane: 'a' },
    ],
    [{ type: 'keepalive', stream_id: 7 }, { lane: null }],
    [{ type: 'keepalive', stream_id: '' }, { lane: null }],
    [
      { type: 'response.created', stream_id: null, response: { id: 'r' } },
      { kind: 'created', lane: null, responseId: 'r' },
    ],
    [
      { type: 'some.thing', response: { id: 'r' } },
      { kind: 'unknown', responseId: 'r' },
    ],
    [
      { type: 'some.thing', response: null },
      { kind: 'unknown', responseId: null },
    ],
    [
      { type: 'response.completed', response: { id: 'r', output: [] } },
      { kind: 'terminal', settlement: { outcome: 'completed', response: { id: 'r', output: [] } } },
    ],
  ])('%j', (value, expected) => {
    expect(parseServerEvent(value)).toMatchObject(expected)
  })
})

describe('an ending that cannot be read', () => {
  it.each([
    ['without a response', { type: 'response.completed' }, 'failed', null],
    ['with one that is none', { type: 'response.completed', response: 'r' }, 'failed', null],
    [
      'with a broken output',
      { type: 'response.completed', response: { id: 'r', output: [{}] } },
      'failed',
      'r',
    ],
    ['with no list of output', { type: 'response.done', response: { id: 'r', output: {} } }, 'failed', 'r'],
    ['without an id', { type: 'response.completed', response: { output: [] } }, 'completed', ''],
    ['with an id of another type', { type: 'response.incomplete', response: { id: 7 } }, 'incomplete', ''],
    ['with a broken status', { type: 'response.done', response: { id: 'r', status: 7 } }, 'failed', 'r'],
    ['with broken usage', { type: 'response.completed', response: { id: 'r', usage: 7 } }, 'completed', 'r'],
    [
      'with an error that is a text',
      { type: 'response.failed', response: { id: 'r', error: 'x' } },
      'failed',
      'r',
    ],
    [
      'on a broken lane',
      { type: 'response.completed', stream_id: 7, response: { id: 'r' } },
      'completed',
      'r',
    ],
  ] as const)('%s is one all the same', (_name, value, outcome, id) => {
    const parsed = parseServerEvent(value)
    expect(parsed).toMatchObject({ ok: true, kind: 'terminal', settlement: { outcome } })
    expect(parsed.ok && parsed.repaired).toEqual(expect.any(String))
    expect(parsed.ok && (parsed.settlement?.response?.id ?? null)).toBe(id)
  })

  it.each([
    [{ error: { message: 'no', type: 'api_error' } }, { message: 'no', type: 'api_error' }],
    [{ error: 'no' }, { message: 'no' }],
    [
      { type: 'error', error: 'no', status: '429' },
      { message: 'no', status: 429 },
    ],
    [{ type: 'error', error: { code: 7, message: 'no' }, headers: 'x' }, { message: 'no' }],
    [{ type: 'error', error: 7, message: 'no' }, { message: 'no' }],
  ])('%j is an error', (value, details) => {
    const parsed = parseServerEvent(value)
    expect(parsed).toMatchObject({ ok: true, kind: 'error', event: { type: 'error' } })
    expect(parsed.ok && getOpenAIWebSocketErrorDetails(parsed.event as ErrorEvent)).toEqual(details)
  })

  it('does not end anything where it may be something else', () => {
    expect(parseServerEvent({ error: 7 })).toMatchObject({ ok: false })
    expect(parseServerEvent({ message: 'welcome' })).toMatchObject({ ok: false })
    expect(parseServerEvent({ type: 7, error: {} })).toMatchObject({ ok: false })
  })

  it('is seen where the text was cut off', () => {
    const text = '{"type": "response.completed","stream_id":"side","response":{"id":"r"'
    expect(brokenEnding(text)).toMatchObject({
      kind: 'terminal',
      lane: 'side',
      settlement: { outcome: 'failed' },
    })
    expect(brokenEnding('{"type":"error","error":')).toMatchObject({ kind: 'error', lane: null })
    expect(brokenEnding('{"type":"response.created","respon')).toBeNull()
    expect(brokenEnding(JSON.stringify({ x: '{"type":"error"}' }).slice(0, -1))).toBeNull()
  })

  it('holds no output that could never be sent again', () => {
    let deep: unknown = 'x'
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    const item = { type: 'function_call', arguments: deep }
    const ended = parseServerEvent({ type: 'response.completed', response: { id: 'r', output: [item] } })
    expect(ended).toMatchObject({
      kind: 'terminal',
      settlement: { outcome: 'failed', response: { output: [] } },
    })
    expect(parseServerEvent({ type: 'response.output_item.done', item })).toMatchObject({
      ok: false,
      path: 'item',
    })
  })
})

describe('an event that can change a state', () => {
  it('has a schema and a frame in this test', () => {
    expect([...controlEventSchemas.keys()].toSorted()).toEqual(Object.keys(controlFrames).toSorted())
  })

  it.each(frames)('$type is known, is control, and is not copied', (value) => {
    const parsed = parseServerEvent(value)
    expect(parsed).toMatchObject({ ok: true, kind: kindOf(value.type), repaired: null })
    expect(parsed.ok && parsed.event).toBe(value)
  })

  it.each([
    ['response', { type: 'response.created' }],
    ['response.id', { type: 'response.created', response: { status: 'in_progress' } }],
    ['steer.id', { type: 'response.steer.accepted', steer: { previous_response_id: 'r' } }],
    [
      'required_input',
      { type: 'response.steer.pending', reason: 'x', steer: { id: 's', previous_response_id: 'r' } },
    ],
    [
      'error.code',
      { type: 'response.steer.failed', steer: { previous_response_id: 'r', input: 'x' }, error: {} },
    ],
  ])('names %s when that is wrong', (path, value) => {
    expect(parseServerEvent(value)).toEqual({ ok: false, problem: 'shape', type: value.type, path })
  })

  it.each([
    ['response.status', { type: 'response.created', response: { id: 'r', status: 1 } }],
    ['stream_id', { type: 'response.created', stream_id: 3, response: { id: 'r' } }],
    ['sequence_number', { type: 'response.created', sequence_number: '3', response: { id: 'r' } }],
    [
      'response.output.1.type',
      { type: 'response.completed', response: { id: 'r', output: [{ type: 'a' }, {}] } },
    ],
    [
      'response.usage.total_tokens',
      { type: 'response.completed', response: { id: 'r', usage: { total_tokens: '6' } } },
    ],
    ['response.error.code', { type: 'response.failed', response: { id: 'r', error: { code: 5 } } }],
    ['response.store', { type: 'response.completed', response: { id: 'r', store: 'true' } }],
    [
      'response.incomplete_details.reason',
      { type: 'response.incomplete', response: { id: 'r', incomplete_details: { reason: [] } } },
    ],
    ['error.code', { type: 'error', error: { code: { nested: 1 } } }],
    ['status', { type: 'error', status: '400' }],
    ['headers', { type: 'error', headers: 'retry-after: 1' }],
  ])('leaves %s out when that is wrong, and says so', (path, value) => {
    const parsed = parseServerEvent(value)
    expect(parsed).toMatchObject({ ok: true, repaired: path })
    expect(v.is(controlEventSchemas.get(value.type)!, parsed.ok && parsed.event)).toBe(true)
  })

  it.each([
    [{ type: 'error' }],
    [{ type: 'error', code: null, message: 'flat', param: null, sequence_number: 3 }],
    [{ type: 'error', status: 400, error: { detail: 'Unsupported parameter: stream_id' } }],
    [{ type: 'error', status_code: 429, error: null, headers: null }],
    [
      {
        type: 'response.steer.failed',
        steer: { id: 's', previous_response_id: 'r' },
        error: { code: 'new_one' },
      },
    ],
  ])('tolerates %j', (value) => {
    expect(parseServerEvent(value)).toMatchObject({ ok: true, event: value, repaired: null })
  })

  it.each([[{ id: 'resp_1' }], [{ id: 'resp_1', output: null }]])(
    'gets an empty output where the response %j has none, and the frame stays as it was',
    (response) => {
      const value = Object.freeze({ type: 'response.completed', more: 1, response: Object.freeze(response) })
      expect(parseServerEvent(value)).toMatchObject({
        ok: true,
        repaired: null,
        event: { type: 'response.completed', more: 1, response: { id: 'resp_1', output: [] } },
      })
      expect(value.response).toBe(response)
    },
  )
})

describe('whatever the frame', () => {
  const frame = fc.constantFrom(...frames)
  /** Replaces what stands at a random place of a valid frame. */
  const damaged = fc
    .tuple(frame, fc.infiniteStream(fc.nat()), fc.jsonValue())
    .map(([value, choices, replacement]) => replaceSomewhere(value, choices, replacement))

  it('never throws, and what it gives fits', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged), (value) => {
        const parsed = parseServerEvent(value)
        if (!parsed.ok) return
        const schema = controlEventSchemas.get(parsed.event.type)
        if (parsed.repaired === null)
          expect(parsed.event).toEqual(schema ? withOutput(withoutNulls(value)) : value)
        const { response } = parsed.event as { response?: { id?: unknown; output?: unknown } | null }
        if (schema === undefined || response === undefined || response === null) return
        expect(response).toMatchObject({ id: expect.any(String), output: expect.any(Array) })
        const named =
          response.id === '' ? { ...parsed.event, response: { ...response, id: 'r' } } : parsed.event
        expect(v.is(schema, named)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('lets unknown fields pass, however they are called', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString'))
    fc.assert(
      fc.property(frame, fc.dictionary(name, fc.jsonValue()), (value, more) => {
        const known = Object.keys(value)
        const extra = Object.entries(more).filter(([key]) => !known.includes(key) && !RESERVED.has(key))
        const wider = Object.fromEntries([...extra, ...Object.entries(value)])
        const parsed = parseServerEvent(wider)
        expect(parsed.ok && parsed.event).toBe(wider)
      }),
    )
  })

  it('tells of a fault without a word of what the frame says', () => {
    const secret = 'sk-Secret*'
    const poison = fc.jsonValue({ maxDepth: 1 }).map((value) => ({ [secret]: [secret, value] }))
    let faults = 0
    fc.assert(
      fc.property(
        frame,
        fc.infiniteStream(fc.nat()),
        fc.oneof(poison, fc.constant(secret)),
        (value, choices, bad) => {
          const parsed = parseServerEvent(replaceSomewhere(value, choices, bad))
          if (parsed.ok) return
          faults += 1
          expect(JSON.stringify(parsed)).not.toContain(secret)
          expect(parsed.type ?? '').toMatch(/^[a-z0-9_.]{0,64}$/)
          expect(parsed.path ?? '').toMatch(/^[a-z0-9_.]*$/)
        },
      ),
      { numRuns: 1000 },
    )
    expect(faults).toBeGreaterThan(20)
  })
})

/** Fields that an `error` frame may have and that are then checked. */
const RESERVED = new Set([
  'stream_id',
  'sequence_number',
  'status',
  'status_code',
  'code',
  'message',
  'param',
  'headers',
  'error',
  'response',
])

function replaceSomewhere(value: unknown, choices: Iterator<number>, replacement: unknown): unknown {
  const copy: unknown = structuredClone(value)
  let at = copy as Record<string, unknown>
  for (;;) {
    const keys = Object.keys(at)
    const key = keys[(choices.next().value as number) % keys.length]
    if (key === undefined) return copy
    const below = at[key]
    const deeper = (choices.next().value as number) % 2 === 0
    if (!deeper || typeof below !== 'object' || below === null || Object.keys(below).length === 0) {
      at[key] = replacement
      return copy
    }
    at = below as Record<string, unknown>
  }
}

/** Some gateways write out that there is none. */
function withoutNulls(value: unknown): unknown {
  const { stream_id, sequence_number, ...rest } = value as Record<string, unknown>
  return {
    ...rest,
    ...(stream_id !== undefined && stream_id !== null && { stream_id }),
    ...(sequence_number !== undefined && sequence_number !== null && { sequence_number }),
  }
}

function withOutput(value: unknown): unknown {
  const { response } = value as { response?: { output?: unknown } | null }
  if (typeof response !== 'object' || response === null) return value
  return { ...(value as object), response: { ...response, output: response.output ?? [] } }
}
