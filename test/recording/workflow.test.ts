import * as fc from 'fast-check'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conforms, conformsRecording } from '../../src/recording/conforms.ts'
import type { EntryOf, RecordingEntry } from '../../src/recording/format.ts'
import { parseRecording } from '../../src/recording/parse.ts'
import { record } from '../../src/recording/record.ts'
import { replay } from '../../src/recording/replay.ts'
import { outcomeOf, rest, talk } from '../client/conversation/harness.ts'
import { runSchedule } from '../client/conversation/schedules/run.ts'
import { schedules } from '../client/conversation/schedules/schedule.ts'
import { untilEvent } from '../support/until-event.ts'

let folder = ''
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdline-workflow-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Two conversations with a tool, a steer, a lost line, a lost chain, and a move to a fresh connection. */
async function recordWorkflow(): Promise<string> {
  const file = join(folder, `workflow-${(count += 1)}.jsonl`)
  const { clock, connection, conversation, server } = await talk({
    server: {
      turns: [
        { text: 'one' },
        { text: ['long ', 'answer'], faults: [{ at: 'delta', nth: 1, do: 'delay', ms: 50 }] },
        { text: 'short' },
        { text: 'two', faults: [{ at: 'created', do: 'terminate' }] },
        { text: 'three' },
        { error: { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' } },
        { text: 'four' },
      ],
    },
    connection: { maxAgeMs: 120_000, turnBudgetMs: 30_000 },
    conversation: { replay: 'unanswered' },
  })
  const recorder = record(connection.line, file, { now: () => clock.now() })
  const other = connection.conversation({ model: 'm' })
  await outcomeOf(conversation.respond('first'), clock)
  const turn = conversation.respond('tell me all')
  await untilEvent(turn, 'response.output_text.delta')
  turn.steer('shorter')
  await outcomeOf(turn, clock)
  await outcomeOf(other.respond('lost'), clock)
  await outcomeOf(other.respond('second'), clock)
  await outcomeOf(conversation.respond('third'), clock)
  await clock.advance(100_000)
  await rest()
  await outcomeOf(conversation.respond('fourth'), clock)
  server.dropAll()
  await connection.close()
  await rest()
  await recorder.stop()
  return file
}

const isTransition = (entry: RecordingEntry): entry is EntryOf<'transition'> => entry.kind === 'transition'

describe('a recording of a whole workflow', () => {
  test('conforms, with every kind of actor in it', async () => {
    const workflow = await recordWorkflow()
    const { departure, checked, dropped } = await conforms(workflow)
    expect(departure).toBeNull()
    expect(dropped).toBe(0)
    expect(checked).toBeGreaterThan(80)
    const { entries } = parseRecording(await readFile(workflow, 'utf8'))
    // None was left out for its size.
    expect(checked).toBe(entries.filter(isTransition).length)
    const charts = entries.flatMap((entry) => (entry.kind === 'actor' ? [entry.chart] : []))
    expect(new Set(charts)).toEqual(new Set(['connection', 'conversation', 'line', 'steer', 'turn', null]))
    expect((await replay(workflow)).filter(({ actor }) => /conversation-\d\/turn/.test(actor))).not.toEqual(
      [],
    )
  })

  test.each(['lanes', 'no-lanes'] as const)('does so under random faults: %s', async (kind) => {
    let checked = 0
    for (const [number, schedule] of fc.sample(schedules(kind), { numRuns: 30, seed: 4 }).entries()) {
      const file = join(folder, `${kind}-${number}.jsonl`)
      await runSchedule(schedule, (connection, clock) => {
        const recorder = record(connection.line, file, { now: () => clock.now() })
        return () => recorder.stop()
      })
      const result = await conforms(file)
      expect({ file, ...result }).toMatchObject({ departure: null })
      const { entries } = parseRecording(await readFile(file, 'utf8'))
      expect(result.checked).toBe(entries.filter(isTransition).length)
      checked += result.checked
    }
    expect(checked).toBeGreaterThan(1_000)
  })
})

/** One change of a recording. */
interface Tampering {
  readonly what: string
  readonly entries: readonly RecordingEntry[]
  /** Entries, from 1, that may give it away, the last of them at the latest; empty where it is a run as well. */
  readonly found: readonly number[]
}

function tamperings(entries: readonly RecordingEntry[]): Tampering[] {
  const states = entries.filter(isTransition)
  return entries.flatMap((entry, index) => {
    if (!isTransition(entry)) return []
    const other = states.find(({ actor, to }) => actor === entry.actor && !isDeepStrictEqual(to, entry.to))
    const another = states.find(
      ({ actor, to }) => actor === entry.actor && !isDeepStrictEqual(to, entry.from),
    )
    const altered = (more: Partial<EntryOf<'transition'>>) => entries.with(index, { ...entry, ...more })
    const found = [index + 1]
    return [
      { what: 'dropped', entries: entries.toSpliced(index, 1), found: givenAwayBy(entries, index, entry) },
      ...(other === undefined ? [] : [{ what: 'to', entries: altered({ to: other.to }), found }]),
      ...(another === undefined ? [] : [{ what: 'from', entries: altered({ from: another.to }), found }]),
      {
        what: 'event',
        entries: altered({ event: { type: 'none.of.the.charts' } }),
        found: stays(entry) ? [] : found,
      },
    ]
  })
}

function byActor(entries: readonly RecordingEntry[]): Map<string, RecordingEntry[]> {
  const actors = new Map<string, RecordingEntry[]>()
  for (const entry of entries)
    if (typeof entry.actor === 'string') actors.set(entry.actor, [...(actors.get(entry.actor) ?? []), entry])
  return actors
}

/** The chart does nothing with an unknown event: of what changed nothing that is the same. */
const stays = ({ from, to }: EntryOf<'transition'>): boolean => isDeepStrictEqual(from, to)

/**
 * What gives away that a transition is missing. The actor's next one starts where it never got to; or, where only its
 * context has changed, one that reads it on the way to the first that changes it again.
 */
function givenAwayBy(
  entries: readonly RecordingEntry[],
  index: number,
  { actor, from, to, changed }: EntryOf<'transition'>,
): number[] {
  const places: number[] = []
  for (const [at, entry] of entries.entries()) {
    if (at <= index || entry.actor !== actor) continue
    if (entry.kind === 'actor') break
    if (entry.kind !== 'transition') continue
    // One place further up than before.
    places.push(at)
    if (!isDeepStrictEqual(from, to)) return places
    if (entry.changed.some(({ path }) => changed.some((one) => isDeepStrictEqual(one.path, path))))
      return places
  }
  return []
}

test('a recording that was tampered with is told so at the right place', async () => {
  const recording = parseRecording(await readFile(await recordWorkflow(), 'utf8'))
  const result = { caught: 0, equivalent: 0 }
  // Actors are checked one by one, so that what the others do does not matter.
  const actors = byActor(recording.entries)
  const changed = [...actors.values()]
    .flatMap(tamperings)
    .filter(({ what }, index) => what === 'dropped' || index % 3 === 0)
  for (const { what, entries, found } of changed) {
    const { departure } = conformsRecording({ ...recording, entries })
    result[departure === null ? 'equivalent' : 'caught'] += 1
    if (departure === null) expect({ what, found }).toEqual({ what, found: [] })
    else if (found.length > 0) expect(found).toContain(departure.entry)
  }
  // What is left without a transition that moves nothing but a number nobody reads again is a run as well.
  expect(result.caught).toBeGreaterThan(result.equivalent)
})

test('a recording with a gap is checked on both sides of it', async () => {
  const file = join(folder, 'gap.jsonl')
  const { clock, connection, conversation } = await talk()
  // So little may wait for the disk that some of it is lost, however fast the disk is.
  const recorder = record(connection.line, file, { now: () => clock.now(), maxBufferedBytes: 8_192 })
  for (let turn = 0; turn < 20; turn += 1) {
    await outcomeOf(conversation.respond('hi'), clock)
    await new Promise((resolve) => setImmediate(resolve))
  }
  connection.stop()
  await recorder.stop()
  const result = await conforms(file)
  expect(result).toMatchObject({ departure: null, dropped: recorder.dropped })
  expect(result.dropped).toBeGreaterThan(0)
  expect(result.checked).toBeGreaterThan(20)
})
