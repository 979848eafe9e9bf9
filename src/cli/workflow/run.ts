import { ResponsesConnection } from '../../client/connection.ts'
import type { ResponsesServer } from '../../testing/index.ts'
import { Exit } from '../exit.ts'
import type { CliIo } from '../io.ts'
import { Screen } from '../screen/screen.ts'
import { answerQuestions } from './answer-questions.ts'
import { Narrator } from './narrator.ts'
import { showSummary } from './summary.ts'
import { Tally } from './tally.ts'
import type { Target } from './target.ts'

/**
 * Runs the workflow on a service and shows it. Resolves with the exit code: 0 when every turn was answered, 130 when
 * `io.signal` ended it.
 *
 * @param server the local server behind `target`, whose counts are shown as well; null for a real service
 * @throws {BadOptionError} for a target that cannot be dialed
 * @throws {ConnectionError} when the connection is given up
 * @throws {CommandError} when a turn fails
 */
export async function runWorkflow(
  target: Target,
  io: CliIo,
  server: ResponsesServer | null,
): Promise<number> {
  if (io.signal.aborted) return Exit.interrupted
  const startedAt = performance.now()
  const elapsedMs = (): number => performance.now() - startedAt
  const { url, apiKey, model } = target
  await using connection = new ResponsesConnection({ url, apiKey })
  const screen = new Screen({ output: io.stdout, env: io.env, elapsedMs, secret: apiKey })
  const narrator = new Narrator(screen, connection)
  const tally = new Tally(connection)
  // Everything that waits for the connection ends when it is closed, so nothing else has to know the signal.
  const close = (): void => void connection.close({ reason: 'ended by the user' })
  io.signal.addEventListener('abort', close, { once: true })
  try {
    await answerQuestions(connection, { model, observer: narrator })
    return Exit.ok
  } catch (error) {
    if (!io.signal.aborted) throw error
    // Waits for the handshake that the signal began.
    await connection.close()
    return Exit.interrupted
  } finally {
    io.signal.removeEventListener('abort', close)
    narrator.stop()
    tally.stop()
    showSummary(screen, { counts: narrator.counts, totals: tally.totals, elapsedMs: elapsedMs(), server })
  }
}
