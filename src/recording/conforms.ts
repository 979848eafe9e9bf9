import { readFile } from 'node:fs/promises'
import { type Recording, parseRecording } from './parse.ts'
import { type ReplayOptions, type ReplayedTransition, replayEntries } from './replay.ts'
import { type TimerFault, timerFaults } from './timer-checks.ts'

/** Where a recording leaves the chart. */
export interface Departure {
  /** The line of the file, from 1. */
  readonly line: number
  /** The place of the entry in the recording, from 1: the header is none. */
  readonly entry: number
  readonly at: number
  readonly actor: string
  /** What happened in that line, and what the chart allows. */
  readonly problem: string
}

/** Whether a recording is a run that the chart allows. */
export interface Conformance {
  readonly conforms: boolean
  /** Transitions that were checked. */
  readonly checked: number
  /** Entries that the recording lost. After such a gap every actor is recorded anew, and checked from there. */
  readonly dropped: number
  /** The first place where it leaves the chart; null where it never does. */
  readonly departure: Departure | null
}

/**
 * Says whether a recording, from production or from a test, is a run that the chart allows, and where it leaves it.
 * Checked are the states and the context after every transition, how long each timer runs, and that it comes: not
 * before its time, and not a second after other things happen.
 *
 * @throws {HoldlineError} `ERR_BAD_RECORDING` naming the file and the line that cannot be read
 */
export async function conforms(file: string, options: ReplayOptions = {}): Promise<Conformance> {
  const recording = parseRecording(await readFile(file, 'utf8'), file)
  return conformsRecording(recording, options)
}

/** The same for a recording in memory. */
export function conformsRecording({ entries, lines }: Recording, options: ReplayOptions = {}): Conformance {
  const replayed = replayEntries(entries, options)
  const departures = [...replayed.flatMap(departureOf), ...timerFaults(entries, replayed)].map(
    ({ problem, ...place }): Departure => {
      const line = lines[place.entry - 1] ?? 0
      return { line, ...place, problem: `Line ${line}, ${problem}` }
    },
  )
  const [departure = null] = departures.toSorted((a, b) => a.entry - b.entry)
  const dropped = entries.reduce((sum, entry) => sum + (entry.kind === 'dropped' ? entry.count : 0), 0)
  return { conforms: departure === null, checked: replayed.length, dropped, departure }
}

function departureOf({ entry, at, actor, event, problem }: ReplayedTransition): TimerFault[] {
  return problem === null ? [] : [{ entry, at, actor, problem: `${event}: ${problem}` }]
}
