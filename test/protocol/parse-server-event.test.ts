import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentEventKinds } from '../../src/protocol/content-event-kinds.ts'
import { parseServerEvent } from '../../src/protocol/index.ts'
import { controlEventSchemas } from '../../src/protocol/schemas.ts'
import { controlFrames } from './frames.ts'

const frames = Object.values(controlFrames)
const textDeltas = [...contentEventKinds].filter(([, kind]) => kind === 'text-delta').map(([type]) => type)

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
    expect(parseServerEvent(value)).toEqual({ ok: true, known: false, control: false, event: value })
  })

  it('may have a delta of any kind', () => {
    expect(parseServerEvent({ type: 'response.brand_new.delta', delta: 7 })).toMatchObject({ ok: true })
  })
})

describe('an event that carries content', () => {
  it.each([...contentEventKinds])('%s (%s) is known, is not control, and is not copied', (type, kind) => {
    const value = { type, delta: kind === 'object-delta' ? { stdout: 'a' } : 'a' }
    const parsed = parseServerEvent(value)
    expect(parsed).toMatchObject({ ok: true, known: true, control: false })
    expect(parsed.ok && parsed.event).toBe(value)
  })

  it('is a text delta in most places that stream', () => {
    expect(textDeltas).toContain('response.output_text.delta')
    expect(textDeltas).toContain('response.function_call_arguments.delta')
    expect(textDeltas).toHaveLength(11)
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

  it('is not looked into where it is no delta', () => {
    expect(parseServerEvent({ type: 'response.output_item.done', item: 7 })).toMatchObject({ ok: true })
  })
})

describe('an event that can change a state', () => {
  it('has a schema and a frame in this test', () => {
    expect([...controlEventSchemas.keys()].toSorted()).toEqual(Object.keys(controlFrames).toSorted())
  })

  it.each(frames)('$type is known, is control, and is not copied', (value) => {
    const parsed = parseServerEvent(value)
    expect(parsed).toMatchObject({ ok: true, known: true, control: true })
    expect(parsed.ok && parsed.event).toBe(value)
  })

  it.each([
    ['response', { type: 'response.created' }],
    ['response', { type: 'response.completed', response: null }],
    ['response.id', { type: 'response.completed', response: {} }],
    ['response.id', { type: 'response.failed', response: { id: '' } }],
    ['response.id', { type: 'response.done', response: { id: 7 } }],
    ['response.status', { type: 'response.done', response: { id: 'r', status: 1 } }],
    ['response.output', { type: 'response.completed', response: { id: 'r', output: {} } }],
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
    ['stream_id', { type: 'response.created', stream_id: 3, response: { id: 'r' } }],
    ['sequence_number', { type: 'response.created', sequence_number: '3', response: { id: 'r' } }],
    ['error.code', { type: 'error', error: { code: { nested: 1 } } }],
    ['error', { type: 'error', error: 'a text' }],
    ['status', { type: 'error', status: '400' }],
    ['headers', { type: 'error', headers: 'retry-after: 1' }],
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
    expect(parseServerEvent(value)).toMatchObject({ ok: true, control: true, event: value })
  })

  it.each([[{ id: 'resp_1' }], [{ id: 'resp_1', output: null }]])(
    'gets an empty output where the response %j has none, and the frame stays as it was',
    (response) => {
      const value = Object.freeze({ type: 'response.completed', more: 1, response: Object.freeze(response) })
      expect(parseServerEvent(value)).toEqual({
        ok: true,
        known: true,
        control: true,
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

  it('never throws, and an event is the frame but for an output where there was none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged), (value) => {
        const parsed = parseServerEvent(value)
        const event = parsed.ok ? parsed.event : value
        expect(event).toEqual(parsed.ok && parsed.control ? withOutput(value) : value)
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
    expect(faults).toBeGreaterThan(100)
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

function withOutput(value: unknown): unknown {
  const { response } = value as { response?: { output?: unknown } | null }
  if (typeof response !== 'object' || response === null) return value
  return { ...(value as object), response: { ...response, output: response.output ?? [] } }
}
