import type { ConnectionContext } from '../../../machines/index.ts'
import type { ConnectionName, ConnectionView, EndView } from '../../../src/testing/model/view.ts'

/** As much of a connection's snapshot as a view is made from. */
export interface ConnectionSnapshotLike {
  readonly value: unknown
  readonly context: ConnectionContext
}

type FromSnapshot = Pick<
  ConnectionView,
  'state' | 'canSend' | 'attempt' | 'delayMs' | 'closedBecause' | 'lastEnd'
>

/** What a snapshot alone says. */
export function viewOfSnapshot({ value, context }: ConnectionSnapshotLike): FromSnapshot {
  const { retry, closedBecause, lastCloseInfo } = context
  const state = topName(value)
  return {
    state,
    canSend: state === 'open' && !/"age":"expired"/.test(JSON.stringify(value)),
    attempt: retry.attempt,
    delayMs: retry.delayMs,
    closedBecause,
    lastEnd: endView(lastCloseInfo),
  }
}

/** The part of a close info that is not only for people to read. */
export function endView(info: ConnectionContext['lastCloseInfo']): EndView | null {
  if (info === null) return null
  const { code, error, phase, retryable, httpStatus, retryAfterMs } = info
  return { code, error, phase, retryable, httpStatus, retryAfterMs }
}

function topName(value: unknown): ConnectionName {
  const name = typeof value === 'object' && value !== null ? Object.keys(value)[0] : value
  return name as ConnectionName
}
