import * as v from 'valibot'
import { BadOptionError } from '../errors.ts'

/**
 * Parses options. Types of values are named in the error, values never.
 *
 * @throws {BadOptionError} for the first problem, with its path
 */
export function parseOptions<S extends v.GenericSchema>(schema: S, options: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, options, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = v.getDotPath(issue) ?? 'options'
  throw new BadOptionError(path, `${problemOf(issue)} (got ${typeName(issue)})`)
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not a known option'
  // valibot's own messages quote what they received; ours do not.
  if (issue.received === 'undefined' && issue.expected?.startsWith('"') === true) return 'is required'
  if (issue.message.startsWith('Invalid ')) return `must be ${kindOf(issue.expected)}`
  return issue.message
}

/** valibot's name of what it expected, in words. */
function kindOf(expected: string | null): string {
  if (expected === null) return 'of another type'
  if (expected.startsWith('(')) return `one of ${expected.slice(1, -1).replaceAll(' |', ',')}`
  return `${/^[AEIOU]/i.test(expected) ? 'an' : 'a'} ${expected.toLowerCase()}`
}

function typeName({ input }: v.BaseIssue<unknown>): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'an array'
  if (typeof input === 'number' && !Number.isFinite(input)) return String(input)
  return typeof input === 'object' ? 'an object' : typeof input
}
