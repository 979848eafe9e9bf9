import * as v from 'valibot'
import { BadOptionError } from '../../protocol/errors.ts'
import { scriptSchema } from './schema.ts'
import type { Script } from './types.ts'

/** Longest received value that an error message repeats, in characters. */
const LONGEST_QUOTE = 40

/**
 * Checks a script, as it comes from a JSON file.
 *
 * @param root the name that error paths begin with
 * @throws BadOptionError naming the path of the first fault, as in `script.turns[2].faults[0].at`
 */
export function parseScript(script: unknown, root: string = 'script'): Script {
  // To valibot an array is an object, and an empty one would be an empty script.
  if (Array.isArray(script)) throw new BadOptionError(root, 'must be an object, but is a list')
  return parseAt(scriptSchema, script, root)
}

/** Checks `input` against `schema`; a fault is thrown as a `BadOptionError` whose path begins with `root`. */
export function parseAt<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  root: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input, { abortEarly: true })
  if (result.success) return result.output
  const issue = result.issues[0]
  const path = pathOf(issue, root)
  throw new BadOptionError(path, problemOf(issue, path))
}

function pathOf(issue: v.BaseIssue<unknown>, root: string): string {
  let path = root
  for (const step of issue.path ?? []) {
    path += typeof step.key === 'number' ? `[${step.key}]` : `.${String(step.key)}`
  }
  return path
}

function problemOf(issue: v.BaseIssue<unknown>, path: string): string {
  // Valibot's own messages repeat the received value, which may be a key; ours never do.
  if (!issue.message.startsWith('Invalid')) return issue.message
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not known here'
  if (issue.received === 'undefined') return `is missing: expected ${issue.expected ?? 'a value'}`
  const wanted = issue.expected ?? issue.requirement
  return `must be ${String(wanted)}, but is ${received(issue.input, path)}`
}

/** A key never shows in an error message, and neither does a long value. */
function received(value: unknown, path: string): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string' || path.includes('apiKey') || value.length > LONGEST_QUOTE) {
    return `a value of type ${typeof value}`
  }
  return JSON.stringify(value)
}
