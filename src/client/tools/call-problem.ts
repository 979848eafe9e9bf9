/**
 * Why a call has an error output.
 *
 * | problem | what happened |
 * | --- | --- |
 * | `unknown-tool` | no tool has the name; nothing ran |
 * | `incomplete-call` | the server marked the call as cut short; nothing ran |
 * | `bad-arguments` | the arguments are not JSON, or do not fit the schema; nothing ran |
 * | `threw` | the tool threw, or its promise was rejected |
 * | `timed-out` | the tool's time was up |
 * | `unserialisable` | the tool gave something that is no JSON: a cycle, a bigint, a function |
 * | `too-long` | the output has more characters than an output may have |
 * | `aborted` | the run was aborted while the tool ran; there is no output at all |
 */
export type ToolProblem =
  | 'unknown-tool'
  | 'incomplete-call'
  | 'bad-arguments'
  | 'threw'
  | 'timed-out'
  | 'unserialisable'
  | 'too-long'
  | 'aborted'

/** Ends a call with an error output. The message is for the model. */
export class CallProblem extends Error {
  override readonly name = 'CallProblem'
  readonly problem: ToolProblem

  /** @param options `cause`: what the tool threw, for the application */
  constructor(problem: ToolProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}

/** The time of a tool is up. */
export function tookTooLong(timeoutMs: number): CallProblem {
  return new CallProblem('timed-out', `The tool did not finish within ${timeoutMs} ms and was stopped.`)
}

/** Characters of an error that the model reads; what is longer is cut. */
const MAX_ERROR_CHARS = 2_000

/** From the first stack frame on: the message of a wrapped error can hold a whole stack. */
const STACK = /^(?:[ \t]+at |at .+:\d+:\d+)[^]*/m

/** What an error says about itself, cut to a bearable length and without a stack; `undefined` if nothing. */
export function readableMessage(error: unknown): string | undefined {
  const text = rawMessage(error)?.slice(0, MAX_ERROR_CHARS).replace(STACK, '').trim()
  return text === '' ? undefined : text
}

function rawMessage(error: unknown): string | undefined {
  try {
    const message: unknown =
      typeof error === 'object' && error !== null && 'message' in error ? error.message : error
    return typeof message === 'string' ? message : undefined
  } catch {
    // A getter or a proxy that throws: such an error says nothing.
    return undefined
  }
}

/** The output that tells the model what went wrong: JSON text. */
export function errorOutput({ message }: CallProblem): string {
  return JSON.stringify({ error: message })
}
