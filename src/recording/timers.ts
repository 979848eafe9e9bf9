import type { EntryOf, WithoutTime } from './format.ts'
import { readField } from './read-field.ts'
import { eventName, plainText } from './redact.ts'
import type { Track } from './track.ts'

type TimerEntry = WithoutTime<EntryOf<'timer'>>

/** What the action that XState sets a delay with says of it; null where it raises an event at once. */
export function timerSet(track: Track, params: unknown): TimerEntry | null {
  const delayMs = readField(params, 'delay')
  const id = readField(params, 'id') ?? readField(readField(params, 'event'), 'type')
  if (typeof delayMs !== 'number' || typeof id !== 'string') return null
  track.timers.add(id)
  const { delay, state } = delayParts(id, (track.chart ?? '').replace(/#\d+$/, ''))
  const { path: actor } = track
  return { kind: 'timer', actor, change: 'set', id: eventName(id), delay, delayMs, state }
}

/** A running delay ended; null for one that does not run. Only `set` says which delay it is. */
export function timerEnded(track: Track, change: 'cleared' | 'fired', id: string): TimerEntry | null {
  if (!track.timers.delete(id)) return null
  return { kind: 'timer', actor: track.path, change, id, delay: null, delayMs: null, state: null }
}

/** Delayed transitions have ids of the form `xstate.after.DELAY.STATE_ID`, with the root's id in front of the path. */
function delayParts(id: string, chart: string): { delay: string | null; state: string | null } {
  const prefix = 'xstate.after.'
  if (!id.startsWith(prefix)) return { delay: plainText(id), state: null }
  const rest = id.slice(prefix.length)
  const at = rest.indexOf(`.${chart}`)
  if (at === -1) return { delay: plainText(rest), state: null }
  return { delay: plainText(rest.slice(0, at)), state: plainText(rest.slice(at + chart.length + 2)) }
}
