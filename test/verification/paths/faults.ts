import type { ConnectionModelOptions } from '../../../src/testing/model/options.ts'
import type { ConnectionStep } from '../../../src/testing/model/steps.ts'
import { type TurnFaultName, faultedTurn } from '../../../src/testing/model/turn-faults.ts'
import {
  SMALL_PAYLOAD_BYTES,
  type UpgradeFaultName,
  faultedUpgrade,
} from '../../../src/testing/model/upgrade-faults.ts'

/** What makes every fault bite. */
export const FAULT_OPTIONS: ConnectionModelOptions = { maxPayloadBytes: SMALL_PAYLOAD_BYTES }

const NEXT: ConnectionStep = { do: 'next' }
const CONNECT: ConnectionStep = { do: 'connect' }
const ACCEPT: ConnectionStep = { do: 'accept' }
/** After these close codes nothing but the application dials again. */
const FINAL_CODES: readonly number[] = [1008, 1009]

/** A turn with this fault after one that went well, and again on another lane; each time what comes of it. */
export function faultSteps(name: TurnFaultName): ConnectionStep[] {
  const { end } = faultedTurn(name)
  const faulted: ConnectionStep = { do: 'turn', end, fault: name }
  return [
    CONNECT,
    ACCEPT,
    { do: 'turn', end: 'completed' },
    faulted,
    ...afterTurn(name),
    { do: 'turn', end: 'completed', store: true },
    { ...faulted, lane: 'a' },
    ...afterTurn(name),
    NEXT,
  ]
}

/** Until the line can take a turn again. */
function afterTurn(name: TurnFaultName): ConnectionStep[] {
  const { closes, silences, afterMs } = faultedTurn(name)
  if (afterMs !== undefined) return [NEXT]
  // The ping, the pong that never comes, the moment of grace; then the backoff.
  if (silences === true) return [NEXT, NEXT, NEXT, NEXT, ACCEPT]
  if (closes === undefined) return []
  return FINAL_CODES.includes(closes) ? [CONNECT, ACCEPT] : [NEXT, ACCEPT]
}

/** The fault after the first upgrade, and after that of a line which was lost; each time what comes of it. */
export function upgradeFaultSteps(name: UpgradeFaultName): ConnectionStep[] {
  const { effect } = faultedUpgrade(name)
  const faulted: ConnectionStep = { do: 'accept', fault: name }
  const turn: ConnectionStep = { do: 'turn', end: 'completed', store: true }
  const dialedAgain: ConnectionStep[] = [NEXT, NEXT, ACCEPT, turn]
  const start: ConnectionStep[] = [CONNECT, faulted]
  if (effect === 'heard' || effect === 'errored') {
    return [...start, turn, { do: 'hang-up', code: 1011 }, { do: 'retry' }, faulted, turn]
  }
  // The ping, the uptime that counts as healthy, the pong that never comes; and after the moment of grace no floor.
  if (effect === 'silent') return [...start, NEXT, NEXT, NEXT, ...dialedAgain]
  // The floor and the backoff, which the next attempt owes, whoever asks for it.
  const again: ConnectionStep[] = [CONNECT, NEXT, NEXT]
  if (FINAL_CODES.includes(effect.closes)) return [...start, ...again, faulted, ...again, ACCEPT, turn]
  return [...start, ...('afterMs' in effect ? [NEXT] : []), ...dialedAgain]
}
