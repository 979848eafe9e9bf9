/**
 * Every code that a Holdline error can carry. Codes are stable: a message may be reworded, a code may not.
 *
 * | code | what happened |
 * | --- | --- |
 * | `ERR_BAD_OPTION` | an option is missing, of the wrong type, or refused; `path` names it |
 * | `ERR_CREDENTIAL_MISSING` | there is no key to connect with |
 * | `ERR_CREDENTIAL_PROVIDER` | the credential provider failed, or gave no `Secret` |
 * | `ERR_UNAUTHORIZED` | the upgrade was refused with 401, and a new credential could not help |
 * | `ERR_UPGRADE_REFUSED` | the upgrade was refused with another HTTP status |
 * | `ERR_TRANSPORT_UNAVAILABLE` | the endpoint has no WebSocket for us (426, 404, 405, 501, 1008 before a frame) |
 * | `ERR_HTTP_STATUS` | a request over HTTP was answered with a status other than 2xx |
 * | `ERR_QUOTA` | the account has no credit left |
 * | `ERR_CONNECT_TIMEOUT` | no connection within the connect timeout |
 * | `ERR_DIAL_FAILED` | DNS, TCP or TLS failed; `errno` says how |
 * | `ERR_CERTIFICATE` | the peer's certificate was not accepted, or the peer did not accept ours |
 * | `ERR_PROXY_REFUSED` | the proxy, not the endpoint, refused the tunnel |
 * | `ERR_PRIVATE_ADDRESS` | the host resolves to an address that `allowPrivateNetwork: false` forbids |
 * | `ERR_INSECURE_URL` | a credential would have travelled over `ws://` to another machine |
 * | `ERR_CONNECTION_LOST` | an open connection ended |
 * | `ERR_HALF_OPEN` | the peer went silent: no frame and no pong within the pong timeout |
 * | `ERR_AGE_LIMIT` | the server ended the connection for its age |
 * | `ERR_RETRIES_EXHAUSTED` | the retry budget is spent |
 * | `ERR_CLOSED` | the connection was closed, or stopped, before this could be done |
 * | `ERR_NOT_OPEN` | the connection is not open |
 * | `ERR_BAD_EVENT` | the event cannot be sent as it is |
 * | `ERR_FRAME_TOO_LARGE` | the frame is larger than the limit |
 * | `ERR_BACKPRESSURE` | too many bytes wait to be sent |
 * | `ERR_BAD_FRAME` | the server sent no event, or not what was asked for: binary, broken JSON, a wrong shape |
 * | `ERR_NO_SOCKET` | the bare chart was started without a socket actor |
 * | `ERR_BAD_RECORDING` | a recording cannot be read; the message names the line |
 * | `ERR_INSPECTOR` | the inspector's page cannot be served, or what it was given cannot be shown |
 * | `ERR_BAD_INPUT` | the input of a turn cannot be sent: empty, or its tool outputs do not fit the open calls |
 * | `ERR_BUSY` | the conversation runs a turn already |
 * | `ERR_TURN_FAILED` | the response began, and failed |
 * | `ERR_TURN_REFUSED` | the server refused the turn before a response began |
 * | `ERR_TURN_UNSENT` | the turn never left: there is no connection, or it cannot be sent as it is |
 * | `ERR_TURN_CANCELLED` | the turn was cancelled |
 * | `ERR_TURN_LOST` | the turn's outcome is unknown: its connection ended, or the server went silent |
 * | `ERR_NOT_STEERABLE` | there is no running response to steer, or the endpoint has no steering |
 * | `ERR_ALREADY_READ` | the events of a turn have a reader already |
 * | `ERR_SLOW_CONSUMER` | a reader of a turn's events fell too far behind |
 * | `ERR_TOOL_LOOP` | the model asked for tools more often than `maxRounds` |
 * | `ERR_TIMEOUT` | the server did not compact a history within `eventTimeoutMs` |
 * | `ERR_BAD_OUTPUT` | the model's answer is not what `output` asked for |
 * | `ERR_CHART_FAILED` | the chart or the socket actor failed: a bug in Holdline or in what was provided |
 */
export type HoldlineErrorCode =
  | 'ERR_BAD_OPTION'
  | 'ERR_CREDENTIAL_MISSING'
  | 'ERR_CREDENTIAL_PROVIDER'
  | 'ERR_UNAUTHORIZED'
  | 'ERR_UPGRADE_REFUSED'
  | 'ERR_TRANSPORT_UNAVAILABLE'
  | 'ERR_HTTP_STATUS'
  | 'ERR_QUOTA'
  | 'ERR_CONNECT_TIMEOUT'
  | 'ERR_DIAL_FAILED'
  | 'ERR_CERTIFICATE'
  | 'ERR_PROXY_REFUSED'
  | 'ERR_PRIVATE_ADDRESS'
  | 'ERR_INSECURE_URL'
  | 'ERR_CONNECTION_LOST'
  | 'ERR_HALF_OPEN'
  | 'ERR_AGE_LIMIT'
  | 'ERR_RETRIES_EXHAUSTED'
  | 'ERR_CLOSED'
  | 'ERR_NOT_OPEN'
  | 'ERR_BAD_EVENT'
  | 'ERR_FRAME_TOO_LARGE'
  | 'ERR_BACKPRESSURE'
  | 'ERR_BAD_FRAME'
  | 'ERR_NO_SOCKET'
  | 'ERR_BAD_RECORDING'
  | 'ERR_INSPECTOR'
  | 'ERR_BAD_INPUT'
  | 'ERR_BUSY'
  | 'ERR_TURN_FAILED'
  | 'ERR_TURN_REFUSED'
  | 'ERR_TURN_UNSENT'
  | 'ERR_TURN_CANCELLED'
  | 'ERR_TURN_LOST'
  | 'ERR_NOT_STEERABLE'
  | 'ERR_ALREADY_READ'
  | 'ERR_SLOW_CONSUMER'
  | 'ERR_TOOL_LOOP'
  | 'ERR_TIMEOUT'
  | 'ERR_BAD_OUTPUT'
  | 'ERR_CHART_FAILED'

/** A registered symbol, so that the guard works across two installed copies of the package. */
const BRAND = Symbol.for('holdline.error')

/**
 * The base class of every error that Holdline throws, rejects with or emits.
 *
 * The message says what happened, what the server said, what was not done, and what to do next. It never holds a
 * credential, what an application sent, or what a model wrote.
 */
export class HoldlineError extends Error {
  override readonly name: string = 'HoldlineError'
  readonly code: HoldlineErrorCode

  constructor(code: HoldlineErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** Where the package's documentation says what to do about it: `docs/errors.md#err_busy`. */
  get help(): string {
    return `docs/errors.md#${this.code.toLowerCase()}`
  }

  /** For logs: what it says, and why. Neither a stack nor anything that was sent or generated. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, help, cause } = this
    return { name, code, message, help, ...(cause !== undefined && { cause: causeInJson(cause) }) }
  }
}

/** An error of someone else's by its name and code: its message can hold anything. */
function causeInJson(cause: unknown): unknown {
  if (isHoldlineError(cause)) return cause.toJSON()
  if (!(cause instanceof Error)) return { name: typeof cause }
  return { name: cause.name, ...('code' in cause && { code: String(cause.code) }) }
}

/** True for an error of Holdline's, also one from another installed copy of the package. */
export function isHoldlineError(error: unknown): error is HoldlineError {
  return error instanceof Error && BRAND in error
}

/** A bad option. `path` leads to it, as in `request.tls.ca`. */
export class BadOptionError extends HoldlineError {
  override readonly name: string = 'BadOptionError'
  readonly path: string

  constructor(path: string, problem: string) {
    super('ERR_BAD_OPTION', `Option "${path}" ${problem}. Nothing was started.`)
    this.path = path
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), path: this.path }
  }
}
