import type { CloseInfo, ConnectionContext } from '../../machines/index.ts'
import type { HoldlineErrorCode } from '../protocol/errors.ts'
import { RemoteError, quoted } from '../protocol/remote-error.ts'
import { NOTHING_SAID, type ServerSaid } from '../protocol/server-said.ts'

/**
 * A connection that could not be made, was lost, or was closed.
 *
 * `closeInfo` says how its last socket ended; `status`, `serverCode`, `serverMessage` and the rest are what the
 * server answered the upgrade with, where it did.
 */
export class ConnectionError extends RemoteError {
  override readonly name: string = 'ConnectionError'
  readonly closeInfo: CloseInfo | null
  /** Node's error code (`ENOTFOUND`, `ECONNREFUSED`, …), or null. */
  readonly errno: string | null
  /** What happened to the last socket, or the last attempt: a sentence without its stop. */
  readonly reason: string

  constructor(code: HoldlineErrorCode, message: string, closeInfo: CloseInfo | null, options?: ErrorOptions) {
    super(code, message, saidAtClose(closeInfo), options)
    this.closeInfo = closeInfo
    this.errno = closeInfo?.errno ?? null
    this.reason = closeInfo === null ? '' : how(closeInfo)
  }

  override toJSON(): Record<string, unknown> {
    const { errno, closeInfo } = this
    return { ...super.toJSON(), errno, closeCode: closeInfo?.code ?? null, phase: closeInfo?.phase ?? null }
  }
}

function saidAtClose(closeInfo: CloseInfo | null): ServerSaid | null {
  if (closeInfo === null || closeInfo.httpStatus === null) return null
  const { httpStatus: status, retryAfterMs, said } = closeInfo
  return said ?? { ...NOTHING_SAID, status, retryAfterMs }
}

/** What to do next, for the codes under which a connection ends or is lost. */
const ADVICE: Partial<Record<HoldlineErrorCode, string>> = {
  ERR_CREDENTIAL_MISSING: 'Pass apiKey, or a key to connect().',
  ERR_CREDENTIAL_PROVIDER: 'Make the apiKey function return a non-empty key, and look at why it failed.',
  ERR_UNAUTHORIZED: 'Check the key. A function as apiKey is asked for a new one.',
  ERR_UPGRADE_REFUSED: 'Look at the HTTP status before you connect again.',
  ERR_TRANSPORT_UNAVAILABLE: 'Use HTTP with this endpoint, or check the URL.',
  ERR_QUOTA: 'Add credit to the account before you connect again.',
  ERR_CONNECT_TIMEOUT: 'Check the network and the URL, or raise connectTimeoutMs.',
  ERR_DIAL_FAILED: 'Check the URL and the network.',
  ERR_CERTIFICATE:
    'Trust the authority with tls.ca, set tls.serverName, or give the certificate that the peer asks for; ' +
    'checks cannot be skipped.',
  ERR_PROXY_REFUSED: 'Check the address, user and password of the proxy, and what it lets pass.',
  ERR_PRIVATE_ADDRESS: 'Use a public host, or allow private networks.',
  ERR_INSECURE_URL: 'Use wss://, or allow it with allowInsecure.',
  ERR_RETRIES_EXHAUSTED: 'Call connect() to try once more after the next wait, or raise maxRetries.',
  ERR_AGE_LIMIT: 'A new connection is the remedy.',
  ERR_NO_SOCKET: 'Use connectionMachine, or provide a socket actor.',
}

/** Why a connection that is in `closed` is closed, as an error. */
export function closedError({ closedBecause, lastCloseInfo, retry }: ConnectionContext): ConnectionError {
  if (closedBecause === null || closedBecause === 'requested') {
    return new ConnectionError('ERR_CLOSED', 'The connection was closed by the application.', lastCloseInfo)
  }
  const tries =
    retry.attempt === 0 ? '' : ` after ${retry.attempt} ${retry.attempt === 1 ? 'retry' : 'retries'}`
  const cause = closedBecause === 'ERR_RETRIES_EXHAUSTED' ? causeOf(lastCloseInfo) : undefined
  const message = `The connection was given up${tries}: ${how(lastCloseInfo)}. ${advice(closedBecause)}`
  return new ConnectionError(closedBecause, message, lastCloseInfo, cause)
}

/** A loss that is followed by another attempt, as an error. */
export function lostError(closeInfo: CloseInfo): ConnectionError {
  const what = closeInfo.phase === 'open' ? 'The connection was lost' : 'The attempt to connect failed'
  const code = closeInfo.error ?? 'ERR_CONNECTION_LOST'
  return new ConnectionError(code, `${what}: ${how(closeInfo)}. It is tried again.`, closeInfo)
}

/** A WebSocket cannot be had, and conversations go over HTTP meanwhile. */
export function degradedError(): ConnectionError {
  const message =
    'A WebSocket cannot be had here now. Conversations go over HTTP, and a WebSocket is tried again later. ' +
    'Use conversations, or call connect() again after line.trial.'
  return new ConnectionError('ERR_TRANSPORT_UNAVAILABLE', message, null)
}

/** The actor was stopped, or the chart failed, while something waited for it. */
export function endedError(cause?: unknown): ConnectionError {
  if (cause === undefined) {
    return new ConnectionError('ERR_CLOSED', 'The connection actor was stopped. Make a new connection.', null)
  }
  const message = 'The connection chart failed, and its socket was closed. Make a new connection.'
  return new ConnectionError('ERR_CHART_FAILED', message, null, { cause })
}

function causeOf(closeInfo: CloseInfo | null): ErrorOptions | undefined {
  if (closeInfo?.error === undefined || closeInfo.error === null) return undefined
  return { cause: new ConnectionError(closeInfo.error, `The last attempt: ${how(closeInfo)}.`, closeInfo) }
}

function how(closeInfo: CloseInfo | null): string {
  if (closeInfo === null) return 'no attempt was made'
  const { code, reason, errno, httpStatus, said: answer } = closeInfo
  if (answer?.serverMessage != null) return `the server refused the upgrade: ${quoted(answer)}`
  const said = reason.replace(/(?<![.\s])[.\s]+$/, '')
  const details = [errno, httpStatus === null ? `close code ${code}` : null].filter((part) => part !== null)
  if (said === '') return details.join(', ')
  return details.length === 0 ? said : `${said} (${details.join(', ')})`
}

function advice(code: HoldlineErrorCode): string {
  return adviceOnCode(code) ?? 'Call connect() to start over.'
}

/** What to do about a connection that ended, or did not come about, under this code; null for another kind of code. */
export function adviceOnCode(code: HoldlineErrorCode | null): string | null {
  return (code !== null && ADVICE[code]) || null
}
