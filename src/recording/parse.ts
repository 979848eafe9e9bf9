import * as v from 'valibot'
import { HoldlineError } from '../protocol/errors.ts'
import {
  RECORDING_VERSION,
  type RecordingEntry,
  type RecordingEntryInput,
  type RecordingHeader,
  recordingEntrySchema,
  recordingHeaderSchema,
} from './format.ts'

/** A recording in memory. */
export interface Recording {
  readonly header: RecordingHeader
  /** In the order of the file; `at` never goes back. */
  readonly entries: readonly RecordingEntry[]
  /** The line of each entry in the file, from 1. Blank lines and unknown kinds are no entries. */
  readonly lines: readonly number[]
  /** Lines that were left out because their kind is not known here. */
  readonly skipped: number
}

const KNOWN_KINDS: ReadonlySet<unknown> = new Set(
  recordingEntrySchema.options.map((option) => option.entries.kind.literal),
)

/**
 * Reads a recording.
 *
 * @param name of the file, for errors. Default: `the recording`
 * @throws {HoldlineError} `ERR_BAD_RECORDING` naming the first line that is wrong; none of it is used then
 */
export function parseRecording(text: string, name = 'the recording'): Recording {
  const texts = text.replace(/^\uFEFF/, '').split('\n')
  const broken = (line: number, problem: string): HoldlineError =>
    brokenLine(name, line, line === texts.length ? `${problem}${CUT_OFF}` : problem)
  const header = parseHeader(texts[0] ?? '', broken)
  const entries: RecordingEntry[] = []
  const lines: number[] = []
  let skipped = 0
  let last = 0
  for (const [index, line] of texts.entries()) {
    if (index === 0 || line.trim() === '') continue
    const value = parseLine(line, index + 1, broken)
    if (!KNOWN_KINDS.has(Reflect.get(value, 'kind'))) {
      skipped += 1
      continue
    }
    const result = v.safeParse(recordingEntrySchema, value)
    if (!result.success) throw broken(index + 1, describe(result.issues[0]))
    if (result.output.at < last) throw broken(index + 1, '"at" is earlier than in the line before')
    last = result.output.at
    entries.push(result.output)
    lines.push(index + 1)
  }
  return { header, entries, lines, skipped }
}

/** The header line of a new recording, without its line break. */
export function formatHeader(header: {
  readonly startedAt?: string | null
  readonly title?: string
}): string {
  return JSON.stringify({ holdline: 'recording', version: RECORDING_VERSION, startedAt: null, ...header })
}

/** One line of a recording, without its line break. */
export function formatEntry(entry: RecordingEntryInput): string {
  return JSON.stringify(entry)
}

type Broken = (line: number, problem: string) => HoldlineError

/** Every line that was written whole ends with a line break. */
const CUT_OFF =
  ', and it is the last one, without a line break: it was cut off. Without it the rest can be read'

function parseHeader(line: string, broken: Broken): RecordingHeader {
  const value = parseLine(line, 1, broken)
  const result = v.safeParse(recordingHeaderSchema, value)
  if (result.success) return result.output
  if (Reflect.get(value, 'holdline') !== 'recording') throw broken(1, 'it is not the header of a recording')
  if (Reflect.get(value, 'version') !== RECORDING_VERSION) {
    throw broken(1, `only version ${RECORDING_VERSION} can be read here`)
  }
  throw broken(1, describe(result.issues[0]))
}

function parseLine(line: string, number: number, broken: Broken): object {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw broken(number, 'it is not JSON')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw broken(number, 'it is not a JSON object')
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue)
  // The value itself is not repeated: a broken file may hold anything.
  return path === null
    ? 'it has not the shape of an entry'
    : `"${path}" must be ${issue.expected ?? 'different'}`
}

function brokenLine(name: string, line: number, problem: string): HoldlineError {
  return new HoldlineError(
    'ERR_BAD_RECORDING',
    `Line ${line} of ${name} cannot be read: ${problem}. Nothing of it was used. ` +
      'Take a file that Holdline recorded, whole and unchanged.',
  )
}
