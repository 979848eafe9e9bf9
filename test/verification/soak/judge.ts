import { inspect } from 'node:util'
import { isHoldlineError } from '../../../src/protocol/errors.ts'
import type { Judgement } from './ledger.ts'

// What must hold of a connection. Pure, so that each can be shown to fail.

/** A key that can be recognised wherever it turns up. */
export const SOAK_KEY = 'sk-soak-3b9d71f04c'

/** Timers of a busy process are late, but never early by more than this, in ms. */
const EARLY_MS = 2

/** Sockets that are open when one more is dialed, and how many others may be. */
export function judgeDial(open: number, allowed: number): Judgement {
  const what = (): string => `a dial while ${open} sockets are open, where ${allowed} may be`
  return { promise: 'oneSocket', holds: open <= allowed, what }
}

/** The time between two dials. */
export function judgeGap(gapMs: number, floorMs: number): Judgement {
  const what = (): string => `dialed again after ${gapMs} ms`
  return { promise: 'budget', holds: gapMs >= floorMs - EARLY_MS, what }
}

export function judgeAttempt(attempt: number, maxRetries: number): Judgement {
  return { promise: 'budget', holds: attempt <= maxRetries, what: () => `retry ${attempt}` }
}

/** A fact of one socket reached a chart whose newest socket is another. */
export function judgeFact(type: string, of: number, newest: number): Judgement {
  // A fact that was taken may start the next dial; one of an earlier socket than that has come too late.
  return { promise: 'noStaleFact', holds: of >= newest - 1, what: () => `${type} reached the chart` }
}

/** A run in which most turns never come to the server has put nothing else to the test. */
export function judgeReached(turns: number, reached: number): Judgement {
  const what = (): string => `${reached} of ${turns} turns did`
  return { promise: 'reaches', holds: reached >= turns / 2, what }
}

/** Anything that somebody can print. */
export function judgeShown(shown: unknown, where: string): Judgement {
  const text = typeof shown === 'string' ? shown : inspect(shown, { depth: 6 })
  return { promise: 'noCredential', holds: !text.includes(SOAK_KEY), what: () => `it is in ${where}` }
}

/** What `send` threw. */
export function judgeRefusal(error: unknown): Judgement {
  const holds = isHoldlineError(error) && error.message.includes('not sent')
  return { promise: 'clearRefusal', holds, what: () => String(error) }
}

/** Counts of what there must be none of any more, by kind. */
export function judgeLeft(counts: Readonly<Record<string, number>>): Judgement[] {
  return Object.entries(counts).map(([kind, count]) => ({
    promise: 'nothingLeft',
    holds: count === 0,
    what: () => `${count} ${kind} are left`,
  }))
}
