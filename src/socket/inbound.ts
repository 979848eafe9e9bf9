import { createHash } from 'node:crypto'
import type { SocketFact } from '../../machines/socket-contract.ts'
import type { FrameRejected } from '../../machines/socket-notices.ts'
import type { Scrub } from '../dial/scrub.ts'
import { readErrorFrame } from '../protocol/error-details.ts'
import type { ErrorEvent, ResponseErrorEvent } from '../protocol/index.ts'
import { type ParsedServerEvent, brokenEnding, parseServerEvent } from '../protocol/parse-server-event.ts'
import { plainCode } from './plain-code.ts'

/** A frame that is no server event. */
export interface FrameFault {
  readonly ok: false
  readonly problem: FrameRejected['problem']
  readonly path?: string
}

export const BINARY_FRAME: FrameFault = Object.freeze({ ok: false, problem: 'binary' })
const BROKEN_JSON: FrameFault = Object.freeze({ ok: false, problem: 'json' })

/** Reads the text of one event, however it came, without what a peer echoes of our secrets. Never throws. */
export function readEventText(text: string, scrub: Scrub): ParsedServerEvent | FrameFault {
  let value: unknown
  try {
    value = JSON.parse(scrub.event(text))
  } catch {
    return BROKEN_JSON
  }
  return parseServerEvent(value)
}

/** Reads one text frame. Never throws. */
export function readFrame(data: Buffer, scrub: Scrub): ParsedServerEvent | FrameFault {
  let text: string
  try {
    text = data.toString('utf8')
  } catch {
    // Longer than a string can be.
    return BROKEN_JSON
  }
  const frame = readEventText(text, scrub)
  return frame === BROKEN_JSON ? (brokenEnding(text) ?? frame) : frame
}

/** Tells one bad frame from another without showing any. */
export function rejectedFrame({ problem, path }: FrameFault, data: Buffer): FrameRejected {
  return {
    type: 'frame.rejected',
    code: 'ERR_BAD_FRAME',
    problem,
    bytes: data.length,
    sha256: createHash('sha256').update(data).digest('hex').slice(0, 16),
    ...(path === undefined || path === '' ? {} : { path }),
  }
}

/** For an event that was taken, though something of it did not fit. */
export function faultOf(repaired: string): FrameFault {
  return { ok: false, problem: 'shape', path: repaired }
}

/** What the chart has to know of an event, or null where it changes no state of the connection. */
export function factOf(frame: ParsedServerEvent, connectionId: number): SocketFact | null {
  const { kind, lane, responseId, settlement } = frame
  if (kind === 'error') return erroredFact(frame, connectionId)
  if (settlement === null) return null
  // An ending that names no response says no more than `error`.
  if (responseId === null) return erroredFact(frame, connectionId)
  const stored = settlement.response?.store === true
  return { type: 'server.settled', connectionId, lane, responseId, outcome: settlement.outcome, stored }
}

function erroredFact({ event, lane }: ParsedServerEvent, connectionId: number): SocketFact {
  const { status, code } = readErrorFrame(event as ErrorEvent | ResponseErrorEvent, Date.now())
  return { type: 'server.errored', connectionId, lane, status, code: plainCode(code) }
}
