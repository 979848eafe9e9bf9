import type { IncomingMessage } from 'node:http'
import { answerSaid } from '../socket/answer-said.ts'
import type { Scrub } from '../dial/scrub.ts'
import { readRefusal } from '../socket/upgrade-refusal.ts'
import { HttpStatusError } from './errors.ts'

/**
 * Reads an answer with a status other than 2xx, of its body at most 64 KiB. A body that is cut off or is no
 * JSON costs the code, not the status. Never rejects.
 */
export async function statusErrorOf(response: IncomingMessage, scrub: Scrub): Promise<HttpStatusError> {
  const body = await new Promise<string>((resolve) => void readRefusal(response, scrub, resolve))
  return new HttpStatusError(answerSaid(response, body, scrub))
}
