import { parseArgs } from 'node:util'

/** A command line that cannot be understood. Its message is all that is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A command's options: flags, and options with a value, each with its default. */
export interface OptionSpec {
  readonly flags?: readonly string[]
  readonly values?: Readonly<Record<string, string>>
}

/** What was given on the command line. */
export interface Given {
  readonly flag: (name: string) => boolean
  readonly text: (name: string) => string
  /** A whole number of at least `least` (default 1). */
  readonly number: (name: string, least?: number) => number
}

/** Reads a command line. @throws {UsageError} naming what is wrong with it */
export function readArguments(args: readonly string[], { flags = [], values = {} }: OptionSpec): Given {
  const options = Object.fromEntries([
    ...flags.map((name) => [name, { type: 'boolean' }] as const),
    ...Object.keys(values).map((name) => [name, { type: 'string' }] as const),
  ])
  let given: Record<string, string | boolean | (string | boolean)[] | undefined>
  try {
    given = parseArgs({ args: [...args], options, strict: true }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  const text = (name: string): string => {
    const value = given[name] ?? values[name]
    return typeof value === 'string' ? value : ''
  }
  return {
    flag: (name) => given[name] === true,
    text,
    number: (name, least = 1) => {
      const number = Number(text(name))
      if (Number.isSafeInteger(number) && number >= least) return number
      throw new UsageError(`--${name} must be a whole number of at least ${least}. Nothing was run.`)
    },
  }
}

/** Runs a command, and ends the process with its status: 0, 1 for a finding, 2 for a wrong command line. */
export async function runCommand(command: (args: readonly string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
