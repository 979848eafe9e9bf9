import type { ResponseCreateParams } from 'openai/resources/responses/responses'
import type * as Official from 'openai/resources/responses/responses'
import { describe, expectTypeOf, test } from 'vitest'
import type {
  ClientEvent,
  InputItem,
  OutputItem,
  ResponseCreateEvent,
  ResponseObject,
  ResponseSteerEvent,
  ServerEvent,
  UsageInfo,
  TurnResponse,
} from '../../src/protocol/index.ts'

type OfficialEvent = Official.ResponsesServerEvent
type OfficialItem = Official.ResponseOutputItem

/** All keys of all members of a union. */
type AnyKey<Union> = Union extends unknown ? keyof Union : never
type OfType<Union, Type> = Union extends { readonly type: infer Own }
  ? Type extends Own
    ? Union
    : never
  : never

/** For each `type`, the keys that theirs has and ours has not. All-never is what we want. */
type MissingKeys<
  Theirs extends { type: string },
  Ours extends { readonly type?: string | null | undefined },
> = {
  [Type in Theirs['type']]: Exclude<AnyKey<OfType<Theirs, Type>>, AnyKey<OfType<Ours, Type>>>
}[Theirs['type']]

describe('what the official package types as a server event', () => {
  test('fits ours without a cast', () => {
    expectTypeOf<OfficialEvent>().toExtend<ServerEvent>()
    expectTypeOf<Official.ResponseStreamEvent>().toExtend<ServerEvent>()
    expectTypeOf<Official.Response>().toExtend<ResponseObject>()
    expectTypeOf<Official.ResponseUsage>().toExtend<UsageInfo>()
    expectTypeOf<OfficialItem>().toExtend<OutputItem>()
  })

  test('has no type that ours lacks', () => {
    expectTypeOf<Exclude<OfficialEvent['type'], ServerEvent['type']>>().toBeNever()
    expectTypeOf<Exclude<OfficialItem['type'], OutputItem['type']>>().toBeNever()
  })

  test('has no field that ours lacks once narrowed', () => {
    expectTypeOf<MissingKeys<OfficialEvent, ServerEvent>>().toBeNever()
    expectTypeOf<MissingKeys<OfficialItem, OutputItem>>().toBeNever()
    expectTypeOf<Exclude<keyof Official.Response, keyof ResponseObject>>().toBeNever()
    expectTypeOf<Exclude<keyof Official.ResponseUsage, keyof UsageInfo>>().toBeNever()
  })

  test('has the text of a response under the same name and type', () => {
    expectTypeOf<TurnResponse['output_text']>().toEqualTypeOf<Official.Response['output_text']>()
  })

  test('names the newest items of an input as ours does', () => {
    type Update = Extract<InputItem, { type: 'configuration_update' }>
    type Tools = Extract<
      InputItem,
      { type: 'additional_tools'; role: 'developer'; tools: readonly unknown[] }
    >
    expectTypeOf<Official.ResponseConfigurationUpdateItemParam>().toExtend<Update>()
    expectTypeOf<keyof Update>().toEqualTypeOf<keyof Official.ResponseConfigurationUpdateItemParam>()
    expectTypeOf<Official.ResponseInputItem.AdditionalTools>().toExtend<Tools>()
  })

  test('is told apart: these checks can fail', () => {
    type Renamed = { type: 'response.output_text.delta'; text_delta: string }
    expectTypeOf<MissingKeys<Renamed, ServerEvent>>().toEqualTypeOf<'text_delta'>()
    expectTypeOf<{ type: 'response.brand_new' }>().not.toExtend<ServerEvent>()
    expectTypeOf<{ type: 'response.created'; response: { id: 1; output: [] } }>().not.toExtend<ServerEvent>()
    // @ts-expect-error a delta without its `delta` is no event
    expectTypeOf<{ type: 'response.output_text.delta' }>().toExtend<ServerEvent>()
  })
})

describe('what the official package types as a request', () => {
  test('can be sent as it is', () => {
    expectTypeOf<Official.ResponsesClientEvent.ResponseCreate>().toExtend<ResponseCreateEvent>()
    expectTypeOf<ResponseCreateParams & { type: 'response.create' }>().toExtend<ResponseCreateEvent>()
    expectTypeOf<Official.ResponseInputItem>().toExtend<InputItem>()
  })

  test('has no field that ours lacks, but the three that do not belong on a WebSocket', () => {
    type Missing = Exclude<keyof Official.ResponsesClientEvent.ResponseCreate, keyof ResponseCreateEvent>
    expectTypeOf<Missing>().toEqualTypeOf<'background' | 'background_options' | 'stream'>()
  })

  test('steers with a text, but not with tool outputs: the guide allows only messages of the user', () => {
    expectTypeOf<Official.ResponseSteerEvent & { input: string }>().toExtend<ResponseSteerEvent>()
    expectTypeOf<Official.ResponseSteerEvent>().not.toExtend<ResponseSteerEvent>()
  })

  test('takes the output of one response as the input of the next', () => {
    expectTypeOf<OutputItem>().toExtend<InputItem>()
  })
})

describe('a request written by hand', () => {
  test('is checked', () => {
    expectTypeOf({ type: 'response.create', model: 'm', input: 'hi' } as const).toExtend<ClientEvent>()
    const misspelt: ClientEvent = {
      type: 'response.create',
      // @ts-expect-error no such field
      previous_respone_id: 'resp_1',
    }
    const badTool: ClientEvent = {
      type: 'response.create',
      // @ts-expect-error a function needs a name
      tools: [{ type: 'function', nme: 'f' }],
    }
    const openTool: ClientEvent = { type: 'response.create', tools: [{ type: 'x_search', depth: 2 }] }
    const unanswered: ClientEvent = {
      type: 'response.create',
      // @ts-expect-error an answer needs an output
      input: [{ type: 'function_call_output', call_id: 'call_1' }],
    }
    const own: ResponseCreateEvent & { gateway: string } = { type: 'response.create', gateway: 'g' }
    expectTypeOf([misspelt, badTool, openTool, unanswered, own]).toExtend<readonly ClientEvent[]>()
  })
})
