import { HoldlineError, type HoldlineErrorCode, isHoldlineError } from '../protocol/errors.ts'
import { dialLoss, errnoOf } from '../dial/failure.ts'
import { RemoteError, quoted } from '../protocol/remote-error.ts'
import type { ServerSaid } from '../protocol/server-said.ts'
import type { HttpProgress, Reach } from './reach.ts'

/**
 * The server, or a proxy, answered with a status other than 2xx; redirects are such answers, and none is followed.
 * Code `ERR_HTTP_STATUS`. A status of 407 comes from the proxy, which then got the request's target and nothing
 * else of it.
 */
export class HttpStatusError extends RemoteError {
  override readonly name: string = 'HttpStatusError'

  constructor(said: ServerSaid) {
    super(
      'ERR_HTTP_STATUS',
      `The HTTP request was refused: ${quoted(said)}. It was not sent again. ${adviceFor(said)}`,
      said,
    )
  }
}

/**
 * A request over HTTP that got no whole answer.
 *
 * | code | what happened |
 * | --- | --- |
 * | `ERR_DIAL_FAILED` | no connection was made; `errno` says why |
 * | `ERR_CERTIFICATE` | the peer's certificate was not accepted |
 * | `ERR_CONNECTION_LOST` | the connection broke, or the stream ended without a terminal event |
 * | `ERR_FRAME_TOO_LARGE` | one event, or a whole compacted response, is larger than `maxPayloadBytes` |
 * | `ERR_BAD_FRAME` | the answer is not what was asked for |
 */
export class HttpExchangeError extends HoldlineError {
  override readonly name: string = 'HttpExchangeError'
  /** Node's error code (`ECONNREFUSED`, `ECONNRESET`, …), or null. */
  readonly errno: string | null
  /** How far the request had come. After `unsent` it is safe to ask again. */
  readonly progress: HttpProgress
  /** Server events that had arrived. */
  readonly events: number
  /** Null where the server had not named the response. */
  readonly responseId: string | null

  constructor(
    code: HoldlineErrorCode,
    message: string,
    reach: Reach,
    errno: string | null = null,
    options?: ErrorOptions,
  ) {
    super(code, message, options)
    this.errno = errno
    this.progress = reach.progress
    this.events = reach.events
    this.responseId = reach.responseId
  }
}

/** A failure of Node's as an error of ours. Its message stays out, because it can hold what a peer wrote. */
export function brokenExchange(error: unknown, reach: Reach): HoldlineError {
  if (isHoldlineError(error)) return error
  const errno = errnoOf(error)
  if (reach.progress !== 'unsent') {
    const how = errno === null ? '' : ` (${errno})`
    return lost(`The connection ended${how} before the answer was complete`, reach, errno)
  }
  const { error: code, reason } = dialLoss(error)
  const advice =
    code === 'ERR_CERTIFICATE'
      ? 'Trust the authority with tls.ca, or set tls.serverName; checks cannot be skipped.'
      : 'Check the URL and the network; it is safe to ask again.'
  const message = `${reason} The HTTP request was not sent. ${advice}`
  return new HttpExchangeError(code ?? 'ERR_DIAL_FAILED', message, reach, errno)
}

export function endedEarly(reach: Reach): HttpExchangeError {
  return lost('The stream ended without a terminal event', reach, null)
}

export function tooLarge(what: string, limit: number, reach: Reach): HttpExchangeError {
  const message =
    `The server sent ${what} larger than maxPayloadBytes, which is ${limit}. The connection was ended, and ` +
    'nothing was sent again. Raise maxPayloadBytes if answers of that size are meant.'
  return new HttpExchangeError('ERR_FRAME_TOO_LARGE', message, reach)
}

export function notAsAsked(problem: string, reach: Reach): HttpExchangeError {
  const message =
    `The HTTP answer ${problem}. The connection was ended, and nothing was sent again. ` +
    'Check that the URL is that of a Responses API.'
  return new HttpExchangeError('ERR_BAD_FRAME', message, reach)
}

function lost(what: string, reach: Reach, errno: string | null): HttpExchangeError {
  const advice = 'Nothing was sent again. Ask again only if doing the work twice is acceptable.'
  return new HttpExchangeError('ERR_CONNECTION_LOST', `${what}; ${howFar(reach)}. ${advice}`, reach, errno)
}

function howFar({ progress, events }: Reach): string {
  if (events === 0) return progress === 'streaming' ? 'nothing readable had arrived' : 'no event had arrived'
  const counted = `${events} ${events === 1 ? 'event' : 'events'} had arrived`
  return progress === 'streaming' ? `${counted}, output among them` : `${counted}, and no output`
}

function adviceFor({ status, retryAfterMs }: ServerSaid): string {
  if (status === null) return ''
  if (retryAfterMs !== null) return `Wait ${retryAfterMs} ms before you ask again.`
  if (status === 401) return 'Check the key.'
  if (status === 407) return 'Check the user and password of the proxy.'
  if (status >= 300 && status < 400) return 'Redirects are not followed; correct the URL.'
  if (status === 429 || status >= 500) return 'Wait before you ask again.'
  return 'Correct the request or the URL first.'
}
