import picocolors from 'picocolors'
import type { CliIo, Output } from '../io.ts'

/** Colours for one output, or functions that change nothing. */
export type Paint = ReturnType<typeof picocolors.createColors>

/**
 * `NO_COLOR` (any value) switches colours off and `FORCE_COLOR` (any but 0) on; else a terminal has them. The
 * library's own rule also colours what is piped when it runs in CI.
 */
export function paintFor(output: Output, env: CliIo['env']): Paint {
  const { NO_COLOR, FORCE_COLOR } = env
  if (NO_COLOR) return picocolors.createColors(false)
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return picocolors.createColors(FORCE_COLOR !== '0')
  return picocolors.createColors(isTerminal(output, env))
}

/** True where a line can be written over. */
export function isTerminal(output: Output, env: CliIo['env']): boolean {
  return output.isTTY === true && env['TERM'] !== 'dumb'
}
