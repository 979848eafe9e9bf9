import { describe, expect, it, onTestFinished } from 'vitest'
import { channel } from 'node:diagnostics_channel'
import type { EntryOf, RecordingEntry } from '../../src/recording/format.ts'
import { FrameRecorder } from '../../src/recording/frames.ts'
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
  const shown = () =>
    entries
      .filter((entry): entry is EntryOf<'frame'> => entry.kind === 'frame')
      .map(({ at, type, count, bytes, spanMs }) => ({ at, type, count, bytes, spanMs }))
  return { frames, clock, entries, shown }
}

describe('frames', () => {
  it('of one type that follow one another share an entry, no longer than 50 ms', () => {
    const { frames, clock, shown } = recorder()
    for (; clock.at < 100; clock.at += 10) note()
    frames.flush()
    expect(shown()).toEqual([
      { at: 0, type: 'delta', count: 5, bytes: 500, spanMs: 40 },
      { at: 50, type: 'delta', count: 5, bytes: 500, spanMs: 40 },
    ])
  })

  it('of another type, direction or socket do not', () => {
    const { frames, shown } = recorder()
    note()
    note({ type: 'done' })
    note({ type: 'done', direction: 'out' })
    note({ type: 'done', direction: 'out', connectionId: 2 })
    frames.flush()
    expect(shown().map(({ count }) => count)).toEqual([1, 1, 1, 1])
  })

  it('of connections that are not recorded are left out', () => {
    const { frames, entries } = recorder()
    note({ connection: 'x:2' })
    frames.flush()
    expect(entries).toEqual([])
  })

  it('whose type looks like a credential are counted without it', () => {
    const { frames, shown } = recorder()
    note({ type: 'sk-planted-0001' })
    frames.flush()
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
