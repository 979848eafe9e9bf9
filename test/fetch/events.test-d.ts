import type OpenAI from 'openai'
import { expectTypeOf, test } from 'vitest'
import type { HttpEventType } from '../../src/fetch/events.ts'

type Official = OpenAI.Responses.ResponseStreamEvent['type']

test('every event that the official package reads from a stream is let through', () => {
  expectTypeOf<Exclude<Official, HttpEventType>>().toEqualTypeOf<never>()
})

test('and nothing that it does not know, but the one of the patch tool that the AI SDK reads', () => {
  type Further =
    | 'response.apply_patch_call_operation_diff.delta'
    | 'response.apply_patch_call_operation_diff.done'
  expectTypeOf<Exclude<HttpEventType, Official>>().toEqualTypeOf<Further>()
})
