import type { ResponseObject } from '../response-object.ts'
import type { ErrorFields } from './error-event.ts'
import type { EventBase } from './event-base.ts'

/** Terminal in an older dialect, still spoken by gateways; `response.status` says how the response ended. */
export interface ResponseDoneEvent extends EventBase {
  readonly type: 'response.done'
  readonly response: ResponseObject
}

/** Terminal in a dialect: the response failed. */
export interface ResponseErrorEvent extends ErrorFields {
  readonly type: 'response.error'
  readonly response?: ResponseObject | null | undefined
}

/** Says that the server still works on a parked request. Not progress. */
export interface KeepaliveEvent extends EventBase {
  readonly type: 'keepalive'
}

/** In no published schema, but sent by gateways. Never rely on it. */
export interface RateLimitUpdatedEvent extends EventBase {
  readonly type: 'rate_limits.updated'
  readonly rate_limits: ReadonlyArray<{
    readonly name: string
    readonly limit: number
    readonly remaining: number
    readonly reset_seconds: number
  }>
}

interface OpenEvent<Type extends string> extends EventBase {
  readonly type: Type
  readonly [field: string]: unknown
}

type OpenEventOf<Type extends string> = Type extends string ? OpenEvent<Type> : never

/** Side information of some routes. It carries no content of a response. */
export type MetadataEvent = OpenEventOf<
  | 'codex.keepalive'
  | 'codex.rate_limits'
  | 'codex.response.metadata'
  | 'response.metadata'
  | 'responsesapi.websocket_timing'
>
