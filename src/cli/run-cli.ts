import { isHoldlineError } from '../protocol/errors.ts'
import { CommandError, Exit, UsageError } from './exit.ts'
import { type HelpTopic, helpText } from './help.ts'
import type { CliIo } from './io.ts'
import { paintFor } from './screen/paint.ts'
import { serveCommand } from './serve/command.ts'
import { visualizeCommand } from '../../visualize/command.ts'
import { packageVersion } from './version.ts'
import { workflowCommand } from './workflow/command.ts'

const COMMANDS = { workflow: workflowCommand, serve: serveCommand, visualize: visualizeCommand } as const
type CommandName = keyof typeof COMMANDS

/**
 * Runs one command line and resolves with its exit code. Never rejects: what goes wrong is one line on `io.stderr`.
 *
 * @param args what follows `holdline`
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const [first, ...rest] = args
  try {
    if (first === '--version' || first === '-v') {
      io.stdout.write(`${packageVersion()}\n`)
      return Exit.ok
    }
    if (first === '--help' || first === '-h') return showHelp('holdline', io)
    if (!isCommand(first)) throw new UsageError(problemOf(first))
    if (rest.includes('--help') || rest.includes('-h')) return showHelp(first, io)
    return await COMMANDS[first](rest, io)
  } catch (error) {
    const name = isCommand(first) ? `holdline ${first}` : 'holdline'
    return report(error, name, io)
  }
}

function isCommand(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word)
}

/** A word that is no plain word is not repeated: it could be a key. */
function problemOf(word: string | undefined): string {
  const names = Object.keys(COMMANDS).join(', ')
  if (word === undefined) return `a command is missing: ${names}`
  const what = word.startsWith('-') ? 'flag' : 'command'
  return /^-{0,2}[a-z]{1,16}$/.test(word)
    ? `there is no ${what} "${word}": ${names}`
    : `there is no such ${what}: ${names}`
}

function showHelp(topic: HelpTopic, io: CliIo): number {
  io.stdout.write(helpText(topic, paintFor(io.stdout, io.env)))
  return Exit.ok
}

function report(error: unknown, name: string, io: CliIo): number {
  const { red } = paintFor(io.stderr, io.env)
  const key = io.env['OPENAI_API_KEY']
  const [line, code] = describe(error, name)
  const safe = key === undefined || key === '' ? line : line.replaceAll(key, '[redacted]')
  // oxlint-disable-next-line no-control-regex -- a server's message must not steer the terminal, or take two lines
  io.stderr.write(`${red(`${name}:`)} ${safe.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')}\n`)
  return code
}

function describe(error: unknown, name: string): [line: string, code: number] {
  if (error instanceof UsageError) return [`${error.message}. See ${name} --help.`, Exit.usage]
  if (isHoldlineError(error)) {
    const isUsage = error.code === 'ERR_BAD_OPTION'
    return [isUsage ? error.message : `${error.code}: ${error.message}`, isUsage ? Exit.usage : Exit.failed]
  }
  if (error instanceof CommandError) return [`${error.code}: ${error.message}`, Exit.failed]
  const message = error instanceof Error ? error.message : String(error)
  return [`failed unexpectedly: ${message}`, Exit.failed]
}
