import type { ConnectionStep } from './steps.ts'

/** One socket, from its dial to its end. */
export interface Line {
  readonly phase: 'dialing' | 'open' | 'closing'
  frozen: boolean
  /** Bytes have crossed it though it is frozen, and nobody has looked. */
  moving: boolean
  /** A message has come. */
  heard: boolean
  /** It has completed a response, or stayed up for long enough. */
  healthy: boolean
  /** No further turn should start on it, and listeners were told. */
  ripe: boolean
  /** The server closes it after an error frame. */
  ending: boolean
  /** The age limit was announced. */
  expired: boolean
  /** The server has fallen silent, and no network can change that. */
  silent: boolean
  /** What the server is still to do. */
  owed: (() => void) | null
}

export function newLine(phase: Line['phase']): Line {
  const nothing = {
    frozen: false,
    moving: false,
    heard: false,
    healthy: false,
    ripe: false,
    ending: false,
    expired: false,
    silent: false,
  }
  return { phase, ...nothing, owed: null }
}

/** Whether a step does more than nothing to a connection with this line. */
export function appliesTo(step: ConnectionStep, line: Line | null, isAnythingDue: boolean): boolean {
  const open = line?.phase === 'open' && !line.frozen
  switch (step.do) {
    case 'accept':
    case 'refuse':
      return line?.phase === 'dialing'
    case 'cut':
    case 'crash':
      return line !== null
    case 'hang-up':
    case 'say':
    case 'expire':
      return open
    case 'freeze':
      // What is late and held back as well is put to no test.
      return open && line.owed === null
    case 'thaw':
      return line?.frozen === true && !line.silent
    case 'trickle':
      return line?.phase === 'open' && line.frozen
    case 'turn':
      return line?.phase !== 'open' || (!line.frozen && line.owed === null)
    case 'misreport':
      return line?.phase === 'open'
    case 'next':
      return isAnythingDue
    case 'connect':
    case 'close':
    case 'retry':
    case 'wait':
    case 'stale':
    case 'restore':
      return true
    default:
      return false
  }
}
