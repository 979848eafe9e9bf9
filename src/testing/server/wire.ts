/** One event as the server sends it. */
export interface Frame {
  readonly type: string
  readonly [field: string]: unknown
}

/** Marks an event whose `type` is left out on the wire. */
export const UNTYPED: unique symbol = Symbol('untyped')

/** An event as JSON, as it goes over the wire. */
export function textOfFrame(frame: Frame): string {
  return JSON.stringify(UNTYPED in frame ? { ...frame, type: undefined } : frame)
}

/** One item of a request's `input` or a response's `output`. */
export type Item = Readonly<Record<string, unknown>>

/**
 * Where a response is written to: a WebSocket, or an HTTP response. Nothing in it throws; on an ended wire all of it
 * does nothing.
 */
export interface Wire {
  readonly kind: 'websocket' | 'http'
  send(frame: Frame): void
  /** Text as it is, to send what is no event. */
  sendText(text: string): void
  sendBinary(bytes: Uint8Array): void
  /** False while silenced. */
  ready(): boolean
  /** Calls `resume` once, when `ready()` is true again. Not called on a wire that ends before. */
  whenReady(resume: () => void): void
  close(code: number, reason: string): void
  /** Ends without a close frame; `reset` sends a TCP RST instead of a FIN. */
  terminate(reset: boolean): void
  /** Sends nothing more, pongs included, for `ms` milliseconds or (null) for ever. */
  silence(ms: number | null): void
  /** Reads nothing more, for `ms` milliseconds or (null) for ever. */
  stopReading(ms: number | null): void
}

/** The string field of an object that came from outside, or undefined. */
export function stringField(value: unknown, field: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found = (value as Record<string, unknown>)[field]
  return typeof found === 'string' ? found : undefined
}

/** True for a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
