import { parseRetryAfter } from './retry-after.ts'
import type { ErrorBody, ErrorEvent, ResponseErrorEvent } from './server-events/index.ts'
import { parseWaitHint } from './wait-hint.ts'

/** What an `error` frame says, whatever its shape. Fields that the frame does not have are left out. */
export interface OpenAIWebSocketErrorDetails {
  /** HTTP-like status. */
  status?: number
  /** Such as `invalid_request_error`. Only the nested shape has one. */
  type?: string
  /** Such as `previous_response_not_found`. Decide by this, never by `message`. */
  code?: string
  message?: string
  /** The field of the request that was refused. */
  param?: string
}

/** The same with what only the runtime needs, and null for what is not there. */
export interface ErrorFrameDetails {
  readonly status: number | null
  readonly type: string | null
  readonly code: string | null
  readonly message: string | null
  readonly param: string | null
  /** Names in lower case, values as strings. The inner object's headers win over the frame's. */
  readonly headers: Readonly<Record<string, string>>
  /** The wait in ms that the headers, or else the message of a rate limit, name. */
  readonly retryAfterMs: number | null
}

/**
 * Reads an `error` frame of either shape: nested under `error`, or flat.
 *
 * @example
 * ```ts
 * getOpenAIWebSocketErrorDetails({ type: 'error', status: 400, error: { code: 'invalid_stream_id' } })
 * // { status: 400, code: 'invalid_stream_id' }
 * ```
 */
export function getOpenAIWebSocketErrorDetails(event: ErrorEvent): OpenAIWebSocketErrorDetails {
  const { status, type, code, message, param } = fieldsOf(event)
  return {
    ...(status !== null && { status }),
    ...(type !== null && { type }),
    ...(code !== null && { code }),
    ...(message !== null && { message }),
    ...(param !== null && { param }),
  }
}

/** Reads an `error` frame with its headers. `nowMs` is Unix time in ms, for waits that name a date. */
export function readErrorFrame(event: ErrorEvent | ResponseErrorEvent, nowMs: number): ErrorFrameDetails {
  const fields = fieldsOf(event)
  const headers = headersOf(event)
  const hint = fields.code === 'rate_limit_exceeded' ? parseWaitHint(fields.message ?? '') : null
  return { ...fields, headers, retryAfterMs: parseRetryAfter(headers, nowMs) ?? hint }
}

/** Whether a request was refused because it names a lane, by an endpoint that has none. */
export function namesLane({ status, code, param, message }: ErrorFrameDetails): boolean {
  if (code !== null && code !== 'unsupported_parameter') return false
  // One dialect has neither code nor parameter, only a text.
  return param === 'stream_id' || (param === null && status === 400 && /\bstream_id\b/.test(message ?? ''))
}

type ErrorFrameFields = Omit<ErrorFrameDetails, 'headers' | 'retryAfterMs'>

function fieldsOf(event: ErrorEvent | ResponseErrorEvent): ErrorFrameFields {
  const inner = innerOf(event)
  return {
    status: numberOr(event.status) ?? numberOr(event.status_code),
    type: stringOr(inner?.type),
    code: stringOr(inner?.code) ?? stringOr(event.code),
    message:
      stringOr(inner?.message) ??
      stringOr(inner?.detail) ??
      stringOr(event.message) ??
      stringOr(event.detail) ??
      // Some services have one string for all of it.
      stringOr(event.error),
    param: stringOr(inner?.param) ?? stringOr(event.param),
  }
}

function innerOf(event: ErrorEvent | ResponseErrorEvent): ErrorBody | null {
  return typeof event.error === 'object' ? event.error : null
}

/** A map in between, because the server chooses the names and `__proto__` is one that it could choose. */
function headersOf(event: ErrorEvent | ResponseErrorEvent): Readonly<Record<string, string>> {
  const headers = new Map<string, string>()
  for (const source of [event.headers, innerOf(event)?.headers]) {
    if (typeof source !== 'object' || source === null) continue
    for (const [name, value] of Object.entries(source)) {
      if (isScalar(value)) headers.set(name.toLowerCase(), String(value))
    }
  }
  return Object.fromEntries(headers)
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function stringOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
