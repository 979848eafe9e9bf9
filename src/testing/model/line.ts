import type { ConnectionStep } from './steps.ts'

/** One socket, from its dial to its end. */
export interface Line {
  readonly phase: 'dialing' | 'open' | 'closing'
  frozen: boolean
  /** A message has come. */
  heard: boolean
  /** It has completed a response, or stayed up for long enough. */
  healthy: boolean
  /** The age limit was announced. */
  expired: boolean
}

export function newLine(phase: Line['phase']): Line {
  return { phase, frozen: false, heard: false, healthy: false, expired: false }
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
    case 'freeze':
      return open
    case 'thaw':
      return line?.frozen === true
    case 'turn':
      return line?.phase !== 'open' || !line.frozen
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
