import type { AnyActorRef, SnapshotFrom } from 'xstate'
import type { ConnectionContext, LineChart } from '../../../machines/index.ts'
import type { ConnectionSlot, LineEmitted } from '../../../machines/line/types.ts'
import type { LineConnectionView, LinePlace, LineView } from '../model/line-steps.ts'
import { topName } from './top-name.ts'

type LineSnapshot = SnapshotFrom<LineChart>
type FromSnapshot = Pick<LineView, 'state' | 'current' | 'next' | 'old' | 'conversations' | 'waiting'>

/** What the snapshot of a line alone says. */
export function viewOfLine(line: LineSnapshot): FromSnapshot {
  const { value, context } = line
  const { current, next, retiring, waiting } = context
  return {
    state: topName(value),
    current: current === null ? { id: '', state: '', connectionId: 0 } : viewOfSlot(line, current),
    next: next && viewOfSlot(line, next),
    old: retiring.map((slot) => viewOfSlot(line, slot)),
    conversations: Object.keys(line.children).filter((id) => !isConnection(id)),
    waiting: waiting.map(({ conversationId }) => conversationId),
  }
}

/** Connections that run though the line knows nothing of them, or the reverse. */
export function strays(line: LineSnapshot): string[] {
  const known = slotsOf(line).map(({ id }) => id)
  const alive = Object.keys(line.children).filter(isConnection)
  const lost = alive.filter((id) => !known.includes(id)).map((id) => `${id} runs, and the line has lost it`)
  return [
    ...lost,
    ...known.filter((id) => !alive.includes(id)).map((id) => `${id} is known, and does not run`),
  ]
}

/** The connections of a line. */
export function slotsOf({ context }: LineSnapshot): ConnectionSlot[] {
  return [context.current, context.next, ...context.retiring].filter((slot) => slot !== null)
}

export function slotAt({ context }: LineSnapshot, place: LinePlace): ConnectionSlot | null {
  return place === 'old' ? (context.retiring[0] ?? null) : context[place]
}

export function viewOfSlot(line: LineSnapshot, { id }: ConnectionSlot): LineConnectionView {
  const snapshot: unknown = connectionIn(line, id)?.getSnapshot()
  const { value, context } = snapshot as { readonly value: unknown; readonly context: ConnectionContext }
  return { id, state: topName(value), connectionId: context.connectionId }
}

export function connectionIn({ children }: LineSnapshot, id: string): AnyActorRef | undefined {
  return (children as Readonly<Record<string, AnyActorRef | undefined>>)[id]
}

/** What a line tells its listeners, as its view shows it. */
export function emittedInShort(event: LineEmitted): string {
  if (event.type === 'line.switched') return `switched from ${event.from} to ${event.to}`
  return event.type === 'line.transport' ? event.transport : 'trial'
}

function isConnection(id: string): boolean {
  return id.startsWith('connection-')
}
