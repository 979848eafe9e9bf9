import type { EntryOf, RecordingEntry } from '../../src/recording/format.ts'
import { eventWords, moveWords } from './words.ts'

/** One row of the log: an entry with its place in the recording. */
export interface LogRow {
  readonly index: number
  readonly entry: LoggedEntry
}

export type LoggedEntry =
  | EntryOf<'transition'>
  | EntryOf<'actor'>
  | EntryOf<'event'>
  | EntryOf<'mark'>
  | EntryOf<'dropped'>

/**
 * Frames have their own picture, and a delay that comes due is an event anyway. That a child has a new snapshot is
 * no news where it led nowhere.
 */
export function isLogged(entry: RecordingEntry): entry is LoggedEntry {
  if (entry.kind === 'transition' && entry.event.type.startsWith('xstate.snapshot.')) {
    return JSON.stringify(entry.from) !== JSON.stringify(entry.to)
  }
  return entry.kind !== 'frame' && entry.kind !== 'timer' && entry.kind !== 'chart'
}

export interface LogFilter {
  /** Words that must all stand in a row, in any case. */
  readonly words: readonly string[]
  /** Only this actor and those inside it; null for all. */
  readonly actor: string | null
}

export function parseFilter(text: string, actor: string | null): LogFilter {
  return {
    words: text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== ''),
    actor,
  }
}

export function passes(entry: LoggedEntry, { words, actor }: LogFilter): boolean {
  if (actor !== null && !isWithin(entry, actor)) return false
  if (words.length === 0) return true
  const text = searchText(entry)
  return words.every((word) => text.includes(word))
}

function isWithin(entry: LoggedEntry, actor: string): boolean {
  if (entry.kind === 'mark' || entry.kind === 'dropped') return true
  return entry.actor === actor || entry.actor.startsWith(`${actor}/`)
}

function searchText(entry: LoggedEntry): string {
  switch (entry.kind) {
    case 'transition': {
      const guards = [...entry.taken, ...entry.refused].map(({ guard }) => guard ?? '')
      return `${entry.actor} ${eventWords(entry.event.type)} ${moveWords(entry)} ${guards.join(' ')} ${entry.actions.join(' ')}`.toLowerCase()
    }
    case 'event':
      return `${entry.actor} ${entry.event.type}`.toLowerCase()
    case 'actor':
      return `${entry.actor} ${entry.change}`.toLowerCase()
    case 'mark':
      return entry.label.toLowerCase()
    case 'dropped':
      return 'dropped'
  }
}
