import type { HoldlineErrorCode } from '../../src/protocol/errors.ts'
import type { CloseInfo } from '../connection/types.ts'

/**
 * What is known of an endpoint's lanes. A profile is a guess until the server has spoken.
 *
 * - `believed`: it has those of its profile, because it is the provider's own, or because an event was labelled.
 * - `unseen`: nothing was heard on a named lane yet.
 * - `absent`: it answers a named lane without its label, or refuses `stream_id`.
 */
export type LaneEvidence = 'believed' | 'unseen' | 'absent'

/** A lane for one turn. */
export interface LaneGranted {
  readonly type: 'lane.granted'
  /** Names one socket for good: the connection's id and its attempt, as in `connection-1.3`; `http` for none. */
  readonly connectionKey: string
  readonly lane: string | null
  readonly laneSerial: number
}

/** The `connectionKey` of a turn that goes over HTTP. */
export const HTTP = 'http'

/** There will be no lane: the connection is closed, or was given up. */
export interface LaneRefused {
  readonly type: 'lane.refused'
  readonly code: HoldlineErrorCode
}

/** The socket of a lane has ended under the turn that ran there. Nothing of the lane is left to give back. */
export interface LaneLost {
  readonly type: 'lane.lost'
  readonly connectionKey: string
  /** How it ended. */
  readonly closeInfo: CloseInfo | null
}

/** The line has moved over to another connection. What the old one remembered goes with it. */
export interface LineMoved {
  readonly type: 'line.moved'
  readonly connectionKey: string
}
