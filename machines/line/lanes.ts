import type { LaneLimits } from '../../src/protocol/providers.ts'
import type { LaneEvidence } from './lane-news.ts'

/** What one lane of a connection is doing. */
export interface LaneState {
  /** The lane's `stream_id`; null on the default lane. */
  readonly name: string | null
  /** The conversation that uses it, or null. */
  readonly holder: string | null
  /**
   * `idle`: the holder may start a turn. `busy`: it runs one. `draining`: a turn was given up, and the server
   * may still be answering it; no other can start before that ends.
   */
  readonly state: 'idle' | 'busy' | 'draining'
  /** Counts holders: what a holder knows of the server's memory of this lane ends with its turn to hold it. */
  readonly serial: number
}

/** The lanes of one connection. Names are never given back: the server counts them for the connection's life. */
export interface LaneTable {
  /** Null: one response at a time, on the default lane. */
  readonly limits: LaneLimits | null
  readonly lanes: readonly LaneState[]
}

/** A lane that was given to a conversation. */
export interface LaneLease {
  readonly name: string | null
  readonly serial: number
}

export function laneTable(limits: LaneLimits | null): LaneTable {
  return { limits, lanes: [] }
}

/**
 * Gives a conversation a lane to run one turn on, or null where it has to wait.
 *
 * It gets the lane that it held before; else a new one: the default lane first, then `wanted` or the next free
 * name; else, when the names are used up, the idle lane of another conversation, longest unused first. Whoever
 * loses a lane in that way starts its next turn with its full history.
 */
export function acquireLane(
  table: LaneTable,
  holder: string,
  wanted: string | null = null,
): { readonly table: LaneTable; readonly lease: LaneLease } | null {
  if (inFlight(table) >= (table.limits?.inFlight ?? 1)) return null
  const own = table.lanes.find((lane) => lane.holder === holder && lane.state === 'idle')
  const lane = own ?? newLane(table, holder, wanted) ?? takenOver(table, holder)
  if (lane === null) return null
  // The lane used last stands last, so the first idle one is the longest unused.
  const others = table.lanes.filter(({ name }) => name !== lane.name)
  const busy: LaneState = { ...lane, holder, state: 'busy' }
  return { table: { ...table, lanes: [...others, busy] }, lease: { name: busy.name, serial: busy.serial } }
}

/**
 * What a connection carries, after what is known of the endpoint's lanes. While none was seen one response runs at a
 * time, so that whatever answers it can only be its answer.
 */
export function limitsFor(lanes: LaneLimits | null, evidence: LaneEvidence): LaneLimits | null {
  if (lanes === null || evidence === 'absent') return null
  return evidence === 'unseen' ? { ...lanes, inFlight: 1 } : lanes
}

/** Evidence has changed what the connection carries. */
export function withLimits(table: LaneTable, limits: LaneLimits | null): LaneTable {
  const isKept = ({ name, state }: LaneState): boolean => name === null || limits !== null || state !== 'idle'
  return { limits, lanes: table.lanes.filter(isKept) }
}

/** The turn on this lane has ended; with `tail`, the server may still be answering it. */
export function releaseLane(table: LaneTable, name: string | null, tail: boolean): LaneTable {
  return freed(change(table, name, (lane) => ({ ...lane, state: tail ? 'draining' : 'idle' })))
}

/** The server knows no lane of this name and takes no further one: those that it knows have to do. */
export function exhaustNames(table: LaneTable, name: string | null): LaneTable {
  if (name === null || table.limits === null) return releaseLane(table, name, false)
  const lanes = table.lanes.filter((lane) => lane.name !== name)
  const names = lanes.filter((lane) => lane.name !== null).length
  return { limits: { ...table.limits, names }, lanes }
}

/** The server has finished what it was answering on a lane that was given up. */
export function drainedLane(table: LaneTable, name: string | null): LaneTable {
  return freed(change(table, name, (lane) => (lane.state === 'draining' ? { ...lane, state: 'idle' } : lane)))
}

/** The conversation is gone: its lanes may serve others. */
export function vacateLanes(table: LaneTable, holder: string): LaneTable {
  const lanes = table.lanes.map((lane) => (lane.holder === holder ? { ...lane, holder: null } : lane))
  return { ...table, lanes }
}

/** Turns that run or drain on this connection. */
export function inFlight(table: LaneTable): number {
  return table.lanes.filter(({ state }) => state !== 'idle').length
}

/** Whether all that runs are turns that were given up: who waits now waits for nothing else. */
export function isStuck(table: LaneTable): boolean {
  return inFlight(table) > 0 && table.lanes.every(({ state }) => state !== 'busy')
}

function newLane(table: LaneTable, holder: string, wanted: string | null): LaneState | null {
  const used = new Set(table.lanes.map(({ name }) => name))
  const fresh = (name: string | null): LaneState => ({ name, holder, state: 'idle', serial: 0 })
  const names = table.lanes.filter(({ name }) => name !== null).length
  const mayName = table.limits !== null && names < table.limits.names
  if (wanted !== null && mayName && !used.has(wanted)) return fresh(wanted)
  if (!used.has(null)) return fresh(null)
  if (!mayName) return null
  let number = names + 1
  while (used.has(`lane-${number}`)) number += 1
  return fresh(`lane-${number}`)
}

function takenOver(table: LaneTable, holder: string): LaneState | null {
  const idle = table.lanes.filter(({ state }) => state === 'idle')
  const lane = idle.find((one) => one.holder === null) ?? idle[0]
  return lane === undefined ? null : { ...lane, holder, serial: lane.serial + 1 }
}

function change(table: LaneTable, name: string | null, to: (lane: LaneState) => LaneState): LaneTable {
  return { ...table, lanes: table.lanes.map((lane) => (lane.name === name ? to(lane) : lane)) }
}

/** Where there turned out to be no lanes, a named one is gone with its last turn. */
function freed(table: LaneTable): LaneTable {
  return table.limits === null ? withLimits(table, null) : table
}
