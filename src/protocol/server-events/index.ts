import type {
  KeepaliveEvent,
  MetadataEvent,
  RateLimitUpdatedEvent,
  ResponseDoneEvent,
  ResponseErrorEvent,
} from './dialects.ts'
import type { ErrorEvent } from './error-event.ts'
import type {
  ResponseCompletedEvent,
  ResponseCreatedEvent,
  ResponseFailedEvent,
  ResponseIncompleteEvent,
  ResponseInProgressEvent,
  ResponseQueuedEvent,
} from './lifecycle.ts'
import type { OutputEvent } from './output.ts'
import type {
  ResponseSteerAcceptedEvent,
  ResponseSteerFailedEvent,
  ResponseSteerPendingEvent,
} from './steering.ts'
import type { ToolCallEvent } from './tool-calls.ts'

export type * from './dialects.ts'
export type * from './error-event.ts'
export type * from './lifecycle.ts'
export type * from './output.ts'
export type * from './steering.ts'
export type * from './tool-calls.ts'

/** Events after which a response has ended. `error` is not one: it can concern the connection. */
export type TerminalEvent =
  | ResponseCompletedEvent
  | ResponseIncompleteEvent
  | ResponseFailedEvent
  | ResponseDoneEvent
  | ResponseErrorEvent

/** Events that can change a state. `parseServerEvent` validates them whole. */
export type ControlEvent =
  | TerminalEvent
  | ResponseQueuedEvent
  | ResponseCreatedEvent
  | ResponseInProgressEvent
  | ErrorEvent
  | ResponseSteerAcceptedEvent
  | ResponseSteerPendingEvent
  | ResponseSteerFailedEvent

/** Events that only carry content or side information. They go past the charts. */
export type ContentEvent =
  | OutputEvent
  | ToolCallEvent
  | KeepaliveEvent
  | RateLimitUpdatedEvent
  | MetadataEvent

/** Every event that Holdline has a type for. Switching over `type` narrows it. */
export type ServerEvent = ControlEvent | ContentEvent

/** `ServerEvent`, under the name that users of the `OpenAIWebSocketManager` know. */
export type OpenAIWebSocketEvent = ServerEvent

/** The event with this `type`, as in `ServerEventOf<'response.completed'>`. */
export type ServerEventOf<Type extends ServerEvent['type']> = Extract<ServerEvent, { readonly type: Type }>

/**
 * An event of a type that this version does not know. It is passed on as it came.
 *
 * It is no member of `ServerEvent`, because a `type` that can be any string would keep every other member from
 * being told apart.
 */
export interface UnknownServerEvent {
  readonly type: string
  readonly [field: string]: unknown
}
