import type { ErrorFrameDetails } from './error-details.ts'

/** What a server, or a proxy, said about what it did not do: in an error frame, a failed response or an HTTP answer. */
export interface ServerSaid {
  /** HTTP status, or the like of an error frame; null where there was none. */
  readonly status: number | null
  /** Such as `invalid_request_error`, or null. */
  readonly type: string | null
  /** Such as `context_length_exceeded`, or null. Decide by this, never by the message. */
  readonly serverCode: string | null
  /** The server's own words, at most 4 096 characters of them, without credentials; or null. */
  readonly serverMessage: string | null
  /** The field of the request that it is about, as in `tools[0].parameters`, or null. */
  readonly param: string | null
  /** What the provider's support asks for, or null. */
  readonly requestId: string | null
  /** The wait that the server asked for, in ms, or null. */
  readonly retryAfterMs: number | null
  /** Request ids, rate limits, processing time and the like, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** Nobody on the other side said anything. */
export const NOTHING_SAID: ServerSaid = Object.freeze({
  status: null,
  type: null,
  serverCode: null,
  serverMessage: null,
  param: null,
  requestId: null,
  retryAfterMs: null,
  headers: Object.freeze({}),
})

/** Names of a server's are kept to this length: they go into snapshots and messages. */
const MAX_NAME_CHARS = 128
const MAX_MESSAGE_CHARS = 4_096
const MAX_HEADERS = 32

/** The headers under which providers and their gateways name a request, the most telling first. */
const REQUEST_ID_HEADERS = ['x-request-id', 'request-id', 'apim-request-id', 'x-ms-request-id', 'cf-ray']

/** What helps to understand an answer, or to wait rightly. */
const TELLING =
  /^(?:retry-after(?:-ms)?|x-ms-retry-after-ms|x-should-retry|x-ratelimit-.+|openai-.+|x-ms-region)$/

/** Headers as they came: `node:http` gives a list for a header that came more than once. */
type Headers = Readonly<Record<string, unknown>>

/** The headers of an answer that are worth showing, each at most 128 characters long. */
export function tellingHeaders(headers: Headers): Record<string, string> {
  const told = Object.entries(headers)
    .map(([name, value]): [string, unknown] => [name.toLowerCase(), Array.isArray(value) ? value[0] : value])
    .filter(([name, value]) => isTelling(name) && (typeof value === 'string' || typeof value === 'number'))
    .slice(0, MAX_HEADERS)
  return Object.fromEntries(told.map(([name, value]) => [name, String(value).slice(0, MAX_NAME_CHARS)]))
}

/** Says in one shape what an error frame, a failed response or the body of an HTTP answer says. */
export function saidOf(details: ErrorFrameDetails): ServerSaid {
  const headers = tellingHeaders(details.headers)
  return {
    status: details.status,
    type: cut(details.type),
    serverCode: cut(details.code),
    serverMessage: cut(details.message, MAX_MESSAGE_CHARS),
    param: cut(details.param),
    requestId: REQUEST_ID_HEADERS.map((name) => headers[name]).find((id) => id !== undefined) ?? null,
    retryAfterMs: details.retryAfterMs,
    headers,
  }
}

function isTelling(name: string): boolean {
  return TELLING.test(name) || REQUEST_ID_HEADERS.includes(name)
}

function cut(text: string | null, length = MAX_NAME_CHARS): string | null {
  return text === null || text.trim() === '' ? null : text.slice(0, length)
}
