import { ResponsesConnection } from '../../index.ts'
import type { ResponsesServer } from '../../testing/index.ts'
import { Exit } from '../exit.ts'
import type { CliIo } from '../io.ts'
import { Screen } from '../screen/screen.ts'
import { answerQuestions } from './answer-questions.ts'
import { Narrator } from './show/narrator.ts'
import { showSummary } from './show/summary.ts'
import { Tally } from './show/tally.ts'
import type { Target } from './target.ts'

/**
 * Runs the workflow on a service and shows it. Resolves with the exit code: 0 when every question was answered, 130
 * when `io.signal` ended it.
 *
 * @param server the local server behind `target`, whose counts are shown as well; null for a real service
 * @throws {BadOptionError} for a target that cannot be dialed
 * @throws {ConnectionError} when the connection is given up
 * @throws {TurnError} when a turn fails
 * @throws {CommandError} when an answer is cut short
 */
export async function runWorkflow(
  target: Target,
  io: CliIo,
  server: ResponsesServer | null,
): Promise<number> {
  const { signal } = io
  if (signal.aborted) return Exit.interrupted
  const startedAt = performance.now()
  const elapsedMs = (): number => performance.now() - startedAt
  const { url, apiKey, model, age, pause } = target
  await using connection = new ResponsesConnection({ url, apiKey, ...age })
  const screen = new Screen({ output: io.stdout, env: io.env, elapsedMs, secret: apiKey })
  const tally = new Tally(connection)
  const narrator = new Narrator(screen, connection, tally)
  try {
    await answerQuestions(connection, { model, pause, observer: narrator, signal })
    return Exit.ok
  } catch (error) {
    if (!signal.aborted) throw error
    return Exit.interrupted
  } finally {
    await connection.close(signal.aborted ? { reason: 'ended by the user' } : {})
    narrator.stop()
    tally.stop()
    showSummary(screen, { counts: narrator.counts, totals: tally.totals, elapsedMs: elapsedMs(), server })
  }
}
