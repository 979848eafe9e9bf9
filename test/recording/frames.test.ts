import { describe, expect, it, onTestFinished } from 'vitest'
import { channel } from 'node:diagnostics_channel'
import type { EntryOf, RecordingEntry } from '../../src/recording/format.ts'
import { FrameRecorder } from '../../src/recording/frames.ts'
import { formatEntry, formatHeader, parseRecording } from '../../src/recording/parse.ts'
import { FRAME_CHANNEL, type FrameNote } from '../../src/socket/frame-channel.ts'

/** What a socket tells of one frame. */
function note(more: Partial<FrameNote> = {}): void {
  channel(FRAME_CHANNEL).publish({
    connection: 'x:1',
    connectionId: 1,
    direction: 'in',
    kind: 'message',
    type: 'delta',
    bytes: 100,
    ...more,
  } satisfies FrameNote)
}

function recorder() {
  const entries: RecordingEntry[] = []
  const clock = { at: 0 }
  const frames = new FrameRecorder({
    now: () => clock.at,
    push: (entry) => entries.push(entry),
    pathOf: (session) => (session === 'x:1' ? 'connection' : undefined),
  })
  onTestFinished(() => frames.stop())
  const shown = () => {
    frames.flush()
    return entries.filter((entry): entry is EntryOf<'frame'> => entry.kind === 'frame')
  }
  /** The time and the size of every frame. */
  const single = () =>
    shown().flatMap(({ at, bytes, each = [[0, bytes]] }) =>
      each.map(([after, size]) => [Math.round((at + after) * 1000) / 1000, size]),
    )
  return { frames, clock, entries, shown, single }
}

describe('frames', () => {
  it('of one type that follow one another share an entry, no longer than 50 ms', () => {
    const { clock, shown } = recorder()
    for (; clock.at < 100; clock.at += 10) note()
    expect(shown()).toMatchObject([
      { at: 0, type: 'delta', count: 5, bytes: 500, spanMs: 40 },
      { at: 50, type: 'delta', count: 5, bytes: 500, spanMs: 40 },
    ])
  })

  it('that share an entry are all in it, with their sizes and times', () => {
    const { clock, shown, single } = recorder()
    const sent = [
      [7.25, 31],
      [7.251, 30],
      [7.9, 1_000_000],
      [7.9, 0],
      [8.25, 12],
    ] as const
    for (const [at, bytes] of sent) {
      clock.at = at
      note({ bytes })
    }
    expect(shown()).toHaveLength(1)
    expect(single()).toEqual(sent)
  })

  it('are all read back, however many there are', () => {
    const { clock, entries, shown, single } = recorder()
    const sent = Array.from({ length: 2_000 }, (_, n) => [Math.round(n * 7.3) / 1000, n % 500])
    for (const [at, bytes] of sent) {
      clock.at = at ?? 0
      note({ bytes: bytes ?? 0 })
    }
    expect(single()).toEqual(sent)
    const lines = shown().map(formatEntry)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(8_000)
    expect(parseRecording([formatHeader({}), ...lines, ''].join('\n')).entries).toEqual(entries)
  })

  it.each([
    { count: 2 },
    { count: 2, each: [[0, 100]] },
    {
      count: 2,
      each: [
        [0, 50],
        [1, 51],
      ],
    },
    { each: [] },
    { each: [[0, 99]] },
  ])('that are not all told of make a recording that is refused: %j', (more) => {
    const { shown } = recorder()
    note()
    const lines = shown().map((entry) => JSON.stringify({ ...entry, ...more }))
    expect(() => parseRecording([formatHeader({}), ...lines, ''].join('\n'))).toThrow('Line 2')
  })

  it('of another type, direction or socket do not', () => {
    const { shown } = recorder()
    note()
    note({ type: 'done' })
    note({ type: 'done', direction: 'out' })
    note({ type: 'done', direction: 'out', connectionId: 2 })
    expect(shown().map(({ count }) => count)).toEqual([1, 1, 1, 1])
  })

  it('of connections that are not recorded are left out', () => {
    const { frames, entries } = recorder()
    note({ connection: 'x:2' })
    frames.flush()
    expect(entries).toEqual([])
  })

  it('whose type looks like a credential are counted without it', () => {
    const { shown } = recorder()
    note({ type: 'sk-planted-0001' })
    expect(shown()).toEqual([expect.objectContaining({ type: null, count: 1 })])
  })

  it('are not heard any more after stop', () => {
    const { frames, shown } = recorder()
    note()
    frames.stop()
    note()
    expect(shown()).toHaveLength(1)
    expect(channel(FRAME_CHANNEL).hasSubscribers).toBe(false)
  })
})
