import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { InspectionEvent } from 'xstate'
import { FileRecorder } from '../../recording/record.ts'
import { DisagreementError } from './agree.ts'
import type { Subject } from './subject.ts'

/** A subject that can be recorded: times are those of its clock. */
export interface RecordableSubject<Step> extends Subject<Step> {
  readonly clock: { now(): number }
}

/** Makes a fresh subject whose actors are started with this `inspect`. */
export type StartSubject<Step, Made extends RecordableSubject<Step>> = (
  inspect?: (event: InspectionEvent) => void,
) => Made | Promise<Made>

/** Runs a check on a fresh subject, and stops the subject whatever comes of it. */
export type Attempt = <Step extends object, Made extends RecordableSubject<Step>>(
  start: StartSubject<Step, Made>,
  check: (subject: Made) => Promise<void>,
) => Promise<void>

/** Options of {@link recordCounterexamples}. */
export interface CounterexampleOptions {
  /** Where the recording goes. Default: `HOLDLINE_COUNTEREXAMPLES`, or else `coverage/counterexamples`. */
  readonly folder?: string | undefined
}

/**
 * Runs a property. When it fails with a `DisagreementError`, the steps of the last one, which is what shrinking ends
 * with, are run once more and recorded, and the error names the file.
 *
 * @param name of the file; one that is there is replaced
 * @example
 * ```ts
 * await recordCounterexamples('connection', (attempt) =>
 *   fc.assert(
 *     fc.asyncProperty(schedules, ({ options, steps }) =>
 *       attempt(
 *         (inspect) => createClassSubject(options, { inspect }),
 *         (subject) => agree(subject, steps, { options }),
 *       ),
 *     ),
 *   ),
 * )
 * ```
 */
export async function recordCounterexamples(
  name: string,
  property: (attempt: Attempt) => Promise<void>,
  { folder }: CounterexampleOptions = {},
): Promise<void> {
  let record: ((file: string) => Promise<void>) | null = null
  try {
    await property(async (start, check) => {
      const subject = await start()
      try {
        await check(subject)
      } catch (error) {
        if (error instanceof DisagreementError) record = (file) => recordAgain(file, start, error)
        throw error
      } finally {
        await subject.stop()
      }
    })
  } catch (error) {
    if (record !== null && error instanceof Error) error.message += await written(name, record, folder)
    throw error
  }
}

async function written(
  name: string,
  record: (file: string) => Promise<void>,
  folder = process.env['HOLDLINE_COUNTEREXAMPLES'] ?? join('coverage', 'counterexamples'),
): Promise<string> {
  const file = join(folder, `${name.replaceAll(/[^\w.-]+/g, '-')}.holdline.jsonl`)
  try {
    await mkdir(folder, { recursive: true })
    await record(file)
  } catch (error) {
    return `\n\nIt could not be recorded: ${String(error)}`
  }
  return `\n\nRecorded: npx holdline visualize ${relative('', file)}`
}

async function recordAgain<Step extends object>(
  file: string,
  start: StartSubject<Step, RecordableSubject<Step>>,
  { message, steps }: DisagreementError,
): Promise<void> {
  await recordRun(file, start, steps as readonly Step[], message.split('\n')[0])
}

/** Runs steps on a fresh subject and records them, with a mark at each of them. */
export async function recordRun<Step extends object>(
  file: string,
  start: StartSubject<Step, RecordableSubject<Step>>,
  steps: readonly Step[],
  lastWords?: string,
): Promise<void> {
  let subject: RecordableSubject<Step> | null = null
  const recorder = new FileRecorder(file, { now: () => subject?.clock.now() ?? 0 })
  try {
    subject = await start(recorder.inspect)
    for (const [index, step] of steps.entries()) {
      recorder.mark(`step ${index + 1}: ${JSON.stringify(step)}`)
      await subject.take(step)
    }
    if (lastWords !== undefined) recorder.mark(lastWords)
  } finally {
    await recorder.stop()
    await subject?.stop()
  }
}
