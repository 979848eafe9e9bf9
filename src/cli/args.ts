import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from './exit.ts'

type Flags = NonNullable<ParseArgsConfig['options']>
type Values<Options extends Flags> = ReturnType<
  typeof parseArgs<{ options: Options; strict: true; allowPositionals: false }>
>['values']

/** @throws {UsageError} for a flag that is not known, has no value, or has one where none belongs */
export function parseFlags<const Options extends Flags>(
  args: readonly string[],
  options: Options,
): Values<Options> {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError(problemOf(error), { cause: error })
  }
}

/** A port number, or `fallback` where none is given. @throws {UsageError} for anything else */
export function portFlag(value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback
  const port = Number(value)
  if (/^\d{1,5}$/.test(value) && port <= 65_535) return port
  throw new UsageError('--port must be a whole number from 0 to 65535, where 0 means any free port')
}

/** One of the words that a flag takes. @throws {UsageError} naming them */
export function choiceFlag<const Choice extends string>(
  name: string,
  value: string | undefined,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined) return undefined
  const found = choices.find((choice) => choice === value)
  if (found === undefined) throw new UsageError(`${name} must be one of ${choices.join(', ')}`)
  return found
}

/** Of Node's message, the first sentence; an argument is not repeated, because it could be a key. */
function problemOf(error: unknown): string {
  const { code, message } = error as Error & { code?: string }
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
    return 'it takes flags only, and there is a word too many'
  const [first = ''] = message.split(/\n|\. /, 1)
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`
}
