import type { AnyActorRef } from 'xstate'
import { HoldlineError } from '../protocol/errors.ts'
import type { ClientEvent } from '../protocol/index.ts'
import type { TransportOptions } from '../protocol/transport.ts'
import { MAX_UNSETTLED_TURNS, type UnsettledTurns } from './unsettled-turns.ts'
import { type FrameSource, framesAreWatched, noteFrame } from './frame-channel.ts'

/** Puts events on the wire without a detour through a mailbox: the caller knows at once what became of one. */
export interface SocketHandle {
  /** Bytes that wait to be sent, 0 without a connection. */
  readonly bufferedAmount: number
  /**
   * Sends one event as one text message.
   *
   * @returns the size of the message in bytes of UTF-8
   * @throws HoldlineError `ERR_NOT_OPEN`, `ERR_BAD_EVENT`, `ERR_FRAME_TOO_LARGE` or `ERR_BACKPRESSURE`; then
   * nothing of the event was sent
   */
  send(event: ClientEvent): { readonly bytes: number }
}

/** What the handle writes to: a `ws` that is open, and whose close handshake has not begun. */
interface OpenSocket {
  readonly bufferedAmount: number
  send(text: string): void
}

/** The limits that `send` keeps, in bytes. */
type SendLimits = Pick<TransportOptions, 'maxFrameBytes' | 'maxBufferedBytes'>

/** Who the handle sends for. */
export interface Sender extends FrameSource {
  /** The socket and its limits, or null while it is not open. */
  line(): { readonly socket: OpenSocket; readonly limits: SendLimits } | null
}

const handles = new WeakMap<object, SocketHandle>()
const SENDABLE: ReadonlySet<unknown> = new Set(['response.create', 'response.steer'])

/** The handle of a socket actor, or undefined for any other actor. It lives as long as the actor's ref. */
export function socketHandle(actor: AnyActorRef | undefined): SocketHandle | undefined {
  return actor === undefined ? undefined : handles.get(actor)
}

export function registerHandle(actor: AnyActorRef, handle: SocketHandle): void {
  handles.set(actor, handle)
}

/** A class, because there is one for each connection: an object with a getter of its own takes 500 bytes more. */
export class SessionHandle implements SocketHandle {
  readonly #sender: Sender
  readonly #turns: UnsettledTurns

  constructor(sender: Sender, turns: UnsettledTurns) {
    this.#sender = sender
    this.#turns = turns
  }

  get bufferedAmount(): number {
    return this.#sender.line()?.socket.bufferedAmount ?? 0
  }

  send(event: ClientEvent): { readonly bytes: number } {
    const open = this.#sender.line()
    if (open === null) throw notOpen()
    if (this.#turns.size >= MAX_UNSETTLED_TURNS && event.type === 'response.create') throw tooManyTurns()
    const text = serialise(event)
    const bytes = Buffer.byteLength(text)
    checkSize(bytes, open.socket.bufferedAmount, open.limits)
    open.socket.send(text)
    this.#turns.sent(event)
    if (framesAreWatched()) noteFrame(this.#sender, 'out', 'message', event.type, bytes, text)
    return { bytes }
  }
}

/** The `type` of a value that claims to be an event, if it is one that can be sent. */
export function sendableType(event: unknown): ClientEvent['type'] | null {
  if (typeof event !== 'object' || event === null || !('type' in event)) return null
  return SENDABLE.has(event.type) ? (event.type as ClientEvent['type']) : null
}

function serialise(event: ClientEvent): string {
  let text: unknown
  try {
    if (sendableType(event) !== null) text = JSON.stringify(event)
  } catch {
    throw badEvent('cannot be written as JSON: it holds a cycle, a BigInt or a toJSON that throws')
  }
  if (typeof text === 'string') return text
  throw badEvent('is not an object whose type is "response.create" or "response.steer"')
}

function checkSize(bytes: number, waiting: number, { maxFrameBytes, maxBufferedBytes }: SendLimits): void {
  if (bytes > maxFrameBytes) {
    throw new HoldlineError(
      'ERR_FRAME_TOO_LARGE',
      `The event is ${bytes} bytes of JSON, and maxFrameBytes is ${maxFrameBytes}. The event was not sent. ` +
        'Send less input, or continue from a previous response instead of sending the whole history.',
    )
  }
  if (waiting + bytes > maxBufferedBytes) {
    throw new HoldlineError(
      'ERR_BACKPRESSURE',
      `${waiting} bytes wait to be sent, the event is ${bytes} bytes more, and maxBufferedBytes is ` +
        `${maxBufferedBytes}. The event was not sent. Try again when the connection has caught up.`,
    )
  }
}

function tooManyTurns(): HoldlineError {
  return new HoldlineError(
    'ERR_BACKPRESSURE',
    `${MAX_UNSETTLED_TURNS} turns wait for their end on this connection. The event was not sent. ` +
      'Wait for some of them, or open another connection.',
  )
}

function notOpen(): HoldlineError {
  return new HoldlineError(
    'ERR_NOT_OPEN',
    'The connection is not open. The event was not sent. Wait until it is open, and send it again.',
  )
}

function badEvent(problem: string): HoldlineError {
  return new HoldlineError('ERR_BAD_EVENT', `The event ${problem}. The event was not sent. Correct it first.`)
}
