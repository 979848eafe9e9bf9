import { describe, expect, it } from 'vitest'
import { changedPath, statePath } from '../../src/cli/workflow/show/state-path.ts'

const open = (health: string): { open: Record<string, string> } => ({
  open: { health, liveness: 'quiet', age: 'fresh' },
})

describe('the path of a state', () => {
  it.each([
    ['idle', 'idle'],
    [{ closed: 'settled' }, 'closed.settled'],
    [{ reconnecting: { waiting: 'inFloor' } }, 'reconnecting.waiting.inFloor'],
    [open('probation'), 'open { health: probation, liveness: quiet, age: fresh }'],
    [
      { open: { health: 'stable', liveness: { lost: 'late' } } },
      'open { health: stable, liveness: lost.late }',
    ],
  ])('%j', (value, path) => expect(statePath(value)).toBe(path))
})

describe('the path of a change', () => {
  it.each([
    [null, open('probation'), 'open { health: probation, liveness: quiet, age: fresh }'],
    ['idle', 'connecting', 'connecting'],
    [open('probation'), open('stable'), 'open { health: stable }'],
    [open('stable'), { closed: 'settled' }, 'closed.settled'],
    [{ reconnecting: 'dialing' }, open('stable'), 'open { health: stable, liveness: quiet, age: fresh }'],
    [{ reconnecting: { waiting: 'inFloor' } }, { reconnecting: 'dialing' }, 'reconnecting.dialing'],
  ])('from %j to %j', (before, after, path) => expect(changedPath(before, after)).toBe(path))
})
