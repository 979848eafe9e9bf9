import type { ActorRefFrom, AnyActorRef, DoneActorEvent } from 'xstate'
import type { steerChart } from '../steer/chart.ts'
import type { LaneGranted, LaneLost, LaneRefused, LineMoved } from '../line/lane-news.ts'
import type { ReplayPolicy, ResendReason } from '../turn/resend.ts'
import type { TurnLimits, TurnListening, TurnReady, TurnRequeued, TurnResult } from '../turn/types.ts'
import type { Chain, SendPlan } from './chain.ts'

export interface ConversationInput {
  /** Gives lanes: the line. */
  readonly line: AnyActorRef
  readonly conversationId: string
  /** The lane's name that it would like, or null. */
  readonly wantedLane: string | null
  readonly policy: ReplayPolicy
  readonly limits: TurnLimits
  /** Primes the connection that the line moves to, where the provider has `generate: false`. */
  readonly primes: boolean
  /** Where an earlier conversation left off, or null. */
  readonly chain: Chain | null
}

/** Where a turn goes on from whose caller keeps the history. */
export type TurnOrigin =
  /** The first so many of its items are what the chain stands for. */
  | { readonly kind: 'prefix'; readonly items: number }
  /** The caller names the parent. What that stands for is not at hand: it is never sent without it. */
  | { readonly kind: 'named'; readonly responseId: string }
  /** Nothing that is remembered belongs to it. */
  | { readonly kind: 'none'; readonly reason: NoOriginReason }

/**
 * Why no part of a request's input was found among what was answered.
 *
 * - `no-match`: no prefix of it was answered on this connection, under this scope, model and `store`.
 * - `in-use`: one was, but another request goes on from it now, and it was not stored.
 * - `off`: nothing was looked for, because the caller asked for that, or the request has a `conversation` or `prompt`.
 */
export type NoOriginReason = 'no-match' | 'in-use' | 'off'

/** The turn under way, in numbers: what it is made of stays outside of the chart. */
export interface TurnRequest {
  readonly turnId: string
  /** `turn` asks for output, `warm-up` does not (`generate: false`). */
  readonly kind: 'turn' | 'warm-up'
  /** History items, the new input included. */
  readonly length: number
  /** The model that it asks. */
  readonly model: string
  /** The first so many new items are steers that the server has taken already. Default: 0. */
  readonly taken?: number | undefined
  /** Set when the history is the caller's and not the conversation's own: it comes whole with every turn. */
  readonly origin?: TurnOrigin | undefined
  /** For this turn only. Default: the conversation's. */
  readonly policy?: ReplayPolicy | undefined
}

export interface ConversationContext extends ConversationInput {
  readonly request: TurnRequest | null
  readonly lease: Omit<LaneGranted, 'type'> | null
  readonly plan: SendPlan | null
  /** The server has lost the chain: the next sending must be whole. */
  readonly mustReplay: boolean
  readonly lastResult: TurnResult | null
  readonly turns: number
  /** Forks that are not bound to the last response yet. */
  readonly holds: number
  readonly steers: Readonly<Record<string, ActorRefFrom<typeof steerChart>>>
}

export type ConversationCommand =
  | ({ readonly type: 'respond' } & Omit<TurnRequest, 'kind'>)
  | ({ readonly type: 'prime' } & Omit<TurnRequest, 'kind'>)
  | { readonly type: 'cancel' }
  /** Nothing could be sent on the lane that was granted: its socket is closing. The turn waits for another. */
  | { readonly type: 'lane.unusable' }
  | { readonly type: 'steer.begin'; readonly steerKey: string; readonly targetId: string }
  /** The history has shrunk before the place where the next delta starts: by what a compaction stands for. */
  | { readonly type: 'chain.shrink'; readonly items: number }
  /** A fork has been sent and is not bound to the last response yet: no turn may start before it is. */
  | { readonly type: 'chain.hold' }
  | { readonly type: 'chain.release' }
  /** The history was replaced: what the server remembers does not belong to it any more. */
  | { readonly type: 'chain.forget' }

export type ConversationEvent =
  | ConversationCommand
  | LaneGranted
  | LaneRefused
  | LaneLost
  | LineMoved
  | TurnReady
  | TurnRequeued
  | TurnListening
  | DoneActorEvent<TurnResult, 'turn'>
  | { readonly type: `xstate.done.actor.steer-${string}` }

/** Emitted when a turn is about to be handed to the socket, with what of the history is sent. */
export interface TurnPlanned {
  readonly type: 'turn.planned'
  readonly turnId: string
  readonly connectionKey: string
  readonly lane: string | null
  readonly plan: SendPlan
  /** Of a turn of `connection.request`: what of its input was found again, or why nothing was. Else undefined. */
  readonly origin?: TurnOrigin | undefined
}

/** Emitted for every resend, before it is made. */
export interface TurnResent {
  readonly type: 'turn.resent'
  readonly turnId: string
  readonly reason: ResendReason
}

/** Emitted once for each turn. */
export interface TurnSettled {
  readonly type: 'turn.settled'
  readonly result: TurnResult
}

/** Emitted when the turn asks to be told of its next event. */
export interface TurnAsksToHear {
  readonly type: 'turn.listening'
  readonly turnId: string
}

/** Emitted when the line has moved over and the chain should be primed there, if nothing else is to do. */
export interface ConversationMoved {
  readonly type: 'conversation.moved'
  readonly connectionKey: string
}

export type ConversationEmitted = TurnPlanned | TurnResent | TurnSettled | TurnAsksToHear | ConversationMoved
