import type { CloseInfo, ConnectionActorRef, ConnectionSnapshot } from '../../../index.ts'
import { changedPath } from './state-path.ts'

/** One step of the connection chart. */
export interface Transition {
  /** What has changed, as in `reconnecting.waiting.inFloor` or `open { health: stable }`. */
  readonly path: string
  /** The retry and its wait, in the step that begins to wait; else null. */
  readonly wait: string | null
  /** What else is to be said of it, or null. */
  readonly detail: string | null
  readonly snapshot: ConnectionSnapshot
}

/** Reports the state that the chart is in, and then every change of it. Returns a function that ends it. */
export function watchTransitions(
  actor: ConnectionActorRef,
  report: (transition: Transition) => void,
): () => void {
  let last: ConnectionSnapshot | null = null
  const look = (snapshot: ConnectionSnapshot): void => {
    const before = last
    const path = changedPath(before?.value ?? null, snapshot.value)
    // Most events change what the chart remembers, and not where it is.
    if (before !== null && sameState(before, snapshot)) return
    last = snapshot
    const waits =
      snapshot.matches({ reconnecting: 'waiting' }) && !before?.matches({ reconnecting: 'waiting' })
    report({ path, wait: waits ? waitOf(snapshot) : null, detail: detailOf(snapshot, waits), snapshot })
  }
  // A connection that appears does so because of another one, whose own change is told of first.
  queueMicrotask(() => look(actor.getSnapshot()))
  const subscription = actor.subscribe({ next: look, error: () => {} })
  return () => subscription.unsubscribe()
}

function sameState(before: ConnectionSnapshot, after: ConnectionSnapshot): boolean {
  return JSON.stringify(before.value) === JSON.stringify(after.value)
}

function waitOf({ context: { retry, settings } }: ConnectionSnapshot): string {
  return `retry ${retry.attempt} of ${settings.maxRetries} in ${Math.round(retry.delayMs)} ms`
}

function detailOf(snapshot: ConnectionSnapshot, waits: boolean): string | null {
  const { endpoint, lastCloseInfo, closedBecause } = snapshot.context
  if (snapshot.matches('connecting')) return endpoint
  if (snapshot.matches({ closed: 'settled' })) return closedBecause
  // How an open connection ended has a line of its own.
  return waits && lastCloseInfo !== null && lastCloseInfo.phase !== 'open' ? endingOf(lastCloseInfo) : null
}

/** How a connection, or an attempt, ended. */
export function endingOf({ code, reason, httpStatus, errno }: CloseInfo): string {
  if (httpStatus !== null) return `HTTP ${httpStatus}`
  const said = reason.replace(/\.$/, '')
  return `${errno ?? `code ${code}`}${said === '' ? '' : ` (${said})`}`
}
