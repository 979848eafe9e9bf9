import { createHash } from 'node:crypto'
import type { SocketFact } from '../../machines/socket-contract.ts'
import type { FrameRejected } from '../../machines/socket-notices.ts'
import type { Scrub } from '../dial/scrub.ts'
import { readErrorFrame } from '../protocol/error-details.ts'
import type { ControlEvent, ErrorEvent, ResponseErrorEvent, TerminalEvent } from '../protocol/index.ts'
import { type ParsedServerEvent, parseServerEvent } from '../protocol/parse-server-event.ts'
import { isTerminalEvent, settlementOf } from '../protocol/terminal.ts'
import { plainCode } from './plain-code.ts'

/** A frame that is no server event. */
interface FrameFault {
  readonly ok: false
  readonly problem: FrameRejected['problem']
  readonly path?: string
}

export const BINARY_FRAME: FrameFault = Object.freeze({ ok: false, problem: 'binary' })
const BROKEN_JSON: FrameFault = Object.freeze({ ok: false, problem: 'json' })
const FORGED_TYPE: FrameFault = Object.freeze({ ok: false, problem: 'shape', path: 'type' })

/** What the connection actor emits itself, and XState's wildcard. A server must not speak in its name. */
const RESERVED_TYPE =
  /^(?:\*|connection\..*|frame\.rejected|send\.refused|turn\.lost|turn\.lost|upgrade\.refused)$/s

/** Reads one text frame. Never throws. */
export function readFrame(data: Buffer, scrub: Scrub): ParsedServerEvent | FrameFault {
  let text: string
  try {
    text = data.toString('utf8')
  } catch {
    return BROKEN_JSON
  }
  return readEventText(text, scrub)
}

/** Reads the text of one event, however it came, without what a peer echoes of our secrets. Never throws. */
export function readEventText(text: string, scrub: Scrub): ParsedServerEvent | FrameFault {
  let value: unknown
  try {
    value = JSON.parse(scrub.event(text))
  } catch {
    return BROKEN_JSON
  }
  const parsed = parseServerEvent(value)
  if (parsed.ok && !parsed.known && RESERVED_TYPE.test(parsed.event.type)) return FORGED_TYPE
  return parsed
}

/** Tells one bad frame from another without showing any. */
export function rejectedFrame({ problem, path }: FrameFault, data: Buffer): FrameRejected {
  return {
    type: 'frame.rejected',
    code: 'ERR_BAD_FRAME',
    problem,
    bytes: data.length,
    sha256: createHash('sha256').update(data).digest('hex').slice(0, 16),
    ...(path === undefined ? {} : { path }),
  }
}

/** What the chart has to know of an event, or null where it changes no state of the connection. */
export function factOf(event: ControlEvent, connectionId: number): SocketFact | null {
  if (isTerminalEvent(event)) return settledFact(event, connectionId)
  return event.type === 'error' ? erroredFact(event, connectionId) : null
}

function settledFact(event: TerminalEvent, connectionId: number): SocketFact {
  const { outcome, response } = settlementOf(event)
  // Only `response.error` can come without a response; then it names none, and says no more than `error`.
  if (response === null) return erroredFact(event as ResponseErrorEvent, connectionId)
  const lane = event.stream_id ?? null
  const stored = response.store === true
  return { type: 'server.settled', connectionId, lane, responseId: response.id, outcome, stored }
}

function erroredFact(event: ErrorEvent | ResponseErrorEvent, connectionId: number): SocketFact {
  const { status, code } = readErrorFrame(event, Date.now())
  return {
    type: 'server.errored',
    connectionId,
    lane: event.stream_id ?? null,
    status,
    code: plainCode(code),
  }
}
