/** Exit codes of every command. */
export const Exit = Object.freeze({
  /** All of it was done. */
  ok: 0,
  /** It was tried, and failed. */
  failed: 1,
  /** It was not tried: a flag, a file or the key is missing or wrong. */
  usage: 2,
  /** Ended by Ctrl-C: 128 and the number of SIGINT. */
  interrupted: 130,
} as const)

/** The command cannot be run as it was written. Its message is one line for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command was tried and failed. `code` is the error's code, of Holdline's, the server's or Node's. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
