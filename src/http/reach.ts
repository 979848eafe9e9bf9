import type { ParsedServerEvent } from '../protocol/parse-server-event.ts'
import { type TurnProgress, progressAfter } from '../protocol/response-progress.ts'

/**
 * How far a request over HTTP had come. It decides whether asking again can cost money twice.
 *
 * - `unsent`: no connection was made, so nothing of the request left this machine.
 * - `sent`: the request was handed to an open connection, and no event came back.
 * - `started`: the server has answered with an event, but no output.
 * - `streaming`: output has arrived.
 */
export type HttpProgress = 'unsent' | TurnProgress

/** Keeps count of how far one request has come. */
export class Reach {
  progress: HttpProgress = 'unsent'
  /** Server events that had arrived. */
  events = 0
  responseId: string | null = null

  sent(): void {
    if (this.progress === 'unsent') this.progress = 'sent'
  }

  received({ kind, responseId }: ParsedServerEvent): void {
    this.events += 1
    this.responseId ??= responseId
    this.progress = progressAfter(kind, this.progress === 'unsent' ? 'sent' : this.progress)
  }

  /** What cannot be read may have been output. */
  receivedGarbage(): void {
    this.progress = 'streaming'
  }
}
