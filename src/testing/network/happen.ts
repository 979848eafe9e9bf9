import type { SocketFact } from '../../../machines/index.ts'
import type { ConnectionStep } from '../model/steps.ts'
import { type UpgradeFaultName, upgradeEffect } from '../model/upgrade-faults.ts'
import type { FakeSocket } from './fake-socket.ts'

const LIMIT = 'websocket_connection_limit_reached'

/** What the network and the server do. */
export function happen(step: ConnectionStep, socket: FakeSocket): void {
  switch (step.do) {
    case 'accept':
      socket.opens()
      return step.fault === undefined ? undefined : goWrong(step.fault, socket)
    case 'refuse':
      return socket.isRefused(step.status, step.code ?? null, step.retryAfterMs ?? null)
    case 'cut':
      return socket.ends(1006)
    case 'hang-up':
      if (socket.phase === 'open' && !socket.frozen) socket.ends(step.code)
      return
    case 'freeze':
      if (socket.phase === 'open') socket.frozen = true
      return
    case 'thaw':
      return socket.thaws()
    case 'trickle':
      return socket.trickles()
    case 'say':
      return socket.hears()
    case 'expire':
      return socket.hears({
        type: 'server.errored',
        connectionId: socket.id,
        lane: null,
        status: 400,
        code: LIMIT,
      })
    case 'misreport':
      if (socket.phase === 'open') socket.say(factOf(step.fact, socket.id))
      return
    default:
  }
}

/** What comes of a fault right after the upgrade. */
function goWrong(fault: UpgradeFaultName, socket: FakeSocket): void {
  const effect = upgradeEffect(fault, socket.maxPayloadBytes)
  if (typeof effect === 'object') return socket.after(effect.afterMs ?? 0, () => socket.ends(effect.closes))
  if (effect === 'heard') return socket.hears()
  if (effect === 'errored')
    return socket.hears({
      type: 'server.errored',
      connectionId: socket.id,
      lane: null,
      status: 500,
      code: 'server_error',
    })
  socket.isSilenced()
}

/** A fact as a socket of this id would report it. */
export function factOf(
  fact: Extract<ConnectionStep, { do: 'stale' }>['fact'],
  connectionId: number,
): SocketFact {
  switch (fact) {
    case 'opened':
      return { type: 'socket.opened', connectionId }
    case 'heard':
      return { type: 'socket.heard', connectionId }
    case 'refused':
      return {
        type: 'socket.refused',
        connectionId,
        refusal: { status: 503, code: null, retryAfterMs: null },
      }
    case 'lost': {
      const loss = { phase: 'open', code: 1006, reason: '', errno: null, error: null, heard: true } as const
      return { type: 'socket.lost', connectionId, loss }
    }
    case 'settled': {
      const rest = { lane: null, responseId: 'turn 99', outcome: 'completed', stored: true } as const
      return { type: 'server.settled', connectionId, ...rest }
    }
    case 'errored':
      return { type: 'server.errored', connectionId, lane: null, status: 400, code: LIMIT }
  }
}
