import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { faultedTurn } from '../../../src/testing/model/turn-faults.ts'
import type { ConnectionName, ConnectionView } from '../../../src/testing/model/view.ts'
import type { Turn } from '../../../src/testing/script/types.ts'
import { keyIn } from './key-in.ts'
import type { World } from '../../../src/testing/network/world.ts'

// What subjects with real sockets have in common: what is seen of them on the wire, and what the server is asked for.

type OnTheWire = Pick<ConnectionView, 'continues' | 'dials' | 'key' | 'live'>

/** What the network and the server saw. `continues` is the response that the next turn may continue, by its id. */
export function viewOfWorld({ gate, server }: World, continues: string | null): OnTheWire {
  const turn = server.requests().findIndex(({ responseId }) => responseId === continues) + 1
  return {
    continues: continues === null ? null : turn,
    dials: gate.passages.length,
    key: keyIn(gate.newest?.hello ?? ''),
    live: gate.live,
  }
}

/** Where the server holds something else than a connection in this state should have there. */
export function serverComplaints({ gate, server }: World, state: ConnectionName): string[] {
  const found: string[] = []
  const open = server.connections().filter((one) => one.open).length
  const wanted = state === 'open' || (state === 'closed' && gate.live > 0) ? 1 : 0
  if (open !== wanted) found.push(`the server holds ${open} connections instead of ${wanted}`)
  if (server.turnsLeft() > 0) found.push('the server never got the turn that was sent')
  return found
}

/** What the server is to answer to a turn. */
export function turnOf({ end, code, status, fault }: Extract<ConnectionStep, { do: 'turn' }>): Turn {
  if (fault !== undefined) return faultedTurn(fault).turn
  if (end === 'completed') return { text: 'ok' }
  if (end === 'failed') return { text: 'ok', failed: {} }
  if (end === 'incomplete') return { text: 'ok', incomplete: {} }
  return { error: { status: status ?? 500, code: code ?? 'server_error' } }
}
