import type { StandardSchemaV1 } from '@standard-schema/spec'
import { CallProblem, readableMessage } from './call-problem.ts'
import type { Tool } from './tool.ts'

/** Issues that the model is told at once. */
const MAX_ISSUES = 8
/** Characters of one issue; keys and values in it are the model's own, of any length. */
const MAX_ISSUE_CHARS = 250

/** Parses and checks what the model wrote. Throws a `CallProblem` when it is no JSON object or does not fit. */
export async function checkedArguments(tool: Tool, text: unknown): Promise<unknown> {
  const result = await validate(tool.schema, parsed(text))
  if (result.issues === undefined) return result.value
  throw badArguments(`The arguments do not fit the parameters of the tool: ${listed(result.issues)}`)
}

function parsed(text: unknown): unknown {
  // Models leave the text empty for a tool without parameters.
  const args = text === undefined || text === null || text === '' ? {} : parse(text)
  if (typeof args === 'object' && args !== null && !Array.isArray(args)) return args
  throw badArguments('The arguments must be one JSON object.')
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string') return null
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badArguments(`The arguments are not valid JSON: ${readableMessage(error)}`)
  }
}

async function validate(schema: Tool['schema'], value: unknown): Promise<StandardSchemaV1.Result<unknown>> {
  try {
    return await schema['~standard'].validate(value)
  } catch (error) {
    // The check is the application's code: what it throws is for the application.
    throw badArguments('The arguments could not be checked.', { cause: error })
  }
}

function listed(issues: readonly StandardSchemaV1.Issue[]): string {
  const shown = issues.slice(0, MAX_ISSUES).map(describe)
  const more = issues.length - shown.length
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ')
}

function describe({ path, message }: StandardSchemaV1.Issue): string {
  const text = readableMessage(message) ?? 'is not valid'
  const keys = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  return (keys.length === 0 ? text : `${keys.join('.')}: ${text}`).slice(0, MAX_ISSUE_CHARS)
}

function badArguments(message: string, options?: ErrorOptions): CallProblem {
  return new CallProblem('bad-arguments', `${message} The tool did not run.`, options)
}
