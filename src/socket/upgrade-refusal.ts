import type { IncomingMessage } from 'node:http'
import type { UpgradeRefusal } from '../../machines/socket-contract.ts'
import type { UpgradeRefused } from '../../machines/socket-notices.ts'
import type { Scrub } from '../dial/scrub.ts'
import { shownHeaders } from '../dial/shown-headers.ts'
import { answerSaid } from './answer-said.ts'

/** The largest part of a refusal's body that is read, in bytes. */
const MAX_BODY_BYTES = 64 * 1_024

/** Reads the body of a refused upgrade, until `finish` is called or the body is through. */
export interface RefusalReader {
  /** Reports with what has arrived. Does nothing when it was reported already. */
  readonly finish: () => void
}

/**
 * Collects the body and calls `done` exactly once, with secrets taken out: when the body ends, fails or grows past
 * 64 KiB, or when `finish` is called. It has no clock: whoever made it decides how long a body may take.
 */
export function readRefusal(
  response: IncomingMessage,
  scrub: Scrub,
  done: (body: string) => void,
): RefusalReader {
  const chunks: Buffer[] = []
  // Beyond the limit by a secret, which would else be cut in two and not be known again.
  let room = MAX_BODY_BYTES + scrub.longest
  let reported = false
  const finish = () => {
    if (reported) return
    reported = true
    done(scrub(Buffer.concat(chunks).toString('utf8')).slice(0, MAX_BODY_BYTES))
  }
  response.on('data', (chunk: Buffer) => {
    if (reported) return
    chunks.push(chunk.subarray(0, room))
    room -= Math.min(room, chunk.length)
    if (room === 0) finish()
  })
  // Stays for good: a response that is cut off errors, also after it was reported.
  response.on('error', finish)
  response.once('end', finish)
  response.once('close', finish)
  return { finish }
}

/** What the chart is told of a refusal. */
export function refusalOf(response: IncomingMessage, body: string, scrub: Scrub): UpgradeRefusal {
  const said = answerSaid(response, body, scrub)
  return {
    status: response.statusCode ?? 0,
    code: said.serverCode ?? said.type,
    retryAfterMs: said.retryAfterMs,
    said,
  }
}

/** What listeners are told of a refusal. */
export function refusedNotice(response: IncomingMessage, body: string, scrub: Scrub): UpgradeRefused {
  return {
    type: 'upgrade.refused',
    status: response.statusCode ?? 0,
    headers: shownHeaders(response.headers, scrub),
    body,
  }
}
