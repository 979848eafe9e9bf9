import { waitFor } from 'xstate'
import type { Pause } from '../answer-questions.ts'

/**
 * As if the provider ended connections after seconds instead of an hour: 4 s after it has opened, no further turn
 * is started on a connection.
 */
export const DEMO_AGE = Object.freeze({ maxAgeMs: 5_000, turnBudgetMs: 1_000 })

/** Resolves when the line has moved to its next connection, and the conversation has warmed that one up. */
export const untilMoved: Pause = async ({ line }, { actor }, signal) => {
  await waitFor(
    line,
    (snapshot) => {
      const { count, next, retiring } = snapshot.context
      return snapshot.matches('ended') || (count > 1 && next === null && retiring.length === 0)
    },
    { signal },
  )
  await waitFor(actor, (snapshot) => snapshot.matches('idle'), { signal })
}
