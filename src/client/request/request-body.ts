import type { ResponseCreateEvent } from '../../protocol/index.ts'
import { BadOptionError } from '../../protocol/errors.ts'

/** The body of `POST …/responses`, with its whole input. */
export type RequestBody = Omit<ResponseCreateEvent, 'type' | 'stream_id' | 'generate'> & {
  readonly model: string
  readonly type?: 'response.create' | undefined
  /** Left out: over a WebSocket every response streams. */
  readonly stream?: boolean | null | undefined
}

/** What the connection decides itself. */
const OWN_FIELDS = ['stream_id', 'generate'] as const

/** The settings of a request, as they go over the wire: everything but the input and what it continues. */
export function settingsOf(body: RequestBody): ResponseCreateEvent {
  const { input: _input, previous_response_id: _parent, stream: _stream, ...settings } = body
  const { background: _background, ...rest } = settings as typeof settings & { background?: unknown }
  return { ...rest, type: 'response.create' }
}

/** @throws {BadOptionError} with the path of what cannot be a request over a WebSocket */
export function checkBody(body: RequestBody): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadOptionError('body', 'must be the body of a response.create, as an object')
  }
  for (const field of OWN_FIELDS) {
    if (field in body) throw new BadOptionError(`body.${field}`, 'is filled by the connection itself')
  }
  if (body.type !== undefined && body.type !== 'response.create') {
    throw new BadOptionError('body.type', 'must be "response.create", or left out')
  }
  if ((body as { readonly background?: unknown }).background === true) {
    throw new BadOptionError('body.background', 'is not possible over a WebSocket: use HTTP')
  }
}

/**
 * What has to be equal for one request to go on from another's response. Other settings belong to one response each:
 * the server takes them anew with every request, whatever it continues.
 */
export function scopeOf({ model, store, truncation }: RequestBody, scope: string): string {
  return JSON.stringify([scope, model, store ?? true, truncation ?? 'disabled'])
}

/** A template or a conversation of the server's own is context that the input does not show. */
export function hasHiddenContext({ conversation, prompt }: RequestBody): boolean {
  return (conversation ?? null) !== null || (prompt ?? null) !== null
}
