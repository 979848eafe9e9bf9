import type { AnyActorRef } from 'xstate'
import type { CloseInfo } from '../connection/types.ts'
import type { HoldlineErrorCode } from '../../src/protocol/errors.ts'
import type { TurnProgress } from '../socket-notices.ts'
import type { TurnRefusal, Remedy } from './refusal-verdict.ts'
import type { ReplayPolicy, ResendCounts, ResendReason } from './resend.ts'

/** The clocks of a turn in ms; `null` switches one off. */
export interface TurnLimits {
  /** From the create, or the last `keepalive`, to the first event of the response. */
  readonly firstEventMs: number | null
  /** Between two events of a response that has begun. Long silence is legal while a model thinks. */
  readonly interEventMs: number | null
}

/** How a turn has ended. */
export type TurnOutcome =
  | 'completed'
  | 'incomplete'
  | 'failed'
  /** The server answered it with an error, and nothing of a response. */
  | 'refused'
  /** It never left: there is no connection, or it cannot be sent as it is. */
  | 'unsent'
  | 'cancelled'
  | 'lost'

/** Why a turn was lost. */
export type TurnFault =
  /** The connection ended under it. */
  | 'connection'
  /** No event within `firstEventMs`, or `interEventMs`. */
  | 'silence'
  /** What the server sent cannot be read on; `error` says why. */
  | 'unreadable'

export interface TurnContext {
  readonly parent: AnyActorRef
  readonly turnId: string
  readonly policy: ReplayPolicy
  readonly limits: TurnLimits
  readonly mayReplay: boolean
  readonly progress: 'queued' | TurnProgress
  readonly responseId: string | null
  readonly resends: ResendCounts
  /** Why the turn waits to be sent: null for the first time, and where the last try never left. */
  readonly reason: ResendReason | null
  /** The wait before the next sending, in ms. */
  readonly delayMs: number
  readonly refusal: TurnRefusal | null
  readonly stored: boolean
  readonly outputItems: number
  readonly outcome: TurnOutcome | null
  /** `response.error.code`, `incomplete_details.reason` or the refusal's code. */
  readonly code: string | null
  readonly fault: TurnFault | null
  /** How the connection ended, where that is the fault. */
  readonly closeInfo: CloseInfo | null
  readonly error: HoldlineErrorCode | null
  /** Steers that the server has taken and not yet committed: a successor may still come. */
  readonly openSteers: number
  /** The lane may still carry events of this turn when it is over. */
  readonly leavesTail: boolean
}

export interface TurnInput {
  /** Is told `turn.ready` and `turn.listening`: the conversation. */
  readonly parent: AnyActorRef
  readonly turnId: string
  readonly policy: ReplayPolicy
  readonly limits: TurnLimits
  /** False: its parent's history is not at hand, so it cannot be sent whole. Default: true. */
  readonly mayReplay?: boolean | undefined
}

/** What becomes of a turn: the output of its actor. Ids and codes only. */
export interface TurnResult {
  readonly turnId: string
  readonly outcome: TurnOutcome
  /** How far the last sending had come. */
  readonly progress: 'queued' | TurnProgress
  readonly responseId: string | null
  /** Of a completed or incomplete response. */
  readonly stored: boolean
  readonly outputItems: number
  readonly code: string | null
  readonly fault: TurnFault | null
  /** How the connection ended, where that is the fault; null over HTTP. */
  readonly closeInfo: CloseInfo | null
  readonly error: HoldlineErrorCode | null
  /** What would help, where the server refused the turn or failed it, or it was not sent; else null. */
  readonly remedy: Remedy | null
  /** True when sending it again cannot do the work twice. */
  readonly resendIsSafe: boolean
  readonly resends: ResendCounts
  /** True when the lane may still carry events of this turn. */
  readonly leavesTail: boolean
}

export type TurnEvent =
  /** The frame was handed to an open socket. */
  | { readonly type: 'turn.dispatched' }
  /** The frame could not be handed over; nothing of it was sent. */
  | { readonly type: 'turn.undeliverable'; readonly code: HoldlineErrorCode }
  /** A sign of life that is no progress: `keepalive`, or the first event after the turn had asked for one. */
  | { readonly type: 'turn.heard' }
  | { readonly type: 'turn.created'; readonly responseId: string }
  /** The first event of output. */
  | { readonly type: 'turn.output' }
  | {
      readonly type: 'turn.ended'
      readonly outcome: 'completed' | 'incomplete' | 'failed'
      readonly responseId: string | null
      /** `response.error.code` or `incomplete_details.reason`. */
      readonly code: string | null
      /** True when the response waits for tool outputs of the client's. */
      readonly waitsForClient: boolean
      /** True only when the response says that it was stored. */
      readonly stored: boolean
      /** Items of its output. */
      readonly outputItems: number
    }
  /** An `error` frame of the turn's lane. */
  | { readonly type: 'turn.errored'; readonly refusal: TurnRefusal; readonly retryAfterMs: number | null }
  /** What came of it cannot be read on, or cannot be told from what another turn gets. */
  | { readonly type: 'turn.faulted'; readonly code: HoldlineErrorCode }
  /** The connection ended. */
  | { readonly type: 'turn.cut'; readonly closeInfo: CloseInfo | null }
  | { readonly type: 'turn.steerAccepted' }
  /** A steer that was accepted is not applied after all. */
  | { readonly type: 'turn.steerClosed' }
  | { readonly type: 'cancel' }

/** Told to the parent: the turn wants to be sent. */
export interface TurnReady {
  readonly type: 'turn.ready'
  readonly turnId: string
  /** Why it is sent again; null for the first time, and where the last try never left. */
  readonly reason: ResendReason | null
}

/** Told to the parent: the turn was refused, or not answered, and asks to be sent again after its wait, if any. */
export interface TurnRequeued {
  readonly type: 'turn.requeued'
  readonly turnId: string
  readonly reason: ResendReason
}

/** Told to the parent: report the next event of the turn as `turn.heard`. The first one of a sending is reported unasked. */
export interface TurnListening {
  readonly type: 'turn.listening'
  readonly turnId: string
}
