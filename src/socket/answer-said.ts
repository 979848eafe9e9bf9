import type { IncomingMessage } from 'node:http'
import { readErrorFrame } from '../protocol/error-details.ts'
import type { ErrorEvent } from '../protocol/index.ts'
import { type ServerSaid, saidOf } from '../protocol/server-said.ts'
import type { Scrub } from '../dial/scrub.ts'

/** Codes, and paths of fields as in `input[0].content`. A sentence is neither. */
const PLAIN = /^[\w.[\]-]{1,64}$/

/** What stands in front of a server answers in HTML, or at length: neither is a message. */
const MAX_PLAIN_TEXT = 500

/** What an HTTP answer with an unwanted status says, without the secrets of the attempt that it answers. */
export function answerSaid(response: IncomingMessage, body: string, scrub: Scrub): ServerSaid {
  const { statusCode: status = 0, headers } = response
  const said = saidOf(readErrorFrame({ ...fieldsOf(body), type: 'error', status, headers }, Date.now()))
  const plain = (text: string | null) =>
    text !== null && PLAIN.test(text) && scrub(text) === text ? text : null
  return {
    ...said,
    type: plain(said.type),
    serverCode: plain(said.serverCode),
    param: plain(said.param),
    serverMessage: said.serverMessage === null ? null : scrub(said.serverMessage),
    requestId: said.requestId === null ? null : scrub(said.requestId),
    headers: Object.fromEntries(Object.entries(said.headers).map(([name, value]) => [name, scrub(value)])),
  }
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
