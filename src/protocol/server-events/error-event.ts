import type { EventBase } from './event-base.ts'

/** The inner object of a nested `error` frame. */
export interface ErrorBody {
  readonly type?: string | null | undefined
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
  readonly param?: string | null | undefined
  /** What some routes send instead of `message`. */
  readonly detail?: unknown
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined
  readonly misalignment?: unknown
}

/** Where the two shapes put what they say. */
export interface ErrorFields extends EventBase {
  readonly error?: ErrorBody | null | undefined
  readonly status?: number | null | undefined
  /** Some gateways' name for `status`. */
  readonly status_code?: number | null | undefined
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
  readonly param?: string | null | undefined
  readonly detail?: unknown
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined
}

/**
 * Something was refused, or went wrong.
 *
 * It comes nested (`error: { … }`, mostly with `status`) or flat (`code`, `message` and `param` at the top).
 * Read it with `getOpenAIWebSocketErrorDetails`, which knows both. With `stream_id` it ends the request of that
 * lane; without, it belongs to the default lane or to the connection.
 */
export interface ErrorEvent extends ErrorFields {
  readonly type: 'error'
}
