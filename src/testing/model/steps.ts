import type { TurnEnd, TurnFaultName } from './turn-faults.ts'
import type { UpgradeFaultName } from './upgrade-faults.ts'

/**
 * One thing that happens to a connection from outside: a command of the application, something that the server or
 * the network does, or time. Plain data, so that a list of steps is a test that can be pasted.
 *
 * A step that makes no sense where it comes (`accept` while nobody dials) does nothing.
 */
export type ConnectionStep =
  /** `key` brings another key, which serves from the next attempt on. */
  | { readonly do: 'connect'; readonly key?: string }
  | { readonly do: 'close' }
  | { readonly do: 'retry' }
  /** Sends a `response.create`, which the server answers at once; refused where the line is not open. */
  | {
      readonly do: 'turn'
      readonly end: TurnEnd
      /** Default: false. */
      readonly store?: boolean
      /** `stream_id`. Default: the default lane. */
      readonly lane?: string
      /** Of the error frame, for `end: 'error'`. Default: `server_error`. */
      readonly code?: string
      /** Of the error frame. Default: 500. */
      readonly status?: number
      /** What goes wrong in it; then `end` is the one that goes with the fault. Default: nothing. */
      readonly fault?: TurnFaultName
    }
  /**
   * The server answers the dial with 101. `fault`: what goes wrong right after it. After `silence` nothing comes from
   * the server any more, and only time and `cut` go on from there.
   */
  | { readonly do: 'accept'; readonly fault?: UpgradeFaultName }
  /** The server answers the dial with an HTTP status. */
  | { readonly do: 'refuse'; readonly status: number; readonly code?: string; readonly retryAfterMs?: number }
  /** The network drops the line, or the dial, without a close frame. */
  | { readonly do: 'cut' }
  /** The server sends a close frame. */
  | { readonly do: 'hang-up'; readonly code: number }
  /** From now on nothing crosses the line in either direction, and nobody is told. */
  | { readonly do: 'freeze' }
  /** The line carries again, first what was held back. */
  | { readonly do: 'thaw' }
  /** The server sends an event that changes nothing. */
  | { readonly do: 'say' }
  /** The server announces that the connection has reached its age limit. */
  | { readonly do: 'expire' }
  | { readonly do: 'wait'; readonly ms: number }
  /** Time passes until the next thing is due, if anything is. */
  | { readonly do: 'next' }
  /** Chart only: a fact of a socket that was replaced arrives. */
  | { readonly do: 'stale'; readonly fact: 'opened' | 'refused' | 'lost' | 'heard' | 'settled' | 'errored' }
  /** Chart only: the socket actor throws. */
  | { readonly do: 'crash' }
  /** Chart only: bytes of a large message cross a frozen line, and no frame of it is whole. */
  | { readonly do: 'trickle' }
  /** Chart only: the socket says something that it cannot know in this state. */
  | { readonly do: 'misreport'; readonly fact: 'opened' | 'refused' }
  /** The actor is stopped, and a new one restored from its snapshot; `json`: one that went through JSON. Not the class. */
  | { readonly do: 'restore'; readonly json?: boolean }

export type ConnectionStepName = ConnectionStep['do']

const NOT_THE_CLASS: ReadonlySet<ConnectionStepName> = new Set([
  'stale',
  'crash',
  'trickle',
  'misreport',
  'restore',
])

/** Whether a step can be caused from outside the class: a server, a network, a clock and commands are enough. */
export function isOutside(step: ConnectionStep): boolean {
  return !NOT_THE_CLASS.has(step.do)
}

/** A list of steps as the source text of a test, one step a line. */
export function printSteps(steps: readonly object[]): string {
  const lines = steps.map((step) => {
    const fields = Object.entries(step).map(([name, value]) => `${name}: ${literal(value)}`)
    return `  { ${fields.join(', ')} },`
  })
  return ['[', ...lines, ']'].join('\n')
}

function literal(value: unknown): string {
  return typeof value === 'string'
    ? `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'`
    : JSON.stringify(value)
}
