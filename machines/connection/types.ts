import type { ActorRefFrom, AnyActorRef, CallbackActorLogic, ErrorActorEvent } from 'xstate'
import type { HoldlineErrorCode } from '../../src/protocol/errors.ts'
import type { ClientEvent, ServerEvent } from '../../src/protocol/index.ts'
import type { Credential, Secret } from '../../src/protocol/secret.ts'
import type { ConnectionInput } from '../../src/protocol/options/connection-options.ts'
import type { ConnectionSettings, CredentialKind, SealedInput } from '../../src/protocol/options/seal.ts'
import type { ServerSaid } from '../../src/protocol/server-said.ts'
import type { TransportOptions } from '../../src/protocol/transport.ts'
import type { RandomSource } from '../backoff.ts'
import type { Verdict } from '../verdict.ts'
import type { LossPhase, SocketCommand, SocketFact, SocketInput } from '../socket-contract.ts'
import type { SocketNotice } from '../socket-notices.ts'

/** The five top-level states of the chart. */
export type ConnectionStateName = 'idle' | 'connecting' | 'open' | 'reconnecting' | 'closed'

/** How the last socket, or the last attempt, ended. */
export interface CloseInfo {
  /** RFC 6455 close code; 1006 where there was no close frame. */
  readonly code: number
  /** The close frame's reason, or a sentence of ours. */
  readonly reason: string
  /** True when trying again may help. Whether it is tried again also depends on the budget. */
  readonly retryable: boolean
  readonly phase: LossPhase
  /** The code under which Holdline reports it; null for a close that was asked for. */
  readonly error: HoldlineErrorCode | null
  /** The HTTP status of a refused upgrade, else null. */
  readonly httpStatus: number | null
  /** Node's error code, else null. */
  readonly errno: string | null
  /** What the server asked for with `Retry-After`, in ms, else null. */
  readonly retryAfterMs: number | null
  /** What the answer that refused the upgrade says, else null. */
  readonly said: ServerSaid | null
}

/** Why a connection is in `closed`: the application asked, or the error that ended it. */
export type ClosedBecause = 'requested' | HoldlineErrorCode

/** The retry that is being waited for or tried. `attempt` 0 means that none was needed. */
export interface RetryState {
  readonly attempt: number
  /** The wait before this retry in ms, jitter included. */
  readonly delayMs: number
  /** The part of the wait that the `retry` command cannot skip, in ms. */
  readonly floorMs: number
}

/** The input of the connection chart: options, checked or not, and who owns it. */
export type ConnectionMachineInput = (ConnectionInput | SealedInput) & {
  /** An actor that is told the connection's news as events (`ConnectionNews`). Default: none. */
  readonly owner?: AnyActorRef | null | undefined
}

export interface ConnectionContext {
  /** Who is told the connection's news, or null. */
  readonly owner: AnyActorRef | null
  readonly settings: ConnectionSettings
  /** The URL dialed, without user, password and query. */
  readonly endpoint: string
  readonly transport: Secret<TransportOptions>
  readonly credentialKind: CredentialKind
  readonly random: RandomSource | null
  /** Counts attempts from 1; 0 before the first. Facts of any other id are dropped. */
  readonly connectionId: number
  readonly retry: RetryState
  /** What the next attempt has to wait at least, in ms; null before the first one, and after proof of health. */
  readonly owedFloorMs: number | null
  /** How the last end was judged; null while a connection is asked for. */
  readonly verdict: Verdict | null
  /** The last number drawn for jitter, in [0, 1). */
  readonly jitterDraw: number
  /** Renewed credentials asked for since the line was last open. */
  readonly renewals: number
  readonly lastCloseInfo: CloseInfo | null
  /**
   * The response that the next turn may continue: the last one completed on this connection. It goes with the
   * connection, unless the server stored the response.
   */
  readonly previousResponseId: string | null
  /** Where `previousResponseId` comes from: its lane (null: the default lane), and whether it was stored. */
  readonly previousResponseOrigin: { readonly lane: string | null; readonly stored: boolean } | null
  /** Null while the connection is not `closed`. */
  readonly closedBecause: ClosedBecause | null
}

/** What an application may send to the connection actor. */
export type ConnectionCommand =
  /** Connect, from `idle` and `closed`; joins the attempt under way in every other state. */
  | { readonly type: 'connect'; readonly apiKey?: Credential | undefined }
  /** Shake hands and stay closed. `code` is 1000 or 3000 to 4999 (RFC 6455 section 7.4). Default: 1000. */
  | { readonly type: 'close'; readonly code?: number | undefined; readonly reason?: string | undefined }
  /** Skip the rest of the backoff; not the floor between two attempts. */
  | { readonly type: 'retry' }
  /** Put one event on the wire; answered by an emitted `send.refused` where that cannot be done. */
  | { readonly type: 'send'; readonly event: ClientEvent }

/** Sent by the safe wrapper when the actor was restored from a snapshot: its socket and timers are gone. */
export interface ConnectionRestored {
  readonly type: 'connection.restored'
}

export type ConnectionEvent =
  | ConnectionCommand
  | ConnectionRestored
  | SocketFact
  | ErrorActorEvent<unknown, 'socket'>

/** Emitted when a socket has opened. */
export interface ConnectionOpened {
  readonly type: 'connection.opened'
  readonly connectionId: number
}

/**
 * Emitted when an open socket, or an attempt, has ended and is not the end of the connection; and when the
 * connection is given up, before `connection.closed`. `closeInfo.error` is null where the application had closed it,
 * and has called `connect` before the handshake was over.
 */
export interface ConnectionLost {
  readonly type: 'connection.lost'
  readonly connectionId: number
  readonly closeInfo: CloseInfo
  /** The retry that follows, or null where the connection is given up. */
  readonly retry: RetryState | null
}

/** Emitted when the line has so little life left that no turn should start on it. */
export interface ConnectionRipe {
  readonly type: 'connection.ripe'
  readonly connectionId: number
}

/** Emitted when a socket that was open is being closed: nothing should be sent on it any more. */
export interface ConnectionClosing {
  readonly type: 'connection.closing'
  readonly connectionId: number
}

/** Emitted when the connection is closed and nothing of it is left. */
export interface ConnectionClosed {
  readonly type: 'connection.closed'
  readonly because: ClosedBecause
  readonly closeInfo: CloseInfo | null
  /** Attempts are left of the retry budget. */
  readonly hasBudget: boolean
}

/** What a connection says of itself, to its listeners and to its owner. */
export type ConnectionAnnouncement =
  | ConnectionOpened
  | ConnectionLost
  | ConnectionRipe
  | ConnectionClosing
  | ConnectionClosed

/** The same as its owner is told it: with the id of the connection actor. */
export type ConnectionNews = ConnectionAnnouncement & { readonly connection: string }

/** What `actor.on(…)` can hear: every server event by its own type, and what the connection says itself. */
export type ConnectionEmitted = ConnectionAnnouncement | SocketNotice | ServerEvent

/** The kind of actor that may be provided as `socket`. */
export type SocketLogic = CallbackActorLogic<SocketCommand, SocketInput>
export type SocketActorRef = ActorRefFrom<SocketLogic>
