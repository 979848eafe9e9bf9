import type { FrameRejected } from '../../machines/socket-notices.ts'
import type {
  ErrorEvent,
  ParsedServerEvent,
  ResponseCreateEvent,
  ServerEvent,
  TerminalEvent,
  UnknownServerEvent,
} from '../protocol/index.ts'
import { faultOf, readEventText, rejectedFrame } from '../socket/inbound.ts'
import { endedEarly, notAsAsked } from './errors.ts'
import { readPayloads } from './event-stream.ts'
import { type Answer, type HttpCall, exchange } from './exchange.ts'
import { httpUrlOf } from './http-url.ts'
import { untilAborted } from './until-aborted.ts'

/** The body of `POST …/responses`: a `response.create` less what only a WebSocket has. */
export type HttpResponseBody = Omit<ResponseCreateEvent, 'type' | 'stream_id' | 'generate'> & {
  readonly type?: never
  readonly stream_id?: never
  /** Warm-ups warm a connection, and over HTTP there is none to keep. */
  readonly generate?: never
}

/** What a stream brings: server events, and a notice for each payload that is none. */
export type HttpStreamEvent = ServerEvent | UnknownServerEvent | FrameRejected

export interface StreamRequest extends HttpCall {
  /** `stream: true` is added. Send the whole history: what a socket remembered is not known here. */
  readonly body: HttpResponseBody
  /**
   * Gets every event, in order, what was read of it, and its bytes. While a promise that it returned is pending
   * nothing more is read. What it throws, or rejects with, ends the request and is what the call rejects with.
   *
   * A payload that is no event comes as `frame.rejected`, with nothing that was read; one that was taken though
   * something of it did not fit has such a notice before it.
   */
  readonly onEvent: (
    event: HttpStreamEvent,
    read: ParsedServerEvent | null,
    bytes: number,
  ) => void | Promise<void>
}

/** What some gateways send after the last event. */
const DONE = '[DONE]'

/**
 * Asks for one response over `POST …/responses`, as server-sent events.
 *
 * Resolves with the event that ended the response, after `onEvent` has taken it: a terminal event, or an
 * `error` event, after which none has to follow. The connection is ended then, also where the server would
 * keep it. It has no clock: `signal` bounds it. `maxPayloadBytes` of the transport bounds one event;
 * `maxFrameBytes` is a WebSocket's and bounds nothing here.
 *
 * @throws HttpStatusError for a status other than 2xx
 * @throws HttpExchangeError when the connection was not made or broke, the stream ended without a terminal
 *   event, an event is larger than `maxPayloadBytes`, or the answer is no event stream
 * @throws HoldlineError `ERR_CREDENTIAL_MISSING`, `ERR_CREDENTIAL_PROVIDER`, `ERR_BAD_OPTION`,
 *   `ERR_INSECURE_URL`, `ERR_PRIVATE_ADDRESS`, `ERR_BAD_EVENT`; nothing was sent then
 */
export function streamResponse(request: StreamRequest): Promise<TerminalEvent | ErrorEvent> {
  const body = { ...request.body, stream: true }
  const target = { urlOf: httpUrlOf, accept: 'text/event-stream', body }
  return exchange(request, target, (answer) => readEvents(answer, request))
}

async function readEvents(
  { response, reach, scrub, maxPayloadBytes }: Answer,
  { onEvent, signal }: StreamRequest,
): Promise<TerminalEvent | ErrorEvent> {
  // A gateway that leaves the type out is believed; one that names another is not (WHATWG HTML, section 9.2).
  if (!/^\s*text\/event-stream\b|^$/i.test(response.headers['content-type'] ?? '')) {
    throw notAsAsked('is no event stream', reach)
  }
  for await (const payload of readPayloads(response, maxPayloadBytes, reach)) {
    if (payload === DONE) continue
    const read = readEventText(payload, scrub)
    if (read.ok) reach.received(read)
    else reach.receivedGarbage()
    const bytes = Buffer.byteLength(payload)
    if (read.ok && read.repaired !== null) {
      await onEvent(rejectedFrame(faultOf(read.repaired), Buffer.from(payload)), null, 0)
    }
    const taken = read.ok
      ? onEvent(read.event, read, bytes)
      : onEvent(rejectedFrame(read, Buffer.from(payload)), null, bytes)
    if (taken !== undefined) await untilAborted(taken, signal)
    signal.throwIfAborted()
    if (read.ok && isEnding(read)) return read.event as TerminalEvent | ErrorEvent
  }
  throw endedEarly(reach)
}

function isEnding({ kind }: ParsedServerEvent): boolean {
  return kind === 'error' || kind === 'terminal'
}
