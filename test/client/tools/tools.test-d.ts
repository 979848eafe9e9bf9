import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  defineTool,
  pendingCalls,
  runToolCalls,
  type Tool,
  toolDefinitions,
} from '../../../src/client/tools/index.ts'
import type { InputItem, ResponseCreateEvent, ResponseObject } from '../../../src/protocol/index.ts'

const about = { name: 't', description: 'd' }
declare const standard: StandardSchemaV1<{ id: string }, { id: number }>
declare const response: ResponseObject

describe('what `execute` gets', () => {
  test('is the output of a valibot schema', () => {
    const tool = defineTool({
      ...about,
      schema: v.object({ id: v.pipe(v.string(), v.transform(Number)), size: v.optional(v.number(), 4) }),
      execute(args, context) {
        expectTypeOf(args).toEqualTypeOf<{ id: number; size: number }>()
        expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>()
        expectTypeOf(context.callId).toEqualTypeOf<string>()
        return args.size
      },
    })
    expectTypeOf(tool).toEqualTypeOf<Tool<{ id: number; size: number }>>()
  })

  test('is the output of an asynchronous valibot schema', () => {
    defineTool({
      ...about,
      schema: v.objectAsync({
        id: v.pipeAsync(
          v.string(),
          v.checkAsync(async () => true),
        ),
      }),
      execute: async (args) => expectTypeOf(args).toEqualTypeOf<{ id: string }>(),
    })
  })

  test('is the output of any Standard Schema', () => {
    const tool = defineTool({
      ...about,
      schema: standard,
      parameters: { type: 'object' },
      execute: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ id: number }>()
      },
    })
    expectTypeOf(tool).toEqualTypeOf<Tool<{ id: number }>>()
  })
})

describe('what `execute` gets of a schema that says itself', () => {
  test('is the output of a zod schema', () => {
    const tool = defineTool({
      ...about,
      schema: z.object({ id: z.string().transform(Number), size: z.number().default(4) }),
      execute(args) {
        expectTypeOf(args).toEqualTypeOf<{ id: number; size: number }>()
      },
    })
    expectTypeOf(tool).toEqualTypeOf<Tool<{ id: number; size: number }>>()
  })

  test('is what the caller says, or a record, with a plain JSON Schema', () => {
    const parameters = { type: 'object', properties: { n: { type: 'number' } } }
    defineTool({
      ...about,
      parameters,
      execute: (args) => expectTypeOf(args).toEqualTypeOf<Record<string, unknown>>(),
    })
    defineTool<{ n: number }>({
      ...about,
      schema: parameters,
      execute: ({ n }) => expectTypeOf(n).toEqualTypeOf<number>(),
    })
  })
})

describe('what does not compile', () => {
  test('is a plan that cannot work', () => {
    // @ts-expect-error another Standard Schema needs `parameters`
    const noParameters = defineTool({ ...about, schema: standard, execute: () => '' })
    const text = v.object({ a: v.string() })
    // @ts-expect-error `a` is a string
    const otherArgs = defineTool({ ...about, schema: text, execute: (args: { a: 1 }) => args })
    // @ts-expect-error it is called `timeoutMs`
    const noOption = defineTool({ ...about, schema: v.object({}), execute: () => '', timeout: 5 })
    expectTypeOf([noParameters, otherArgs, noOption]).not.toBeAny()
  })
})

describe('tools of different arguments', () => {
  const tools = [
    defineTool({ ...about, schema: v.object({ a: v.string() }), execute: ({ a }) => a }),
    defineTool({ ...about, schema: standard, parameters: { type: 'object' }, execute: ({ id }) => id }),
  ]

  test('make one list', () => {
    expectTypeOf(tools).toExtend<readonly Tool[]>()
  })

  test('fit a create', () => {
    expectTypeOf(toolDefinitions(tools)).toExtend<NonNullable<ResponseCreateEvent['tools']>>()
  })

  test('give outputs that are input items, from a response as it comes', async () => {
    const outputs = await runToolCalls(pendingCalls(response).calls, tools)
    expectTypeOf(outputs).toExtend<readonly InputItem[]>()
    expectTypeOf(outputs[0]?.call_id).toEqualTypeOf<string | undefined>()
  })
})
