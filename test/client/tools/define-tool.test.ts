import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Tool, defineTool, toolDefinitions } from '../../../src/client/tools/index.ts'
import { BadOptionError } from '../../../src/protocol/index.ts'
import { DOUBLED_PARAMETERS, doubled, toolOf } from './harness.ts'

const PLAN = { name: 'look_up', description: 'Looks it up.', schema: v.object({}), execute: () => 'found' }

/** As from JavaScript, where nothing keeps a caller from a wrong plan. */
const define = defineTool as (plan: unknown) => unknown

function parametersOf(schema: v.GenericSchema) {
  const { parameters, strict } = defineTool({ ...PLAN, schema })
  return { parameters, strict }
}

describe('defineTool', () => {
  it('writes the JSON Schema of a valibot schema, closed and strict', () => {
    const schema = v.object({
      path: v.pipe(v.string(), v.description('From the root.')),
      depth: v.nullable(v.pipe(v.number(), v.minValue(1))),
      tags: v.array(v.object({ name: v.string() })),
    })
    expect(parametersOf(schema)).toEqual({
      strict: true,
      parameters: {
        type: 'object',
        properties: {
          path: { type: 'string', description: 'From the root.' },
          depth: { anyOf: [{ type: 'number', minimum: 1 }, { type: 'null' }] },
          tags: {
            type: 'array',
            items: {
              type: 'object',
              properties: { name: { type: 'string' } },
              required: ['name'],
              additionalProperties: false,
            },
          },
        },
        required: ['path', 'depth', 'tags'],
        additionalProperties: false,
      },
    })
  })

  it('tells the model the input, and leaves out what JSON Schema cannot say', () => {
    const schema = v.object({
      id: v.pipe(
        v.string(),
        v.check((id) => id !== ''),
        v.transform(Number),
        v.number(),
      ),
    })
    expect(parametersOf(schema).parameters).toMatchObject({ properties: { id: { type: 'string' } } })
  })

  it.each([
    ['an optional property', v.object({ limit: v.optional(v.number()) })],
    ['an open object', v.looseObject({ a: v.string() })],
    ['an open object further in', v.object({ a: v.array(v.looseObject({})) })],
    ['an open object behind null', v.object({ a: v.nullable(v.looseObject({})) })],
    ['a value of any type', v.object({ a: v.unknown() })],
    ['a keyword that the guide does not list', v.object({ a: v.pipe(v.string(), v.minLength(2)) })],
    ['a format that the guide does not list', v.object({ a: v.pipe(v.string(), v.url()) })],
    ['a record', v.record(v.string(), v.string())],
  ])('is not strict by itself with %s', (_, schema) => {
    expect(parametersOf(schema).strict).toBe(false)
  })

  const open = { type: 'object', properties: {} }
  const closed = { ...open, additionalProperties: false }

  it.each([
    [true, { ...closed, $schema: 'https://json-schema.org/draft/2020-12/schema' }],
    [true, { ...closed, $defs: { a: closed }, properties: { a: { $ref: '#/$defs/a' } }, required: ['a'] }],
    [false, { ...closed, $defs: { a: open }, properties: { a: { $ref: '#/$defs/a' } }, required: ['a'] }],
    [false, { ...closed, properties: { a: { ...open, type: ['object', 'null'] } }, required: ['a'] }],
    [false, { ...closed, properties: { a: { $ref: '#', pattern: 'x' } }, required: ['a'] }],
    [false, { ...closed, properties: { a: { type: 'array', items: true } }, required: ['a'] }],
    [false, open],
  ])('says %s for the strictness of %o', (strict, parameters) => {
    expect(defineTool({ ...PLAN, parameters }).strict).toBe(strict)
  })

  it('is as strict as the plan says', () => {
    const schema = v.object({ limit: v.optional(v.number()) })
    expect(defineTool({ ...PLAN, schema, strict: true }).strict).toBe(true)
    expect(defineTool({ ...PLAN, strict: false }).strict).toBe(false)
  })

  it('does not close the members of an intersection against each other', () => {
    const both = v.intersect([v.object({ a: v.string() }), v.object({ b: v.string() })])
    expect(JSON.stringify(parametersOf(v.object({ both })))).not.toContain('additionalProperties')
  })

  it('takes another Standard Schema with its JSON Schema, and keeps a copy of that', () => {
    const parameters = structuredClone(DOUBLED_PARAMETERS)
    const tool = defineTool({ ...PLAN, schema: doubled(), parameters })
    parameters.properties.n.type = 'string'
    expect(tool).toMatchObject({ parameters: DOUBLED_PARAMETERS, strict: true })
  })

  it('takes a schema that is a function', () => {
    const schema = Object.assign(() => null, doubled())
    expect(defineTool({ ...PLAN, schema, parameters: DOUBLED_PARAMETERS }).schema).toBe(schema)
  })

  it('prefers the JSON Schema that is given to the one it could make', () => {
    const parameters = { type: 'object', properties: { at: { type: 'string' } } }
    const schema = v.object({ at: v.pipe(v.unknown(), v.transform(String)) })
    expect(defineTool({ ...PLAN, schema, parameters }).parameters).toEqual(parameters)
  })

  it('calls `execute` as the method that it is', () => {
    const tool = defineTool({
      ...PLAN,
      execute() {
        return this.name
      },
    })
    const context = { signal: new AbortController().signal, callId: 'call_1', name: 'greet' }
    expect(tool.execute({}, context)).toBe('look_up')
  })

  it('writes the JSON Schema of a zod schema, closed and strict', () => {
    const schema = z.object({
      path: z.string().describe('From the root.'),
      depth: z.number().min(1).nullable(),
      tags: z.array(z.object({ name: z.string() })),
    })
    expect(defineTool({ ...PLAN, schema })).toMatchObject({
      strict: true,
      schema,
      parameters: {
        type: 'object',
        properties: {
          path: { type: 'string', description: 'From the root.' },
          tags: { items: { additionalProperties: false } },
        },
        required: ['path', 'depth', 'tags'],
        additionalProperties: false,
      },
    })
  })

  it.each([
    ['that transforms: the input is told', z.object({ id: z.string().transform(Number) }), true, false],
    ['with a default', z.object({ limit: z.number().default(5) }), false, false],
    ['that is open', z.looseObject({ a: z.string() }), false, {}],
    ['that is open further in', z.object({ a: z.looseObject({}) }), false, false],
    [
      'of two that are joined',
      z.object({ a: z.object({ b: z.string() }).and(z.object({ c: z.string() })) }),
      true,
      false,
    ],
  ])('takes a zod schema %s', (_, schema, strict, additionalProperties) => {
    const tool = defineTool({ ...PLAN, schema })
    expect(tool.strict).toBe(strict)
    expect(tool.parameters['additionalProperties']).toEqual(additionalProperties)
  })

  it.each(['schema', 'parameters'] as const)(
    'takes a plain JSON Schema as %s, and checks with it',
    async (as) => {
      const { schema: _, ...plan } = PLAN
      const tool = define({ ...plan, [as]: DOUBLED_PARAMETERS }) as Tool
      expect(tool).toMatchObject({ parameters: DOUBLED_PARAMETERS, strict: true })
      const check = tool.schema['~standard'].validate
      expect(await check({ n: 4 })).toEqual({ value: { n: 4 } })
      const { issues } = (await check({ n: '4' })) as { issues: readonly { path: readonly string[] }[] }
      expect(issues).toMatchObject([{ path: ['n'], message: expect.stringMatching(/type/i) }])
      expect(await check({})).toMatchObject({ issues: [{ message: expect.stringContaining('n') }] })
      expect(await check({ n: 1, more: 2 })).toHaveProperty('issues')
    },
  )

  const cycle: Record<string, unknown> = { type: 'object' }
  cycle['self'] = cycle

  it.each([
    ['name', { name: undefined }, 'got undefined'],
    ['name', { name: '' }, 'must be 1 to 64'],
    ['name', { name: 'a.b' }, 'must be 1 to 64'],
    ['name', { name: 'a'.repeat(65) }, 'must be 1 to 64'],
    ['description', { description: undefined }, 'got undefined'],
    ['description', { description: '  ' }, 'what the tool does'],
    ['schema', { schema: undefined }, 'Standard Schema'],
    ['schema', { schema: { type: 'string' } }, 'must be an object schema'],
    ['schema', { schema: v.string() }, 'must be an object schema'],
    ['schema', { schema: v.union([v.object({}), v.object({ a: v.string() })]) }, 'must be an object schema'],
    ['schema', { schema: v.object({ at: v.date() }) }, '"date" schema cannot be converted'],
    ['schema', { schema: doubled() }, 'cannot say itself as JSON Schema'],
    ['schema', { schema: z.object({ at: z.date() }) }, 'cannot be written as JSON Schema'],
    ['errorForModel', { errorForModel: 5 }, 'must be a text, or a function'],
    ['parameters', { parameters: { type: 'string' } }, 'of type "object"'],
    ['parameters', { parameters: 'object' }, 'of type "object"'],
    ['parameters', { parameters: cycle }, 'must be plain JSON'],
    ['execute', { execute: 'rm' }, 'must be a function'],
    ['strict', { strict: 'yes' }, 'must be a boolean'],
    ['timeoutMs', { timeoutMs: -1 }, 'got number'],
    ['timeoutMs', { timeoutMs: Number.NaN }, 'got NaN'],
    ['timeoutMs', { timeoutMs: 2 ** 31 }, 'got number'],
    ['timeout', { timeout: 5 }, 'is not a known option'],
  ])('refuses a bad %s: %o', (path, wrong, message) => {
    const attempt = () => define({ ...PLAN, ...wrong })
    expect(attempt).toThrow(BadOptionError)
    expect(attempt).toThrow(expect.objectContaining({ path }))
    expect(attempt).toThrow(message)
  })

  it.each([null, undefined, 'look_up'])('refuses %o as a plan', (plan) => {
    expect(() => define(plan)).toThrow(BadOptionError)
  })
})

describe('toolDefinitions', () => {
  it('gives what a create sends, in the order of the tools, as plain JSON', () => {
    const tools = [
      defineTool({ ...PLAN, schema: doubled(), parameters: DOUBLED_PARAMETERS, strict: false }),
      toolOf('a', () => ''),
    ]
    const definitions = toolDefinitions(tools)
    expect(definitions).toEqual([
      {
        type: 'function',
        name: 'look_up',
        description: 'Looks it up.',
        parameters: DOUBLED_PARAMETERS,
        strict: false,
      },
      expect.objectContaining({ name: 'a', strict: true }),
    ])
    expect(JSON.parse(JSON.stringify(definitions))).toEqual(definitions)
  })

  it('refuses two tools of one name', () => {
    const tools = [toolOf('a', () => ''), toolOf('b', () => ''), toolOf('a', () => '')]
    expect(() => toolDefinitions(tools)).toThrow(expect.objectContaining({ path: 'tools.2.name' }))
  })
})
