import type { HoldlineErrorCode } from '../src/protocol/errors.ts'
import type { TurnProgress } from '../src/protocol/response-progress.ts'

export type { TurnProgress }

/** Emitted when an event could not be sent. Nothing of it was. */
export interface SendRefused {
  readonly type: 'send.refused'
  readonly code: HoldlineErrorCode
  /** What happened, what was not done, what to do. Holds no content. */
  readonly message: string
  /** The event's `type`, or null when it is none of ours. */
  readonly eventType: string | null
}

/** Emitted when a server has answered the upgrade with 101, after the connection has opened. */
export interface UpgradeAccepted {
  readonly type: 'upgrade.accepted'
  readonly connectionId: number
  /** Header names in lower case (`x-request-id`, `x-ratelimit-…`); those that carry credentials are left out. */
  readonly headers: Readonly<Record<string, string>>
}

/** Emitted when a server, or a proxy, answered the upgrade with another status than 101. */
export interface UpgradeRefused {
  readonly type: 'upgrade.refused'
  /** HTTP status, never 101. 407 comes from the proxy. */
  readonly status: number
  /** Header names in lower case; those that carry credentials or challenges are left out. */
  readonly headers: Readonly<Record<string, string>>
  /** The first 64 KiB of the body as text, or what of it had arrived when the refusal was reported. */
  readonly body: string
}

/** Emitted when an inbound frame is no server event. Its content is not shown; the connection goes on. */
export interface FrameRejected {
  readonly type: 'frame.rejected'
  readonly code: 'ERR_BAD_FRAME'
  /**
   * `binary`: a binary frame; `json`: not JSON; `not-an-object`: JSON, but no object; `no-type`: no `type`
   * string; `shape`: a known type without what belongs to it, at `path`.
   */
  readonly problem: 'binary' | 'json' | 'not-an-object' | 'no-type' | 'shape'
  /** Size of the frame's payload in bytes. */
  readonly bytes: number
  /** The first 16 hex digits of the payload's SHA-256, to tell frames apart. */
  readonly sha256: string
  /** Where the shape is wrong, in field names of ours, as in `response.id`. */
  readonly path?: string | undefined
}

/** Emitted for each turn that had no terminal event yet when its socket ended. Nothing is sent again by itself. */
export interface TurnLost {
  readonly type: 'turn.lost'
  readonly connectionId: number
  /** The lane's `stream_id`; null on the default lane. */
  readonly lane: string | null
  /** Null where the server had not named the response. */
  readonly responseId: string | null
  readonly progress: TurnProgress
  /** Server events of this turn that had arrived. */
  readonly events: number
}

/** What the socket actor emits as its owner besides server events. */
export type SocketNotice = FrameRejected | SendRefused | TurnLost | UpgradeAccepted | UpgradeRefused
