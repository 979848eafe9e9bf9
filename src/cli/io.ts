/** Where a command writes to: `process.stdout` fits, and so does anything with `write`. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  /** Width of the terminal, in characters. */
  readonly columns?: number | undefined
}

/** What a command gets from the process that runs it. */
export interface CliIo {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the user wants it to end; the command closes what it opened and returns. */
  readonly signal: AbortSignal
}
