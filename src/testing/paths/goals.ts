import type { AnyStateMachine } from 'xstate'
import { edgesOf } from './edges.ts'
import type { Move } from './witness.ts'

/** What of a move each kind of path is made for. */
export type Goals = Readonly<Record<'edge' | 'guard' | 'delay', (move: Move) => readonly string[]>>

/** The goals that a move of this chart reaches. */
export function goalsOf(machine: AnyStateMachine): Goals {
  const edges = edgesOf(machine)
  const guarded = new Set(edges.filter(({ guard }) => guard !== null).map(({ id }) => id))
  const delays = new Map<string, { readonly on: string; readonly delay: string }[]>()
  for (const { source, on, delay } of edges) {
    const known = delays.get(source) ?? []
    if (delay === null || known.some((one) => one.on === on)) continue
    delays.set(source, [...known, { on, delay }])
  }
  return {
    edge: ({ taken }) => taken,
    guard: ({ refused }) => refused.filter((id) => guarded.has(id)).map((id) => `not ${id}`),
    delay: ({ left, event }) =>
      left.flatMap((state) =>
        (delays.get(state) ?? [])
          .filter(({ on }) => on !== event)
          .map(({ delay }) => `left ${state}|${delay}`),
      ),
  }
}
