import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Departure, conformsRecording } from '../../src/recording/conforms.ts'
import type { EntryOf, RecordingEntry } from '../../src/recording/format.ts'
import { type Recording, parseRecording } from '../../src/recording/parse.ts'
import { recordSteps } from '../verification/drive/record-steps.ts'

let folder = ''
let recording: Recording
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdline-tampered-'))
  const file = join(folder, 'good.jsonl')
  await recordSteps(
    file,
    [
      { do: 'connect' },
      { do: 'refuse', status: 503 },
      { do: 'next' },
      { do: 'next' },
      { do: 'accept' },
      { do: 'turn', end: 'completed' },
      { do: 'freeze' },
      { do: 'next' },
      { do: 'next' },
      { do: 'next' },
      { do: 'next' },
      { do: 'accept' },
      { do: 'wait', ms: 5_000 },
      { do: 'turn', end: 'completed' },
      { do: 'close' },
    ],
    { jitter: 0.4, stableAfterMs: 3_600_000 },
  )
  recording = parseRecording(await readFile(file, 'utf8'))
})
afterAll(() => rm(folder, { recursive: true }))

type Transition = EntryOf<'transition'>
type Timer = EntryOf<'timer'>

/** What comes of it when the first entry that fits is replaced, or left out for null. */
function tampered<Kind extends RecordingEntry['kind']>(
  kind: Kind,
  fits: (entry: EntryOf<Kind>) => boolean,
  change: (entry: EntryOf<Kind>) => EntryOf<Kind> | null,
): { departure: Departure | null; line: number } {
  const index = recording.entries.findIndex((one) => one.kind === kind && fits(one as EntryOf<Kind>))
  expect(index).not.toBe(-1)
  const changed = change(recording.entries[index] as EntryOf<Kind>)
  const entries = recording.entries.toSpliced(index, 1, ...(changed === null ? [] : [changed]))
  const lines = changed === null ? recording.lines.toSpliced(index, 1) : recording.lines
  const { departure } = conformsRecording({ ...recording, entries, lines })
  return { departure, line: recording.lines[index] ?? 0 }
}

const isLoss = ({ actor, event }: Transition): boolean =>
  actor === 'line/connection-1' && event.type === 'socket.refused'

const settles = ({ actor, event }: Transition): boolean =>
  actor === 'line/connection-1' && event.type === 'server.settled'

const backoff = ({ change, delay }: Timer): boolean => change === 'set' && delay === 'backoff'
const pong = ({ change, id }: Timer): boolean => change === 'fired' && id.includes('pongTimeout')

/** With another value at one path. */
const written =
  (path: string, value: unknown) =>
  (entry: Transition): Transition => ({
    ...entry,
    changed: entry.changed.map((one) => (one.path.join('.') === path ? { ...one, after: value } : one)),
  })

describe('a good recording', () => {
  test('conforms', () => {
    expect(conformsRecording(recording).departure).toBeNull()
  })

  test('in which no retry is spent does not', () => {
    const { departure, line } = tampered('transition', isLoss, (entry) => ({
      ...entry,
      changed: entry.changed.filter(({ path }) => path[0] !== 'retry'),
    }))
    expect(departure).toMatchObject({ line, actor: 'line/connection-1' })
    expect(departure?.problem).toBe(
      `Line ${line}, socket.refused: it leaves retry.attempt at 0, but the chart makes it 1`,
    )
  })

  test('in which one is spent too often does not', () => {
    const { departure, line } = tampered('transition', isLoss, written('retry.attempt', 2))
    expect(departure?.problem).toBe(
      `Line ${line}, socket.refused: it leaves retry.attempt at 2, but the chart makes it 1`,
    )
  })

  test('whose backoff is no longer what its jitter makes of it does not', () => {
    const { departure, line } = tampered('transition', isLoss, written('retry.delayMs', 1))
    expect(departure?.problem).toBe(
      `Line ${line}, socket.refused: it leaves retry.delayMs at 1, but the chart makes it 900`,
    )
    // The draw comes from outside, but it takes off a quarter at the most.
    const drawn = tampered('transition', isLoss, (entry) =>
      written('jitterDraw', 7)(written('retry.delayMs', 749)(entry)),
    )
    expect(drawn.departure?.problem).toMatch(/leaves retry.delayMs at 749, but the chart makes it 750$/)
  })

  test('in which a timer runs shorter than the chart says does not', () => {
    const { departure, line } = tampered('timer', backoff, (entry) => ({ ...entry, delayMs: 1 }))
    expect(departure).toMatchObject({ line })
    expect(departure?.problem).toBe(
      `Line ${line}, xstate.after.backoff.connection.reconnecting.waiting is set to 1 ms, but the chart sets it to 900 ms`,
    )
  })

  test('in which a timer is not set, or another one is, does not', () => {
    const { departure, line } = tampered('timer', backoff, () => null)
    expect(departure?.line).toBeGreaterThan(line)
    expect(departure?.problem).toMatch(
      /socket.refused: the chart sets \S*backoff\S* of 900 ms, but it was not set$/,
    )
    const other = tampered('timer', backoff, (entry) => ({ ...entry, id: 'xstate.after.nap.connection' }))
    expect(other.departure).toMatchObject({ line: other.line })
    expect(other.departure?.problem).toMatch(/nap.connection is set, but the chart does not set it there$/)
  })

  test('in which a timer never comes does not', () => {
    const { departure, line } = tampered('timer', pong, () => null)
    expect(departure?.line).toBeGreaterThan(line)
    expect(departure?.problem).toMatch(
      /pongTimeout\S* was due at \d+ ms and has neither come nor been taken back$/,
    )
    // One that the chart takes back, and the recording does not.
    const cleared = tampered(
      'timer',
      ({ change, id }) => change === 'cleared' && id.includes('connectTimeout'),
      () => null,
    )
    expect(cleared.departure?.problem).toMatch(/connectTimeout\S* was due at/)
  })

  test('in which the answer is not remembered, or another one is, does not', () => {
    const forgotten = tampered('transition', settles, written('previousResponseOrigin', null))
    expect(forgotten.departure?.problem).toMatch(
      /leaves previousResponseOrigin at null, but the chart makes it/,
    )
    const other = tampered('transition', settles, written('previousResponseId', 'resp_other'))
    expect(other.departure).toMatchObject({ line: other.line })
    expect(other.departure?.problem).toMatch(
      /leaves previousResponseId at "resp_other", but the chart makes it "resp_/,
    )
  })
})
