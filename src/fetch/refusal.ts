import { type ServerEventOf, readErrorFrame } from '../protocol/public.ts'
import type { HttpEvent } from './events.ts'

/** An `error` frame. */
export type ErrorEvent = ServerEventOf<'error'>

/** The body of a refusal, as the API writes it. */
interface ErrorBody {
  readonly message: string
  readonly type: string
  readonly code: string | null
  readonly param: string | null
}

/** Headers of an answer that clients read, as far as a server gives them in an `error` frame. */
const TOLD =
  /^(x-request-id|x-should-retry|retry-after|retry-after-ms|x-ms-retry-after-ms|x-ratelimit-.+|openai-.+)$/
/** RFC 9110 section 5.5. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** What a refused request is answered with over HTTP: the server's status, words and headers. */
export function refusalResponse(event: ErrorEvent): Response {
  const details = readErrorFrame(event, Date.now())
  const headers = new Headers()
  for (const [name, value] of Object.entries(details.headers)) {
    if (TOLD.test(name) && FIELD_VALUE.test(value)) headers.set(name, value)
  }
  return errorResponse(statusOf(details), bodyOf(event), headers)
}

/** A request whose outcome is unknown: a status after which no client asks again by itself. */
export function lostResponse(message: string): Response {
  return errorResponse(400, { message, type: 'holdline_error', code: 'ERR_TURN_LOST', param: null })
}

/** A failure of Holdline's own before anything was sent. */
export function unsentResponse(status: number, code: string, message: string): Response {
  return errorResponse(status, { message, type: 'holdline_error', code, param: null })
}

/** An `error` event of a stream as each parser wants it: flat as over HTTP, and nested as over a WebSocket. */
export function errorEvent(event: ErrorEvent): HttpEvent {
  const body = bodyOf(event)
  const { sequence_number: number } = event as { readonly sequence_number?: number }
  const { code, message, param } = body
  return { type: 'error', sequence_number: number, code, message, param, error: body }
}

/**
 * The stream broke off. AI SDK makes a status of the code, and would ask again for any that is not a text of three
 * digits below 500.
 */
export function lostEvent(message: string): HttpEvent {
  const error: ErrorBody = { type: 'ERR_TURN_LOST', code: '400', message, param: null }
  const { code, param } = error
  return { type: 'error', code, message, param, error }
}

function errorResponse(status: number, error: ErrorBody, headers = new Headers()): Response {
  headers.set('content-type', 'application/json')
  return new Response(JSON.stringify({ error }), { status, headers })
}

function bodyOf(event: ErrorEvent): ErrorBody {
  const { type, code, message, param } = readErrorFrame(event, Date.now())
  return {
    ...(typeof event.error === 'object' && event.error !== null && withoutHeaders(event.error)),
    message: message ?? 'The server refused the request without a word.',
    type: type ?? 'error',
    code,
    param,
  }
}

function withoutHeaders(error: object): object {
  const { headers: _headers, ...rest } = error as { readonly headers?: unknown }
  return rest
}

type Details = Pick<ReturnType<typeof readErrorFrame>, 'status' | 'code' | 'type'>

/** Statuses of codes that come without one, as the API gives them over HTTP. */
const BY_CODE: Readonly<Record<string, number>> = {
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  server_error: 500,
  server_is_overloaded: 503,
  slow_down: 503,
  invalid_api_key: 401,
  model_not_found: 404,
}

function statusOf({ status, code, type }: Details): number {
  // Limits of the WebSocket itself: HTTP has none, and asked again it goes another way.
  if (code?.startsWith('websocket_') === true) return 503
  if (status !== null && Number.isInteger(status) && status >= 400 && status <= 599) return status
  return BY_CODE[code ?? ''] ?? BY_CODE[type ?? ''] ?? 400
}
