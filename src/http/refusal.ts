import type { IncomingMessage } from 'node:http'
import { answerSaid } from '../socket/answer-said.ts'
import type { Scrub } from '../dial/scrub.ts'
import { readRefusal } from '../socket/upgrade-refusal.ts'
import { HttpStatusError } from './errors.ts'

/** Node's timers, or an actor's. */
export interface BodyClock {
  setTimeout(task: () => void, ms: number): unknown
  clearTimeout(timer: never): void
}

/** How long the body of a refusal may take once its headers are there, in ms: as for a refused upgrade. */
const BODY_PATIENCE_MS = 1_000

/**
 * Reads an answer with a status other than 2xx, of its body at most 64 KiB. A body that is cut off, stalls or is no
 * JSON costs the code, not the status. Never rejects.
 */
export async function statusErrorOf(
  response: IncomingMessage,
  scrub: Scrub,
  clock: BodyClock | undefined,
): Promise<HttpStatusError> {
  const body = await new Promise<string>((resolve) => {
    const reader = readRefusal(response, scrub, (text) => {
      clock?.clearTimeout(timer as never)
      resolve(text)
    })
    const timer = clock?.setTimeout(() => reader.finish(), BODY_PATIENCE_MS)
  })
  return new HttpStatusError(answerSaid(response, body, scrub))
}
