import { type ServerEvent, type Turn, TurnError } from '../index.ts'
import { EventBody } from './event-body.ts'
import { HttpEvents } from './events.ts'
import { type ErrorEvent, errorEvent, lostEvent, lostResponse, refusalResponse } from './refusal.ts'

/** How a turn is answered. */
export interface AnswerOptions {
  readonly turn: Turn
  /** Server-sent events; else one JSON body at the end. */
  readonly isStream: boolean
  /** Bytes of a streamed answer that may wait for their reader. */
  readonly maxBufferedBytes: number
  readonly signal: AbortSignal | undefined
}

/** Nothing of the turn has left this process: it can go another way. */
export class Unsent {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/**
 * Makes an HTTP response of a turn. It is there with the first event of the turn, because a refusal has a status of
 * its own.
 *
 * @returns the response, or why nothing was sent
 * @throws the signal's reason once it has aborted
 */
export async function answerOf(options: AnswerOptions): Promise<Response | Unsent> {
  const { turn, isStream, signal } = options
  const reading = new Reading(turn)
  const first = await reading.first()
  signal?.throwIfAborted()
  if (first === null) return reading.failure(await settled(turn))
  if (isStream) return streamed(first, reading, options)
  return whole(first, reading, turn, signal)
}

/** The events of a turn; an `error` counts only if nothing follows it, because the turn can have been sent again. */
class Reading {
  readonly #events: AsyncIterator<ServerEvent, undefined>
  #refusal: ErrorEvent | null = null

  constructor(turn: Turn) {
    this.#events = turn[Symbol.asyncIterator]()
  }

  /** The next event that is no `error`, or null after the last. */
  async next(): Promise<ServerEvent | null> {
    for (;;) {
      let event: ServerEvent | undefined
      try {
        event = (await this.#events.next()).value
      } catch {
        // What a turn ended with is asked of the turn.
      }
      if (event === undefined) return null
      if (event.type !== 'error') return event
      this.#refusal = event
    }
  }

  /** The first event that says more than that the connection lives. */
  async first(): Promise<ServerEvent | null> {
    for (;;) {
      const event = await this.next()
      if (event === null || event.type.startsWith('response.')) return event
    }
  }

  /** The answer where there was no response, or none that has an HTTP form. */
  failure(error: unknown): Response | Unsent {
    if (error instanceof TurnError && error.progress === 'queued') return new Unsent(error)
    const refusal = this.refusalOf(error)
    return refusal === null
      ? lostResponse(messageOf(error).replace(/^ERR_\w+: /, ''))
      : refusalResponse(refusal)
  }

  /** The server's last words, unless the turn was sent again after them and that sending was lost. */
  refusalOf(error: unknown): ErrorEvent | null {
    return error instanceof TurnError && error.outcome === 'lost' ? null : this.#refusal
  }
}

function streamed(first: ServerEvent, reading: Reading, options: AnswerOptions): Response {
  const { turn, maxBufferedBytes, signal } = options
  const body = new EventBody(maxBufferedBytes, () => turn.cancel())
  void pump(first, reading, body, turn, signal)
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }
  return new Response(body.stream, { headers })
}

/** Settles when the turn is over, whether somebody reads or not. Never rejects. */
async function pump(
  first: ServerEvent,
  reading: Reading,
  body: EventBody,
  turn: Turn,
  signal: AbortSignal | undefined,
): Promise<void> {
  const events = new HttpEvents()
  for (let event: ServerEvent | null = first; event !== null; event = await reading.next()) {
    const shaped = events.take(event)
    if (shaped !== null && !body.write(shaped)) turn.cancel()
  }
  if (signal?.aborted === true) return body.fail(signal.reason)
  if (events.response === null) {
    const error = await settled(turn)
    const refusal = reading.refusalOf(error)
    body.write(events.numbered(refusal === null ? lostEvent(messageOf(error)) : errorEvent(refusal)))
  }
  body.close()
}

async function whole(
  first: ServerEvent,
  reading: Reading,
  turn: Turn,
  signal: AbortSignal | undefined,
): Promise<Response | Unsent> {
  const events = new HttpEvents()
  for (let event: ServerEvent | null = first; event !== null; event = await reading.next()) events.take(event)
  signal?.throwIfAborted()
  if (events.response !== null) return Response.json(events.response)
  return reading.failure(await settled(turn))
}

/** What the turn rejects with, or null. */
function settled(turn: Turn): Promise<unknown> {
  return turn.response.then(
    () => null,
    (error: unknown) => error,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error
    ? `${codeOf(error)}${error.message}`
    : 'ERR_TURN_LOST: the response broke off.'
}

function codeOf(error: Error): string {
  return error instanceof TurnError ? `${error.code}: ` : ''
}
