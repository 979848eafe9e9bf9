import type { AnyActorRef } from 'xstate'
import type { ConnectionInput } from '../../src/protocol/options/connection-options.ts'
import type { SealedInput } from '../../src/protocol/options/seal.ts'
import type { LaneLimits } from '../../src/protocol/providers.ts'
import type { Credential } from '../../src/protocol/secret.ts'
import type { ClosedBecause, ConnectionNews } from '../connection/types.ts'
import type { ConversationInput } from '../conversation/types.ts'
import type { LaneEvidence } from './lane-news.ts'
import type { LaneTable } from './lanes.ts'

/** One connection of the line, as its owner sees it. */
export interface ConnectionSlot {
  /** The id of the connection actor among the line's children: `connection-1`, `connection-2`, … */
  readonly id: string
  /** Counts the sockets of that actor: the lanes belong to this one. A new socket knows no lane. */
  readonly connectionId: number
  readonly lanes: LaneTable
  /** What it has of a socket. On a closing one turns may still end, and none start. */
  readonly socket: 'none' | 'open' | 'closing'
  /** No further turn should start on it. */
  readonly isRipe: boolean
  /** No further turn may start on this socket: it takes no more, or its server has asked for another one. */
  readonly isLeft: boolean
  /** Attempts to connect that failed one after the other, since it was open or was asked to connect. */
  readonly failedDials: number
  /** Why it was closed last; null since it was open, or has failed to be. */
  readonly closedBecause: ClosedBecause | null
}

/** Someone who waits for a lane. First come, first served. */
export interface LaneRequest {
  readonly conversationId: string
  readonly replyTo: AnyActorRef
  /** The lane's name that it would like, or null. */
  readonly wanted: string | null
}

/** When turns go over HTTP instead, because a WebSocket cannot be had. */
export interface FallbackSettings {
  /** Failed attempts to connect, one after the other, after which it is not waited for any longer. */
  readonly afterAttempts: number
  /** From the last failure to the next trial of a WebSocket, in ms. */
  readonly coolDownMs: number
  /** Whether a 403 on the upgrade counts as an endpoint without a WebSocket. Default: true. */
  readonly onForbidden?: boolean
}

export interface LineInput {
  /** What every connection of the line is made with. */
  readonly connection: ConnectionInput | SealedInput
  /** Null: turns wait for a WebSocket, or are refused. */
  readonly fallback?: FallbackSettings | null | undefined
  /** Default: `believed`. */
  readonly lanes?: LaneEvidence | undefined
}

export interface LineContext {
  readonly connection: SealedInput
  readonly fallback: FallbackSettings | null
  /** Turns that were given to HTTP so far. */
  readonly exchanges: number
  /** What each connection carries, as far as it is known. */
  readonly limits: LaneLimits | null
  /** Connections spawned so far. */
  readonly count: number
  /** The one that turns start on. */
  readonly current: ConnectionSlot | null
  /** Its successor, while the line moves over. */
  readonly next: ConnectionSlot | null
  /** Its predecessors, until the turns that run on them have ended. */
  readonly retiring: readonly ConnectionSlot[]
  readonly waiting: readonly LaneRequest[]
  /** Those who hold or held a lane: they are told when the line moves over. */
  readonly members: Readonly<Record<string, AnyActorRef>>
}

export type LineCommand =
  | { readonly type: 'connect'; readonly apiKey?: Credential | undefined }
  | { readonly type: 'retry' }
  | { readonly type: 'close'; readonly code?: number | undefined; readonly reason?: string | undefined }
  | ({ readonly type: 'lane.request' } & LaneRequest)
  /** Takes a request back. */
  | { readonly type: 'lane.withdraw'; readonly conversationId: string }
  | {
      readonly type: 'lane.release'
      readonly connectionKey: string
      readonly lane: string | null
      /** The server may still be answering the turn. */
      readonly tail: boolean
    }
  /** The server has refused the name of this lane, because it has given out all that it knows on this socket. */
  | { readonly type: 'lane.exhausted'; readonly connectionKey: string; readonly lane: string | null }
  /** Nothing could be sent on this lane: its socket is closing. */
  | { readonly type: 'lane.unusable'; readonly connectionKey: string; readonly lane: string | null }
  /** The server has ended what it was answering on a lane that was released with a tail. */
  | { readonly type: 'lane.drained'; readonly connectionKey: string; readonly lane: string | null }
  /** The server has shown whether it has lanes. */
  | { readonly type: 'lanes.shown'; readonly evidence: Exclude<LaneEvidence, 'unseen'> }
  | {
      readonly type: 'conversation.open'
      readonly conversationId: string
      readonly input: Omit<ConversationInput, 'line' | 'conversationId'>
    }
  /** Ends the conversation's actor; its lanes may serve others. */
  | { readonly type: 'conversation.close'; readonly conversationId: string }
  /** This socket is of no further use: move over. */
  | { readonly type: 'line.renew'; readonly connectionKey: string }

export type LineEvent = LineCommand | ConnectionNews

/** Emitted when turns start on another connection from now on. */
export interface LineSwitched {
  readonly type: 'line.switched'
  readonly from: string | null
  readonly to: string
}

/** Emitted when turns go over HTTP from now on, and when they go over a WebSocket again. */
export interface LineTransport {
  readonly type: 'line.transport'
  readonly transport: 'http' | 'websocket'
}

/** Emitted when a WebSocket is tried again after the cool-down. */
export interface LineTrial {
  readonly type: 'line.trial'
}

export type LineEmitted = LineSwitched | LineTransport | LineTrial
