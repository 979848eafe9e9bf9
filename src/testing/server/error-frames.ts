import type { ErrorForm, ErrorFrame } from '../script/types.ts'
import type { Frame } from './wire.ts'
import { UNTYPED } from './wire.ts'

/** The parts of an error that do not depend on its wire form. */
interface ErrorContent {
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly message: string
  readonly param: string | null
  readonly headers: Readonly<Record<string, string | number | boolean>> | null
}

const texts: Readonly<Record<string, string>> = {
  previous_response_not_found: 'The previous response is not known on this connection and was not stored.',
  websocket_connection_limit_reached:
    'This connection reached its maximum age. Open a new connection to continue.',
  websocket_stream_limit_reached: 'This connection has used all of its stream ids. Use one of them again.',
  invalid_stream_id: 'stream_id must be 1 to 256 characters of A-Z, a-z, 0-9, "_", "." and "-".',
  rate_limit_exceeded: 'Rate limit reached.',
  server_error: 'The server had an error while processing the request.',
}

/** Fills in what an error leaves open. */
function errorContent(error: ErrorFrame = {}): ErrorContent {
  const status = error.status ?? 500
  const code = error.code === undefined ? (status >= 500 ? 'server_error' : null) : error.code
  return {
    status,
    type: error.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
    code,
    message: error.message ?? texts[code ?? ''] ?? 'The request was refused.',
    param: error.param ?? null,
    headers: error.headers ?? null,
  }
}

/** An `error` frame in the wire form that is asked for; without `stream_id` and `sequence_number`. */
export function errorFrameOf(error: ErrorFrame, defaults: ErrorForm): Frame {
  const content = errorContent(error)
  const form = {
    shape: 'nested',
    statusField: 'status',
    headersIn: 'error',
    ...defined(defaults),
    ...defined(error),
  }
  const field = form.statusField ?? 'status'
  const status = field === 'none' ? {} : { [field]: content.status }
  const onTop = content.headers !== null && form.headersIn !== 'error' ? { headers: content.headers } : {}
  if (form.shape === 'detail')
    return { type: 'error', ...status, ...onTop, error: { detail: content.message } }
  if (form.shape === 'flat') {
    // The flat form has no error object, so headers can only go on top.
    const headers = content.headers === null ? {} : { headers: content.headers }
    return { type: 'error', code: content.code, message: content.message, param: content.param, ...headers }
  }
  const inside = content.headers !== null && form.headersIn !== 'top' ? { headers: content.headers } : {}
  const { type, code, message, param } = content
  const untyped = form.shape === 'untyped' ? { [UNTYPED]: true } : {}
  return { type: 'error', ...untyped, ...status, ...onTop, error: { type, code, message, param, ...inside } }
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>
}
