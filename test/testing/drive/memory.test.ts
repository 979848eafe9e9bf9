import { expect, test } from 'vitest'
import { ActorObserver } from '../../../src/recording/observe.ts'
import { formatEntry } from '../../../src/recording/parse.ts'
import { stepBoth } from '../../../src/testing/drive/agree.ts'
import { createClassSubject } from '../../../src/testing/drive/class-subject.ts'
import { createConnectionModel } from '../../../src/testing/model/connection-model.ts'
import { randomSchedule } from '../../../src/testing/model/schedule.ts'

/** Everything that the connection of one random schedule did, as lines. */
async function recorded(seed: number): Promise<string> {
  const { options, steps } = randomSchedule({ seed, length: 60 })
  const lines: string[] = []
  const observer = new ActorObserver({
    now: () => subject.clock.now(),
    // Actors are known by their paths. What starts them names ports and ids of the process, which differ.
    push: (entry) => {
      if (entry.kind === 'actor' || !('actor' in entry)) return
      if (!String(entry.actor).includes('connection')) return
      lines.push(formatEntry(entry))
    },
  })
  const subject = await createClassSubject(options, {
    network: 'memory',
    inspect: (event) => observer.inspect(event),
  })
  const model = createConnectionModel(options)
  for (const step of steps) {
    expect(await stepBoth(model, subject, step)).toEqual({ differences: [], complaints: [] })
  }
  await subject.stop()
  return lines.join('\n')
}

test('the same seed gives the same run, byte for byte', { timeout: 30_000 }, async () => {
  const different = new Set<string>()
  for (let seed = 1; seed <= 15; seed += 1) {
    const first = await recorded(seed)
    expect(await recorded(seed)).toBe(first)
    expect(first.length).toBeGreaterThan(1_000)
    different.add(first)
  }
  expect(different.size).toBe(15)
})
