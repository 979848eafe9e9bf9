import type { IncomingMessage } from 'node:http'
import { readErrorFrame } from '../protocol/error-details.ts'
import type { ErrorBody } from '../protocol/index.ts'
import type { Scrub } from '../dial/scrub.ts'
import { readRefusal } from '../socket/upgrade-refusal.ts'
import { HttpStatusError } from './errors.ts'

/** Codes, and paths of fields as in `input[0].content`. A sentence is neither. */
const PLAIN = /^[\w.[\]-]{1,64}$/

/**
 * Reads an answer with a status other than 2xx, of its body at most 64 KiB. A body that is cut off or is no
 * JSON costs the code, not the status. Never rejects.
 */
export async function statusErrorOf(response: IncomingMessage, scrub: Scrub): Promise<HttpStatusError> {
  const body = await new Promise<string>((resolve) => void readRefusal(response, resolve))
  const status = response.statusCode ?? 0
  const frame = { type: 'error', status, error: errorBodyOf(body), headers: response.headers } as const
  const { code, type, param, retryAfterMs } = readErrorFrame(frame, Date.now())
  const plain = (text: string | null) =>
    text !== null && PLAIN.test(text) && scrub(text) === text ? text : null
  return new HttpStatusError({
    status,
    errorCode: plain(code),
    errorType: plain(type),
    param: plain(param),
    retryAfterMs,
  })
}

function errorBodyOf(body: string): ErrorBody | null {
  try {
    const parsed = JSON.parse(body) as { readonly error?: unknown } | null
    const error = parsed?.error
    return typeof error === 'object' ? (error as ErrorBody | null) : null
  } catch {
    return null
  }
}
