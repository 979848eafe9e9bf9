import { describe, expectTypeOf, test } from 'vitest'
import type {
  ClientEvent,
  ContentPart,
  ContentPartAddedEvent,
  ContentPartDoneEvent,
  ControlEvent,
  ErrorEvent,
  FunctionCallArgumentsDeltaEvent,
  FunctionCallArgumentsDoneEvent,
  FunctionToolDefinition,
  InputItem,
  OpenAIResponsesAssistantPhase,
  OpenAIWebSocketEvent,
  OutputItem,
  OutputItemAddedEvent,
  OutputItemDoneEvent,
  OutputTextDeltaEvent,
  OutputTextDoneEvent,
  RateLimitUpdatedEvent,
  ResponseCompletedEvent,
  ResponseCreatedEvent,
  ResponseCreateEvent,
  ResponseFailedEvent,
  ResponseInProgressEvent,
  ResponseObject,
  ServerEvent,
  ServerEventOf,
  ToolChoice,
  UnknownServerEvent,
  UsageInfo,
  WarmUpEvent,
} from '../../src/protocol/index.ts'
import type { CheckedControlEvent } from '../../src/protocol/schemas.ts'

describe('ServerEvent', () => {
  test('narrows by its type', () => {
    expectTypeOf<ServerEventOf<'response.output_text.delta'>['delta']>().toBeString()
    expectTypeOf<ServerEventOf<'response.completed'>['response']>().toEqualTypeOf<ResponseObject>()
    expectTypeOf<ServerEventOf<'response.mcp_call.failed'>['item_id']>().toBeString()
    expectTypeOf<ServerEventOf<'error'>>().toEqualTypeOf<ErrorEvent>()
    expectTypeOf<ServerEventOf<'response.metadata'>['anything']>().toBeUnknown()
  })

  test('has a member of its own for every type', () => {
    type Merged = {
      [Type in ServerEvent['type']]: [ServerEventOf<Type>] extends [never] ? Type : never
    }[ServerEvent['type']]
    expectTypeOf<Merged>().toBeNever()
  })

  test('carries lane and sequence number everywhere', () => {
    expectTypeOf<ServerEvent['stream_id']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<ServerEvent['sequence_number']>().toEqualTypeOf<number | undefined>()
  })

  test('leaves unknown events out, which would end all narrowing', () => {
    expectTypeOf<UnknownServerEvent>().not.toExtend<ServerEvent>()
    expectTypeOf<string>().not.toExtend<ServerEvent['type']>()
  })
})

describe('what the schemas vouch for', () => {
  type Checked<Type> = Extract<CheckedControlEvent, { type: Type }>

  test('is what the types promise', () => {
    expectTypeOf<CheckedControlEvent['type']>().toEqualTypeOf<ControlEvent['type']>()
    expectTypeOf<Checked<'error'>>().toExtend<ErrorEvent>()
    expectTypeOf<Checked<'response.steer.accepted'>>().toExtend<ServerEventOf<'response.steer.accepted'>>()
    expectTypeOf<Checked<'response.steer.pending'>>().toExtend<ServerEventOf<'response.steer.pending'>>()
    expectTypeOf<Checked<'response.steer.failed'>>().toExtend<ServerEventOf<'response.steer.failed'>>()
  })

  test('covers each field of a response that has a type', () => {
    // An index signature swallows its siblings in `keyof`, so the fields are found from our side.
    type Typed = Exclude<
      { [K in keyof ResponseObject]-?: unknown extends ResponseObject[K] ? never : K }[keyof ResponseObject],
      'output'
    >
    expectTypeOf<Pick<Checked<'response.completed'>['response'], Typed>>().toExtend<
      Pick<ResponseObject, Typed>
    >()
  })
})

test('the names that users of an OpenAIWebSocketManager import are all there', () => {
  expectTypeOf<OpenAIWebSocketEvent>().toEqualTypeOf<ServerEvent>()
  expectTypeOf<
    | ResponseCreatedEvent
    | ResponseInProgressEvent
    | ResponseCompletedEvent
    | ResponseFailedEvent
    | OutputItemAddedEvent
    | OutputItemDoneEvent
    | ContentPartAddedEvent
    | ContentPartDoneEvent
    | OutputTextDeltaEvent
    | OutputTextDoneEvent
    | FunctionCallArgumentsDeltaEvent
    | FunctionCallArgumentsDoneEvent
    | RateLimitUpdatedEvent
    | ErrorEvent
  >().toExtend<OpenAIWebSocketEvent>()
  expectTypeOf<ResponseCreateEvent | WarmUpEvent>().toExtend<ClientEvent>()
  expectTypeOf<WarmUpEvent['generate']>().toEqualTypeOf<false>()
  expectTypeOf<OpenAIResponsesAssistantPhase>().toEqualTypeOf<'commentary' | 'final_answer'>()
  expectTypeOf<{ type: 'input_text'; text: string }>().toExtend<ContentPart>()
  expectTypeOf<{ type: 'function'; name: string }>().toExtend<FunctionToolDefinition & ToolChoice>()
  expectTypeOf<{ role: 'user'; content: string }>().toExtend<InputItem>()
  expectTypeOf<{ type: 'message'; id: string; role: 'assistant'; content: [] }>().toExtend<OutputItem>()
  expectTypeOf<{ prompt_tokens: number; completion_tokens: number }>().toExtend<UsageInfo>()
})
