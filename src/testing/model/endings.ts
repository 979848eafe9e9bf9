import type { Line } from './line.ts'
import { type ModelVerdict, retry, verdictOnClose, verdictOnStatus } from './verdicts.ts'
import type { EndView } from './view.ts'

/** How a line ended, before it is decided what comes of it. */
export interface Ending {
  readonly verdict: ModelVerdict
  readonly end: Omit<EndView, 'error' | 'retryable'>
}

const NO_ANSWER = { code: 1006, httpStatus: null, retryAfterMs: null } as const

/** An ending that the client finds out by itself. */
export function ownEnding(error: string, phase: 'dial' | 'open'): Ending {
  return { verdict: retry(error), end: { ...NO_ANSWER, phase } }
}

/** The other side ended the line, or its dial, with this code. */
export function endingOf(line: Line, code: number): Ending {
  if (line.phase === 'dialing') return { ...ownEnding('ERR_DIAL_FAILED', 'dial'), end: endWith(code, 'dial') }
  const verdict = line.expired ? retry('ERR_AGE_LIMIT') : verdictOnClose(code, line.heard)
  return { verdict, end: endWith(code, 'open') }
}

/** The server answered the dial with this status. */
export function refusalEnding(status: number, code: string | undefined, retryAfterMs: number | null): Ending {
  const end = { ...NO_ANSWER, phase: 'dial', httpStatus: status, retryAfterMs }
  return { verdict: verdictOnStatus(status, code), end }
}

function endWith(code: number, phase: 'dial' | 'open'): Ending['end'] {
  return { ...NO_ANSWER, code, phase }
}
