import fc from 'fast-check'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InspectionEvent } from 'xstate'
import { type ConnectionChart, connectionChart } from '../../../machines/index.ts'
import { conforms } from '../../../src/recording/conforms.ts'
import { parseRecording } from '../../../src/recording/parse.ts'
import { agree } from './agree.ts'
import { ChartSubject } from './chart-subject.ts'
import { createClassSubject } from './class-subject.ts'
import { recordCounterexamples } from '../../../src/testing/properties/counterexample.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { mutantsOf } from '../../../src/testing/mutants/mutate.ts'
import { modelOptions, outsideStep } from '../model/arbitrary.ts'
import { stepCommands } from '../model/commands.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdline-counterexample-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Lets a property find out what is wrong with a chart; gives what it says. */
async function disprove(name: string, chart: ConnectionChart): Promise<string> {
  const failure = await recordCounterexamples(
    name,
    (attempt) =>
      fc.assert(
        fc.asyncProperty(modelOptions, stepCommands(outsideStep, 40), (options, commands) => {
          const start = (inspect?: (event: InspectionEvent) => void) =>
            new ChartSubject(options, { chart, inspect })
          return attempt<ConnectionStep, ChartSubject>(start, async (subject) => {
            const model = createConnectionModel(options)
            await fc.asyncModelRun(() => ({ model, real: { subject, taken: [] } }), commands)
          })
        }),
        { numRuns: 600, seed: 1 },
      ),
    { folder },
  ).catch((error: unknown) => error)
  return failure instanceof Error ? failure.message : 'nothing is wrong'
}

/** Lead elsewhere than the chart, each in one place. */
const broken = mutantsOf(connectionChart).filter(
  ({ kind, name }) => kind === 'redirect' && /^(connecting|reconnecting|closed) /.test(name),
)

describe('a property that fails', () => {
  const some = broken.filter((_, index) => index % 5 === 0)
  test.each(some.map(({ name, machine }) => ({ name, machine })))(
    'writes the smallest run that shows it: $name',
    async ({ name, machine }) => {
      const said = await disprove(name, machine as ConnectionChart)
      const file = join(folder, `${name.replaceAll(/[^\w.-]+/g, '-')}.holdline.jsonl`)
      expect(said).toContain('Recorded: npx holdline visualize ')
      expect(said).toContain(file.split('/').at(-1))
      const { entries, lines } = parseRecording(await readFile(file, 'utf8'), file)
      const marks = entries.flatMap((entry, index) => (entry.kind === 'mark' ? [{ ...entry, index }] : []))
      expect(marks.at(-1)?.label).toMatch(/^After step \d+ the subject differs from the model:$/)
      // The chart itself goes on otherwise in the last step, and not before it.
      const last = marks.at(-2)
      const { departure } = await conforms(file)
      expect(departure?.line).toBeGreaterThan(lines[last?.index ?? 0] ?? 0)
    },
  )

  test('on real sockets does so as well', async () => {
    const steps: readonly ConnectionStep[] = [
      { do: 'connect', key: 'sk-another-0123456789' },
      { do: 'refuse', status: 503 },
    ]
    const check = recordCounterexamples(
      'a name, with / in it',
      (attempt) =>
        attempt(
          (inspect) => createClassSubject({ maxRetries: 0 }, { inspect }),
          // The model was told otherwise.
          (subject) => agree(subject, steps, { options: { maxRetries: 1 } }),
        ),
      { folder },
    )
    await expect(check).rejects.toThrow('a-name-with-in-it.holdline.jsonl')
    const text = await readFile(join(folder, 'a-name-with-in-it.holdline.jsonl'), 'utf8')
    expect(text).toContain('"label":"step 1: ')
    expect(text).not.toContain('sk-another')
  })

  test('for another reason leaves no recording', async () => {
    const before = await readdir(folder)
    const check = recordCounterexamples(
      'other',
      (attempt) =>
        attempt(
          () => new ChartSubject(),
          () => Promise.reject(new Error('the test is wrong')),
        ),
      { folder },
    )
    await expect(check).rejects.toThrow(/^the test is wrong$/)
    expect(await readdir(folder)).toEqual(before)
  })

  test('says so where nothing can be written', async () => {
    const check = recordCounterexamples(
      'nowhere',
      (attempt) =>
        attempt(
          (inspect) => new ChartSubject({ maxRetries: 0 }, { inspect }),
          (subject) => agree(subject, [{ do: 'connect' }, { do: 'refuse', status: 503 }]),
        ),
      { folder: join(folder, 'x', '\0') },
    )
    await expect(check).rejects.toThrow(/differs from the model[^]*It could not be recorded: /)
  })
})
