import {
  BadOptionError,
  ConnectionError,
  type RequestTurnOptions,
  type Turn,
  TurnError,
  isHoldlineError,
} from '../index.ts'
import { Unsent, answerOf } from './answer.ts'
import { type ResponsesRequest, readRequest } from './read-request.ts'
import { unsentResponse } from './refusal.ts'
import { type ResponsesSource, type SourceFor, sourcesOf } from './sources.ts'

/** Options of `responsesFetch`. */
export interface ResponsesFetchOptions {
  /** Makes every other request. Default: the global `fetch`, looked up for each. */
  readonly fetch?: typeof fetch | undefined
  /**
   * What becomes of a request of which nothing has left this process, because there is no connection or it is too
   * large for one: `http` makes it over HTTP, `error` answers with the status that the upgrade was refused with, or
   * rejects like a `fetch` without a network. Default: `http`.
   */
  readonly fallback?: 'http' | 'error' | undefined
  /**
   * Only requests of the same scope go on from each other's responses. A function gets the request's headers.
   * Default: all requests of a connection are of one.
   */
  readonly scope?: string | ((headers: Headers) => string) | undefined
  /** `prefix` sends only what is new where the server remembers the rest; `off` sends all. Default: `prefix`. */
  readonly match?: 'prefix' | 'off' | undefined
  /** Conversations that are kept open to be continued, for each connection. Default: 256. */
  readonly chains?: number | undefined
  /**
   * Which turns are sent again before the client hears of them. Default: `repair`, what only the connection can
   * mend; for what has to be waited for, clients have retries of their own.
   */
  readonly resend?: RequestTurnOptions['resend']
  /** Bytes of one streamed answer that may wait to be read; then it fails, and its turn is cancelled. Default: 16 MiB. */
  readonly maxBufferedBytes?: number | undefined
}

/** A `fetch` that can be closed. */
export type ResponsesFetch = typeof fetch & AsyncDisposable

/**
 * A `fetch` for clients of a Responses API: `POST …/responses` becomes a turn on a kept connection, whether it streams
 * or not, and everything else goes to the `fetch` underneath.
 *
 * A request with another key, organization or project than the connection's own goes over HTTP. With a function in
 * place of the connection each of them gets a connection of its own. Headers of the request beside these are not
 * sent over a WebSocket.
 *
 * @param source a connection, which stays yours to close; or a function that gives one for a credential
 * @throws {BadOptionError} with the path of a bad option
 *
 * @example
 * ```ts
 * const connection = new ResponsesConnection({ apiKey: process.env.OPENAI_API_KEY })
 * const client = new OpenAI({ fetch: responsesFetch(connection) })
 * ```
 */
export function responsesFetch(
  source: ResponsesSource | SourceFor,
  options: ResponsesFetchOptions = {},
): ResponsesFetch {
  const settings = checkOptions(source, options)
  const sources = sourcesOf(source)
  const running = new Set<Turn>()

  const own = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const request = await readRequest(input, init)
    const overHttp = () => request.overHttp(settings.fetch())
    if (!('body' in request)) return overHttp()
    const found = await sources.find(request.headers, request.signal)
    request.signal?.throwIfAborted()
    if (found === null) return overHttp()
    const answer = await run(found, request, settings, running)
    if (!(answer instanceof Unsent)) return named(answer, request.url)
    return settings.fallback === 'http' ? overHttp() : named(unsent(answer.error), request.url)
  }
  return Object.assign(own, {
    async [Symbol.asyncDispose](): Promise<void> {
      for (const turn of running) turn.cancel()
      await sources[Symbol.asyncDispose]()
    },
  })
}

type Settings = ReturnType<typeof checkOptions>

async function run(
  source: ResponsesSource,
  { body, isStream, headers, signal }: ResponsesRequest,
  { scope, match, chains, resend, fallback, maxBufferedBytes }: Settings,
  running: Set<Turn>,
): Promise<Response | Unsent> {
  if (fallback === 'http' && isFailing(source)) return new Unsent(null)
  let turn: Turn
  try {
    turn = source.request(body, { signal, scope: scope(headers), match, chains, resend })
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    return new Unsent(error)
  }
  running.add(turn)
  const over = (): void => void running.delete(turn)
  turn.response.then(over, over)
  const stop = fallback === 'http' ? leaveIfUnconnected(source, turn) : () => {}
  try {
    return await answerOf({ turn, isStream, maxBufferedBytes, signal })
  } finally {
    stop()
  }
}

/** It waits before its next attempt, after one that led to no connection. */
function isFailing({ state, lastCloseInfo }: ResponsesSource): boolean {
  return state === 'reconnecting' && lastCloseInfo != null && lastCloseInfo.phase !== 'open'
}

/** HTTP need not wait until the last attempt to connect has failed. */
function leaveIfUnconnected(source: ResponsesSource, turn: Turn): () => void {
  const stop = source.on?.('connection.lost', () => {
    if (turn.progress === 'queued') turn.cancel()
  })
  return stop ?? (() => {})
}

/** As a `fetch` would end: with the server's status where it gave one, else as without a network. */
function unsent(error: unknown): Response {
  const cause = error instanceof TurnError ? error.cause : error
  const status = cause instanceof ConnectionError ? (cause.closeInfo?.httpStatus ?? null) : null
  if (isHoldlineError(error) && status !== null && status >= 400) {
    return unsentResponse(status, cause instanceof ConnectionError ? cause.code : error.code, error.message)
  }
  throw new TypeError('fetch failed', { cause: error })
}

/** Like a response of `fetch`, it says where it comes from. */
function named(response: Response, url: string): Response {
  return Object.defineProperty(response, 'url', { value: url })
}

const MAX_BUFFERED_BYTES = 16 * 1024 * 1024

function checkOptions(source: unknown, options: ResponsesFetchOptions) {
  const { fetch: fetchHttp, scope = '', match, chains, resend = 'repair' } = options
  const { fallback = 'http', maxBufferedBytes = MAX_BUFFERED_BYTES } = options
  if (typeof source !== 'function' && typeof (source as ResponsesSource | null)?.request !== 'function') {
    throw new BadOptionError('source', 'must be a connection, or a function that gives one')
  }
  if (fetchHttp !== undefined && typeof fetchHttp !== 'function') {
    throw new BadOptionError('fetch', 'must be a function like fetch')
  }
  if (fallback !== 'http' && fallback !== 'error') {
    throw new BadOptionError('fallback', 'must be "http" or "error"')
  }
  if (!Number.isSafeInteger(maxBufferedBytes) || maxBufferedBytes < 1) {
    throw new BadOptionError('maxBufferedBytes', 'must be a whole number of at least 1')
  }
  const scopeOf = typeof scope === 'function' ? scope : () => scope
  if (typeof scope !== 'string' && typeof scope !== 'function') {
    throw new BadOptionError('scope', 'must be a text, or a function of the headers')
  }
  return {
    fetch: (): typeof fetch => fetchHttp ?? globalThis.fetch,
    scope: scopeOf,
    match,
    chains,
    resend,
    fallback,
    maxBufferedBytes,
  }
}
