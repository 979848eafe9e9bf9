import type { ResponsesServer } from '../../../testing/index.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted } from '../../counted.ts'
import type { Totals } from './tally.ts'
import type { Counts } from './turn-lines.ts'

export interface SummaryFacts {
  readonly counts: Counts
  readonly totals: Totals
  readonly elapsedMs: number
  /** The local server, whose own counts stand below ours; null on a real service. */
  readonly server: ResponsesServer | null
}

/** Ends the run with what it came to, if it came to anything. */
export function showSummary(screen: Screen, { counts, totals, elapsedMs, server }: SummaryFacts): void {
  if (totals.creates === 0) return
  const { bold, dim } = screen.paint
  const row = (name: string, text: string): void => screen.untimed([name, dim], text)
  screen.blank()
  screen.untimed(['summary', bold])
  row('turns', turnsOf(counts))
  row('creates', createsOf(counts, totals))
  if (counts.warmUps > 0) row('warm-ups', `${counts.warmUps} sent, to prepare a connection`)
  row('sockets', socketsOf(totals))
  row('tools', counted(counts.calls, 'call'))
  row('wire', `${counted(totals.bytesSent, 'byte')} sent, ${number(totals.bytesReceived)} received`)
  row('time', `${(elapsedMs / 1000).toFixed(1)} s`)
  if (server !== null) showCountsOf(server, row)
}

function turnsOf({ answered, lost, steered }: Counts): string {
  const parts = [
    `${answered} answered`,
    lost === 0 ? null : `${lost} lost on the way`,
    steered === 0 ? null : `${steered} steered`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

function createsOf({ full, delta, warmUps }: Counts, { creates }: Totals): string {
  return `${creates - warmUps} sent: ${full} with the full history, ${delta} with the new items only`
}

function socketsOf({ opened, reconnects, rotations }: Totals): string {
  return [
    `${counted(opened, 'connection')} opened, ${counted(reconnects, 'reconnect')}`,
    rotations === 0 ? null : counted(rotations, 'rotation'),
  ]
    .filter((part) => part !== null)
    .join(', ')
}

/** What the server wrote down by itself. */
function showCountsOf(server: ResponsesServer, row: (name: string, text: string) => void): void {
  const warmUps = server.requests().filter(({ warmup }) => warmup).length
  const bytes = { in: 0, out: 0 }
  for (const message of server.transcript()) bytes[message.direction] += message.bytes
  const creates = `${counted(server.creates(), 'create')} and ${counted(warmUps, 'warm-up')}`
  const connections = counted(server.connections().length, 'connection')
  row('server', `counted ${creates} on ${connections},`)
  row('', `${counted(bytes.in, 'byte')} in, ${number(bytes.out)} out`)
}

function number(count: number): string {
  return count.toLocaleString('en-US')
}
