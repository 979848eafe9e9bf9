import type { CliIo, Output } from '../../src/cli/io.ts'
import { runCli } from '../../src/cli/run-cli.ts'

/** An output that keeps what is written to it. */
export class Sink implements Output {
  readonly isTTY: boolean
  readonly columns: number | undefined
  text = ''
  readonly #written = new Set<() => void>()

  constructor(terminal: { readonly columns: number } | null = null) {
    this.isTTY = terminal !== null
    this.columns = terminal?.columns
  }

  write(text: string): boolean {
    this.text += text
    for (const look of this.#written) look()
    return true
  }

  /** Resolves as soon as what was written matches. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!pattern.test(this.text)) return
        this.#written.delete(look)
        resolve()
      }
      this.#written.add(look)
      look()
    })
  }

  /** Without trailing spaces, empty lines left out. */
  get lines(): string[] {
    return this.text.split('\n').filter((line) => line.trim() !== '')
  }
}

export interface CliRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface SinkIo extends CliIo {
  readonly stdout: Sink
  readonly stderr: Sink
}

/** What `runCli` writes to, piped unless `terminal` says otherwise. */
export function sinkIo(given: Partial<CliIo> & { readonly terminal?: { columns: number } } = {}): SinkIo {
  const { terminal, env = {}, signal = new AbortController().signal } = given
  return { stdout: new Sink(terminal ?? null), stderr: new Sink(terminal ?? null), env, signal }
}

/** Runs one command line to its end. */
export async function cli(
  args: readonly string[],
  given: Parameters<typeof sinkIo>[0] = {},
): Promise<CliRun> {
  const io = sinkIo(given)
  const code = await runCli(args, io)
  return { code, stdout: io.stdout.text, stderr: io.stderr.text }
}

/** Escape codes and whatever else moves a cursor. */
// oxlint-disable-next-line no-control-regex -- looking for control characters is what it is for
export const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/
