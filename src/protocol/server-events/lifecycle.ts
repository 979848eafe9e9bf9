import type { ResponseObject } from '../response-object.ts'
import type { EventBase } from './event-base.ts'

interface ResponseEvent<Type extends string> extends EventBase {
  readonly type: Type
  readonly response: ResponseObject
}

export interface ResponseQueuedEvent extends ResponseEvent<'response.queued'> {}
export interface ResponseCreatedEvent extends ResponseEvent<'response.created'> {}
export interface ResponseInProgressEvent extends ResponseEvent<'response.in_progress'> {}
/** Terminal. Also the end of a turn whose tool calls wait for the client. */
export interface ResponseCompletedEvent extends ResponseEvent<'response.completed'> {}
/** Terminal. With `incomplete_details.reason` of `steered`, the server starts the successor by itself. */
export interface ResponseIncompleteEvent extends ResponseEvent<'response.incomplete'> {}
/** Terminal. */
export interface ResponseFailedEvent extends ResponseEvent<'response.failed'> {}
