import { readFile } from 'node:fs/promises'
import type { RecordingEntry } from './format.ts'
import { parseRecording } from './parse.ts'
import { type ReplayOptions, type ReplayedTransition, replayEntries } from './replay.ts'

/** Where a recording leaves the chart. */
export interface Departure {
  /** The place of the entry in the recording, from 1. */
  readonly entry: number
  readonly at: number
  readonly actor: string
  /** What happened there, and what the chart allows. */
  readonly problem: string
}

/** Whether a recording is a run that the chart allows. */
export interface Conformance {
  readonly conforms: boolean
  /** Transitions that were checked. */
  readonly checked: number
  /** Entries that the recording lost: what follows such a gap is checked from the next transition on. */
  readonly dropped: number
  /** The first place where it leaves the chart; null where it never does. */
  readonly departure: Departure | null
}

/** A timer may be this much early, in ms: clocks are rounded. */
const EARLY_MS = 2

/**
 * Says whether a recording, from production or from a test, is a run that the chart allows, and where it leaves it.
 * Checked are the states of every transition, and that no delay came before its time.
 *
 * @throws {HoldlineError} `ERR_BAD_RECORDING` naming the line that cannot be read
 */
export async function conforms(file: string, options: ReplayOptions = {}): Promise<Conformance> {
  const { entries } = parseRecording(await readFile(file, 'utf8'))
  return conformsEntries(entries, options)
}

/** The same for the entries of a recording that is in memory. */
export function conformsEntries(
  entries: readonly RecordingEntry[],
  options: ReplayOptions = {},
): Conformance {
  const replayed = replayEntries(entries, options)
  const departures = [...replayed.flatMap(departureOf), ...earlyTimers(entries)]
  const [departure = null] = departures.toSorted((a, b) => a.entry - b.entry)
  const dropped = entries.reduce((sum, entry) => sum + (entry.kind === 'dropped' ? entry.count : 0), 0)
  return { conforms: departure === null, checked: replayed.length, dropped, departure }
}

function departureOf({ entry, at, actor, event, problem }: ReplayedTransition): Departure[] {
  return problem === null ? [] : [{ entry, at, actor, problem: `${event}: ${problem}` }]
}

function earlyTimers(entries: readonly RecordingEntry[]): Departure[] {
  const due = new Map<string, number>()
  const found: Departure[] = []
  for (const [index, entry] of entries.entries()) {
    if (entry.kind !== 'timer') continue
    const key = `${entry.actor} ${entry.id}`
    if (entry.change === 'set') due.set(key, entry.at + (entry.delayMs ?? 0))
    const early = (due.get(key) ?? 0) - entry.at
    if (entry.change === 'fired' && early > EARLY_MS) {
      const problem = `${entry.id} came ${Math.round(early)} ms before its time`
      found.push({ entry: index + 1, at: entry.at, actor: entry.actor, problem })
    }
    if (entry.change !== 'set') due.delete(key)
  }
  return found
}
