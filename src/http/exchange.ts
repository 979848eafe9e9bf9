import type { IncomingMessage } from 'node:http'
import { HoldlineError } from '../protocol/errors.ts'
import type { Secret } from '../protocol/secret.ts'
import type { TransportOptions } from '../protocol/transport.ts'
import { resolveCredential } from '../dial/credential.ts'
import { checkAddress, checkUrl, openTransport } from '../dial/plan.ts'
import { dialModules } from '../dial/lazy.ts'
import { type Scrub, scrubFor } from '../dial/scrub.ts'
import { notAsAsked } from './errors.ts'
import { type Post, post } from './post.ts'
import { Reach } from './reach.ts'
import { type BodyClock, statusErrorOf } from './refusal.ts'
import { untilAborted } from './until-aborted.ts'

/** What every call over HTTP is told. */
export interface HttpCall {
  /** As for the WebSocket: credential, headers, proxy, TLS and limits. The URL is the `ws:` or `wss:` one. */
  readonly transport: Secret<TransportOptions>
  /** What the body of a refusal is waited for on. Default: it is waited for until it ends, or `signal` aborts. */
  readonly clock?: BodyClock | undefined
  /** Ends the call at any time; the connection is destroyed, and the call rejects with `signal.reason`. */
  readonly signal: AbortSignal
  /** True when the last credential was answered with 401: ask the provider for a new one. Default: false. */
  readonly renew?: boolean | undefined
  /** Called once, when the request was handed to an open connection. From then on it may have run. */
  readonly onSent?: (() => void) | undefined
}

/** What tells one kind of call from another. */
export interface HttpTarget {
  readonly urlOf: (wsUrl: string) => string
  readonly accept: string
  readonly body: object
}

/** A 2xx answer whose body is still to be read. */
export interface Answer {
  readonly response: IncomingMessage
  readonly reach: Reach
  /** Takes secrets out of what the peer wrote. */
  readonly scrub: Scrub
  /** In bytes. */
  readonly maxPayloadBytes: number
}

/**
 * Makes one request and reads its answer. Whatever happens, the connection is gone when it settles, and
 * nothing is sent a second time.
 *
 * @throws HoldlineError by the rules for options and credentials, `HttpStatusError`, `HttpExchangeError`, or
 *   what `read` throws; `signal.reason` once the signal has aborted
 */
export async function exchange<Result>(
  { transport, clock, signal, renew = false, onSent = () => {} }: HttpCall,
  { urlOf, accept, body }: HttpTarget,
  read: (answer: Answer) => Promise<Result>,
): Promise<Result> {
  const reach = new Reach()
  let sent: Post | null = null
  const hangUp = () => sent?.hangUp()
  signal.addEventListener('abort', hangUp, { once: true })
  try {
    signal.throwIfAborted()
    const payload = serialise(body)
    const options = openTransport(transport)
    const modules = await untilAborted(Promise.resolve(dialModules(options)), signal)
    checkUrl(options, modules)
    const key = await untilAborted(resolveCredential(options, { signal, renew }), signal)
    checkAddress(options, modules)
    sent = post({ options, modules, key, url: urlOf(options.url), accept, payload, reach, onSent })
    const response = await untilAborted(sent.response, signal)
    const scrub = scrubFor(options, key)
    if (!isSuccess(response)) throw await untilAborted(statusErrorOf(response, scrub, clock), signal)
    checkEncoding(response, reach)
    return await read({ response, reach, scrub, maxPayloadBytes: options.maxPayloadBytes })
  } catch (error) {
    // What an abort broke is the abort's doing.
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', hangUp)
    hangUp()
  }
}

function serialise(body: object): Buffer {
  let text: unknown
  try {
    text = JSON.stringify(body)
  } catch {
    // The error can quote what it could not write.
  }
  if (typeof text === 'string') return Buffer.from(text)
  throw new HoldlineError(
    'ERR_BAD_EVENT',
    'The request cannot be written as JSON: it holds a cycle, a BigInt or a toJSON that throws. ' +
      'The request was not sent. Correct it first.',
  )
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300
}

function checkEncoding({ headers }: IncomingMessage, reach: Reach): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw notAsAsked('is compressed, which was not asked for', reach)
}
