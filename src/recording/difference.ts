import { Secret } from '../protocol/secret.ts'
import { REDACTED } from './format.ts'
import { STAND_INS, namedText } from './revive.ts'

/** Where a recorded value is not the one that a chart computes. */
export interface Difference {
  /** Names from the top down, as in `retry.attempt`. */
  readonly path: readonly (string | number)[]
  readonly recorded: unknown
  readonly charted: unknown
}

/**
 * The first difference between a recorded value and what the chart makes of the same recording. The chart computes it
 * twice, with different values for what the recording does not show: what comes out differently then is not
 * determined by the recording, and is left out. So are functions, actors, contents and objects of a class.
 */
export function firstDifference(
  recorded: unknown,
  charted: unknown,
  other: unknown,
  path: readonly (string | number)[] = [],
): Difference | null {
  const difference: Difference = { path, recorded, charted }
  if (recorded === REDACTED) return Secret.is(charted) || charted === REDACTED ? null : difference
  const kind = kindOf(charted)
  if (isRecord(recorded) && '$text' in recorded) {
    return kind === 'string'
      ? textDifference(recorded, difference, charted === other)
      : determined(difference, kind === kindOf(other))
  }
  if (isPlaceholder(recorded)) return null
  if (kind !== kindOf(recorded)) return determined(difference, kind === kindOf(other))
  if (kind === 'undefined' || kind === 'null') return null
  if (kind !== 'object' && kind !== 'list') {
    const shown = typeof charted === 'number' && kind === 'string' ? String(charted) : charted
    return recorded === shown || String(charted) !== String(other) ? null : difference
  }
  if (kind !== kindOf(other)) return null
  const [left, right, another] = [recorded, charted, other] as Record<string, unknown>[]
  for (const name of new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])) {
    const found = firstDifference(left?.[name], right?.[name], another?.[name], [...path, name])
    if (found !== null) return found
  }
  return null
}

function determined(difference: Difference, isDetermined: boolean): Difference | null {
  return isDetermined ? difference : null
}

/** A text that is not shown: it has a length, and perhaps a number. */
function textDifference(
  { $text: length, same }: Record<string, unknown>,
  difference: Difference,
  isDetermined: boolean,
): Difference | null {
  const charted = String(difference.charted)
  if (isDetermined) return charted.length === length ? null : difference
  const isOtherText = same !== undefined && /^\d+$/.test(charted.slice(STAND_INS.text.length + 1))
  return isOtherText && charted.startsWith(STAND_INS.text) && charted !== namedText(same) ? difference : null
}

/** As the recording would have it: numbers that are none stand as texts, and what it does not hold as absent. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : 'string'
  return typeof value === 'symbol' ? 'undefined' : typeof value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPlaceholder(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).some((name) => name.startsWith('$'))
}
