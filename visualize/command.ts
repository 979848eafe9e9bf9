import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { AnyStateMachine } from 'xstate'
import { BadOptionError, HoldlineError } from '../src/protocol/errors.ts'
import type { RecordingEntry } from '../src/recording/format.ts'
import { parseRecording } from '../src/recording/parse.ts'
import { describeChart, isMachine } from './chart/describe.ts'
import { type ShownRecording, showRecording } from './show-recording.ts'

/** What the command gets from the process that runs it. */
export interface VisualizeIo {
  readonly stdout: { write(text: string): unknown }
  /** Aborted when the user wants it to end. */
  readonly signal: AbortSignal
}

/** The text of `holdline visualize --help`. */
export const VISUALIZE_HELP = `Usage: holdline visualize FILE [--port N]

  Opens a recording, or a module that exports machines, in a local page. It prints
  the page's address and serves it until Ctrl-C.

  FILE         a recording (JSON lines), or a JavaScript module: every XState 5
               machine that it exports is drawn; others than Holdline's own need
               the package elkjs

Flags
  --port N     port on 127.0.0.1 (default: any that is free)
  -h, --help   this text

Exit code
  0 ended by Ctrl-C, 1 the file cannot be shown, 2 a flag is wrong
`

const MODULE = /\.[cm]?[jt]s$/

/**
 * `holdline visualize FILE`. Serves until `io.signal` is aborted, then resolves with the exit code.
 *
 * @throws {BadOptionError} for a wrong flag or a missing file name
 * @throws {HoldlineError} `ERR_BAD_RECORDING` or `ERR_INSPECTOR` when the file cannot be shown
 */
export async function visualizeCommand(args: readonly string[], io: VisualizeIo): Promise<number> {
  const { file, port } = parseCommandLine(args)
  const shown = MODULE.test(file) ? await fromModule(file) : await fromRecording(file)
  const page = await showRecording(shown, port)
  io.stdout.write(`${page.url}\nCtrl-C ends it.\n`)
  await aborted(io.signal)
  await page.close()
  return 0
}

function parseCommandLine(args: readonly string[]): { file: string; port: number } {
  let parsed
  try {
    parsed = parseArgs({ args: [...args], options: { port: { type: 'string' } }, allowPositionals: true })
  } catch (error) {
    throw new HoldlineError(
      'ERR_BAD_OPTION',
      'holdline visualize takes a file and --port only. Nothing was started.',
      { cause: error },
    )
  }
  const [file, ...more] = parsed.positionals
  if (file === undefined || more.length > 0) throw new BadOptionError('FILE', 'must be given, and only one')
  const port = Number(parsed.values.port ?? 0)
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new BadOptionError('--port', 'must be a whole number from 0 to 65535')
  }
  return { file, port }
}

async function fromRecording(file: string): Promise<ShownRecording> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error)
  })
  const { header, entries } = parseRecording(text, file)
  return { title: header.title ?? path.basename(file), startedAt: header.startedAt, entries }
}

async function fromModule(file: string): Promise<ShownRecording> {
  let exports: Record<string, unknown>
  try {
    exports = (await import(pathToFileURL(path.resolve(file)).href)) as Record<string, unknown>
  } catch (error) {
    throw unreadable(file, error)
  }
  const machines = Object.values(exports).filter((value): value is AnyStateMachine => isMachine(value))
  if (machines.length === 0) {
    throw new HoldlineError(
      'ERR_INSPECTOR',
      `${path.basename(file)} exports no XState 5 machine. Nothing is shown. Export what createMachine(…) returned.`,
    )
  }
  const entries = machines.map((machine): RecordingEntry => {
    const model = describeChart(machine)
    return { at: 0, kind: 'chart', chart: model.id, model }
  })
  return { title: path.basename(file), startedAt: null, entries }
}

function unreadable(file: string, cause: unknown): HoldlineError {
  const { code } = cause as { code?: unknown }
  const why = typeof code === 'string' ? ` (${code})` : ''
  return new HoldlineError(
    'ERR_INSPECTOR',
    `${path.basename(file)} cannot be read${why}. Nothing is shown. Give a recording, or a module that exports a machine.`,
    { cause },
  )
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
