import type { ResponsesServer } from '../../testing/index.ts'
import type { Screen } from '../screen/screen.ts'
import { counted } from '../counted.ts'
import type { Counts } from './narrator.ts'
import type { Totals } from './tally.ts'

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
  const lost = counts.lost === 0 ? '' : `, ${counts.lost} lost on the way`
  row('turns', `${counts.turns} answered${lost}`)
  row(
    'creates',
    `${totals.creates} sent: ${counts.full} with the full history, ${counts.delta} with the new items only`,
  )
  const reconnects = Math.max(0, totals.connections - 1)
  row('sockets', `${counted(totals.connections, 'connection')} opened, ${counted(reconnects, 'reconnect')}`)
  row('tools', counted(counts.calls, 'call'))
  row(
    'wire',
    `${counted(totals.bytesSent, 'byte')} sent, ${totals.bytesReceived.toLocaleString('en-US')} received`,
  )
  row('time', `${(elapsedMs / 1000).toFixed(1)} s`)
  if (server === null) return
  const seen = `${counted(server.creates(), 'create')} on ${counted(server.connections().length, 'connection')}`
  row('server', `counted ${seen}`)
}
