import type { EntryOf, StateValueData } from '../../src/recording/format.ts'

/** A moment or a duration as text: `0.812 s`, `14.2 s`, `3:05`, `1:02:09`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.floor(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  const rest = String(Math.floor(seconds % 60)).padStart(2, '0')
  if (minutes < 60) return `${minutes}:${rest}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`
}

/** A point in time of a recording, to the millisecond: `01:02.345`. */
export function clockTime(ms: number): string {
  const total = Math.max(0, Math.round(ms))
  const minutes = String(Math.floor(total / 60_000)).padStart(2, '0')
  const seconds = String(Math.floor((total % 60_000) / 1000)).padStart(2, '0')
  return `${minutes}:${seconds}.${String(total % 1000).padStart(3, '0')}`
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`
  return count < 1024 * 1024 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1024 / 1024).toFixed(1)} MiB`
}

/** An event's type in words: XState's own ones are long, and say little. */
export function eventWords(type: string): string {
  if (type.startsWith('xstate.after.'))
    return `after ${type.slice('xstate.after.'.length).split('.')[0] ?? ''}`
  if (type.startsWith('xstate.error.actor.')) return `${type.slice('xstate.error.actor.'.length)} failed`
  if (type.startsWith('xstate.snapshot.')) return `${type.slice('xstate.snapshot.'.length)} changed`
  if (type.startsWith('xstate.done.actor.')) return `${type.slice('xstate.done.actor.'.length)} done`
  return type
}

/** A state value as text: `open`, `reconnecting.waiting.inFloor`; of parallel states the regions in brackets. */
export function stateWords(value: StateValueData): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  const regions = Object.entries(value)
  const [only] = regions
  if (regions.length === 1 && only !== undefined) {
    const inner = stateWords(only[1])
    return inner === '' ? only[0] : `${only[0]}.${inner}`
  }
  return `(${regions
    .map(([, inner]) => stateWords(inner))
    .filter((inner) => inner !== '')
    .join(', ')})`
}

/** The top-level state or states. */
export function topWords(value: StateValueData): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : Object.keys(value).join(', ')
}

/** Where a transition went, without the part that both states share. */
export function moveWords({ from, to, taken, refused }: EntryOf<'transition'>): string {
  const [before, after] = [stateWords(from), stateWords(to)]
  if (before !== after) return [before, after].map(tidyValue).join(' → ')
  if (taken.length === 0) return refused.some(isRefusal) ? 'refused' : 'no transition'
  return `${topWords(from)}, unchanged`
}

/** A refused candidate that would have led somewhere: what only filters events is no news. */
export function isRefusal({ targets }: { readonly targets: readonly string[] }): boolean {
  return targets.length > 0
}

function tidyValue(text: string): string {
  return text.replace('.(', ' (')
}

/** The last name of an actor's path. */
export function shortActor(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A recorded value on one line. */
export function valueWords(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if ('$text' in value) return `text of ${String(value.$text)} characters`
    if ('$content' in value) return `content (${String(value.$content)})`
    if ('$function' in value) return 'function'
    if ('$class' in value) return String(value.$class)
    if ('$actor' in value) return `actor ${String(value.$actor)}`
    if ('$error' in value) return String(value.$error)
  }
  const text = JSON.stringify(value)
  return text.length > 160 ? `${text.slice(0, 159)}…` : text
}
