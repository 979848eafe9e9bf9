import type { IncomingMessage } from 'node:http'
import { readErrorFrame } from '../protocol/error-details.ts'
import type { ErrorEvent } from '../protocol/index.ts'
import { type ServerSaid, saidOf } from '../protocol/server-said.ts'
import { REDACTED, type Scrub } from '../dial/scrub.ts'
import { shownHeaders } from '../dial/shown-headers.ts'

/** Codes, and paths of fields as in `input[0].content`. A sentence is neither. */
const PLAIN = /^[\w.[\]-]{1,64}$/

/** What stands in front of a server answers in HTML, or at length: neither is a message. */
const MAX_PLAIN_TEXT = 500

/** What an HTTP answer with an unwanted status says. Secrets have been taken out of the body already. */
export function answerSaid(response: IncomingMessage, body: string, scrub: Scrub): ServerSaid {
  const { statusCode: status = 0 } = response
  const headers = shownHeaders(response.headers, scrub)
  const said = saidOf(readErrorFrame({ ...fieldsOf(body), type: 'error', status, headers }, Date.now()))
  return {
    ...said,
    type: plain(said.type),
    serverCode: plain(said.serverCode),
    param: plain(said.param),
  }
}

/** What stands where a secret stood is no code. */
function plain(text: string | null): string | null {
  return text !== null && PLAIN.test(text) && !text.includes(REDACTED) ? text : null
}

/** A body of JSON, in whatever shape, or a short plain text. */
function fieldsOf(body: string): Partial<ErrorEvent> {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    const isText = body.length <= MAX_PLAIN_TEXT && !/^\s*[<{[]/.test(body)
    return isText ? { message: body } : {}
  }
}
