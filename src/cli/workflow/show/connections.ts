import type { ConnectionActorRef, ResponsesConnection } from '../../../index.ts'
import { connectionOf } from '../../../client/line-machine.ts'

/**
 * Calls `attach` for each connection of the line: at once for those that it has, and as they appear for those that
 * it moves to. `connection.actor` is only ever the one on which turns start. Returns a function that ends it.
 */
export function eachConnection(
  { line }: ResponsesConnection,
  attach: (actor: ConnectionActorRef) => void,
): () => void {
  const seen = new Set<string>()
  const look = (): void => {
    const { current, next } = line.getSnapshot().context
    for (const slot of [current, next]) {
      if (slot === null || seen.has(slot.id)) continue
      const actor = connectionOf(line, slot.id)
      if (actor === undefined) continue
      seen.add(slot.id)
      attach(actor)
    }
  }
  look()
  const subscription = line.subscribe({ next: look, error: () => {} })
  return () => subscription.unsubscribe()
}
