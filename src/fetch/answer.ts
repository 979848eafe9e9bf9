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

  /** The first event that says more than that the connection lives, or null where none does. */
  async first(): Promise<ServerEvent | null> {
    let first: ServerEvent | null = null
    await this.each((event) => {
      if (!event.type.startsWith('response.')) return true
      first = event
      return false
    })
    return first
  }

  /** Hands on each event that is no `error`, until there is none left or `take` has had enough. */
  async each(take: (event: ServerEvent) => boolean): Promise<void> {
    try {
      for (;;) {
        const { value: event } = await this.#events.next()
        if (event === undefined) return
        if (event.type === 'error') this.#refusal = event
        else if (!take(event)) return
      }
    } catch {
      // What a turn ended with is asked of the turn.
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
  const take = (event: ServerEvent): true => {
    const shaped = events.take(event)
    if (shaped !== null && !body.write(shaped)) turn.cancel()
    return true
  }
  take(first)
  await reading.each(take)
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
  const take = (event: ServerEvent): true => {
    events.take(event)
    return true
  }
  take(first)
  await reading.each(take)
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
