import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InspectionEvent } from 'xstate'
import { ActorObserver } from '../../../src/recording/observe.ts'
import { formatEntry } from '../../../src/recording/parse.ts'
import { stepBoth } from '../../../src/testing/properties/agree.ts'
import { createClassSubject } from './class-subject.ts'
import { createConversationClassSubject } from './conversation-class-subject.ts'
import type { ReferenceModel, Subject } from '../../../src/testing/properties/subject.ts'
import { createTurnClassSubject } from './turn-class-subject.ts'
import type { SimulatedClock } from '../../../src/testing/index.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import { OutsideConversationModel } from '../model/conversation-outside.ts'
import { OutsideTurnModel } from '../model/turn-outside.ts'
import { randomSchedule } from '../model/schedule.ts'
import { conversationOptions, conversationStep } from '../model/conversation-arbitrary.ts'
import { turnOptions, turnStep } from '../model/turn-arbitrary.ts'

type Inspect = (event: InspectionEvent) => void

interface Run<Step> {
  readonly model: ReferenceModel<Step>
  readonly start: (inspect: Inspect) => Promise<Subject<Step> & { readonly clock: SimulatedClock }>
  readonly steps: readonly Step[]
}

/** Everything that the actors of one run did, as lines. */
async function recorded<Step extends { readonly do: string }>(run: Run<Step>): Promise<string> {
  const lines: string[] = []
  let clock: SimulatedClock | null = null
  const observer = new ActorObserver({
    now: () => clock?.now() ?? 0,
    // Actors are known by their paths. What starts them names ports and ids of the process, which differ.
    push: (entry) => {
      if (entry.kind === 'actor' || !('actor' in entry)) return
      if (/connection|conversation/.test(String(entry.actor))) lines.push(formatEntry(entry))
    },
  })
  const subject = await run.start((event) => observer.inspect(event))
  ;({ clock } = subject)
  for (const step of run.steps) {
    if (!run.model.applies(step)) continue
    expect(await stepBoth(run.model, subject, step)).toEqual({ differences: [], complaints: [] })
  }
  await subject.stop()
  return lines.join('\n')
}

const network = 'memory' as const

function connectionRun(seed: number): Run<never> {
  const { options, steps } = randomSchedule({ seed, length: 60 })
  const start = (inspect: Inspect) => createClassSubject(options, { network, inspect })
  return { model: createConnectionModel(options), start, steps } as unknown as Run<never>
}

function turnRun(seed: number): Run<never> {
  const [options = {}] = fc.sample(turnOptions, { seed, numRuns: 1 })
  const steps = fc.sample(turnStep, { seed, numRuns: 60 })
  const start = (inspect: Inspect) => createTurnClassSubject(options, { network, inspect })
  return { model: new OutsideTurnModel(options), start, steps } as unknown as Run<never>
}

function conversationRun(seed: number): Run<never> {
  const [options = {}] = fc.sample(conversationOptions, { seed, numRuns: 1 })
  const steps = fc.sample(conversationStep, { seed, numRuns: 200 })
  const start = (inspect: Inspect) => createConversationClassSubject(options, { network, inspect })
  return { model: new OutsideConversationModel(options), start, steps } as unknown as Run<never>
}

test.each([
  ['connection', connectionRun],
  ['turn', turnRun],
  ['conversation', conversationRun],
])('the same seed gives the same run, byte for byte: %s', { timeout: 30_000 }, async (_name, runOf) => {
  const different = new Set<string>()
  for (let seed = 1; seed <= 10; seed += 1) {
    const first = await recorded(runOf(seed))
    expect(await recorded(runOf(seed))).toBe(first)
    expect(first.length).toBeGreaterThan(1_000)
    different.add(first)
  }
  expect(different.size).toBe(10)
})
