import * as v from 'valibot'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { Conversation } from '../../../src/client/conversation/conversation.ts'

declare const conversation: Conversation

describe('the output of a run', () => {
  test('is what its schema gives, or the model refuses', async () => {
    const result = await conversation.run('x', { output: z.object({ at: z.string().transform(Number) }) })
    expectTypeOf(result.output).toEqualTypeOf<{ at: number } | null>()
    if (result.status === 'completed' && result.refusal === null) {
      expectTypeOf(result.output).toEqualTypeOf<{ at: number }>()
    }
    const other = await conversation.run('x', { output: v.object({ size: v.optional(v.number(), 4) }) })
    expectTypeOf(other.output).toEqualTypeOf<{ size: number } | null>()
  })

  test('is unknown by a plain JSON Schema, and none without one', async () => {
    const schema = { type: 'object', properties: {} }
    expectTypeOf((await conversation.run('x', { output: schema })).output).toEqualTypeOf<unknown>()
    expectTypeOf((await conversation.run('x')).output).toEqualTypeOf<null>()
    expectTypeOf((await conversation.run('x', { maxRounds: 2 })).output).toEqualTypeOf<null>()
  })

  test('comes with the text of the response, as on the official package', async () => {
    const { response } = conversation.respond('x')
    expectTypeOf((await response).output_text).toEqualTypeOf<string>()
  })
})
