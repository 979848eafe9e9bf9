import { failureVerdict } from './failure-verdict.ts'
import { type Remedy, refusalVerdict } from './refusal-verdict.ts'
import {
  type ResendReason,
  countResend,
  mayResendRefused,
  mayResendUnanswered,
  resendDelayMs,
} from './resend.ts'
import { unsentVerdict } from './unsent-verdict.ts'
import type { TurnContext, TurnEvent, TurnFault, TurnInput, TurnOutcome, TurnResult } from './types.ts'

// What the turn's guards read and its actions write, as functions of context and event.

type Change = Partial<TurnContext>

export function initialContext({ parent, turnId, policy, limits, mayReplay = true }: TurnInput): TurnContext {
  return {
    parent,
    turnId,
    policy,
    limits,
    mayReplay,
    progress: 'queued',
    responseId: null,
    resends: {},
    reason: null,
    delayMs: 0,
    refusal: null,
    stored: false,
    outputItems: 0,
    outcome: null,
    code: null,
    fault: null,
    closeInfo: null,
    error: null,
    openSteers: 0,
    leavesTail: false,
  }
}

export function dispatched(): Change {
  return { progress: 'sent' }
}

export function created(context: TurnContext, event: TurnEvent): Change {
  if (event.type !== 'turn.created') return {}
  const progress = context.progress === 'streaming' ? 'streaming' : 'started'
  // It starts from all steers that the server had taken: they are committed.
  return { progress, responseId: event.responseId, openSteers: 0 }
}

export function output(): Change {
  return { progress: 'streaming' }
}

/** Whether the refusal may be answered by a resend that does not have to be waited for too long. */
export function mayResend(context: TurnContext, event: TurnEvent): boolean {
  const { policy, resends } = context
  if (event.type === 'turn.cut') return mayResendUnanswered(policy, resends)
  if (event.type !== 'turn.errored') return false
  const { remedy, safe } = refusalVerdict(event.refusal)
  if (remedy === 'replay' && !context.mayReplay) return false
  if (!mayResendRefused(policy, { remedy, safe }, resends)) return false
  return resendDelayMs(remedy as ResendReason, resends, event.retryAfterMs) !== null
}

export function resend(context: TurnContext, event: TurnEvent): Change {
  const reason: ResendReason =
    event.type === 'turn.errored' ? (refusalVerdict(event.refusal).remedy as ResendReason) : 'unanswered'
  const asked = event.type === 'turn.errored' ? event.retryAfterMs : null
  return {
    progress: 'queued',
    reason,
    delayMs: resendDelayMs(reason, context.resends, asked) ?? 0,
    resends: countResend(context.resends, reason),
  }
}

/** How a turn ends, as far as the state that it ends in says so. */
export interface Settlement {
  readonly outcome: TurnOutcome
  readonly fault: TurnFault | null
  readonly leavesTail: boolean
}

/** The turn has ended; why it did is read from the event that ended it. */
export function settle(context: TurnContext, event: TurnEvent, change: Settlement): Change {
  if (event.type === 'turn.undeliverable') return { ...change, error: event.code }
  if (event.type === 'turn.cut') return { ...change, closeInfo: event.closeInfo }
  if (event.type === 'turn.faulted')
    return change.outcome === 'failed' ? { ...change, error: event.code } : change
  if (event.type === 'turn.errored') return { ...change, refusal: event.refusal, code: codeOf(event.refusal) }
  if (event.type !== 'turn.ended') return change
  return { ...change, ...followUp(context, event) }
}

/** A response ended that the server may follow up by itself, because of a steer. */
export function followUp(context: TurnContext, event: TurnEvent): Change {
  if (event.type !== 'turn.ended') return {}
  const { code, stored, outputItems } = event
  return { responseId: event.responseId ?? context.responseId, code, stored, outputItems }
}

export function steers(context: TurnContext, change: 1 | -1): Change {
  // One that waited since the last turn was never counted in this one.
  return { openSteers: Math.max(0, context.openSteers + change) }
}

export function resultOf(context: TurnContext): TurnResult {
  const {
    turnId,
    progress,
    responseId,
    stored,
    outputItems,
    code,
    fault,
    closeInfo,
    error,
    resends,
    leavesTail,
  } = context
  const outcome = context.outcome ?? 'lost'
  return {
    turnId,
    outcome,
    progress,
    responseId,
    stored,
    outputItems,
    code,
    fault,
    closeInfo,
    error,
    remedy: remedyOf(context),
    resendIsSafe: isSafeToResend(context),
    resends,
    leavesTail,
  }
}

/** What would help the application. A failed response is never sent again by itself. */
function remedyOf({ outcome, refusal, code, error }: TurnContext): Remedy | null {
  if (outcome === 'unsent') return unsentVerdict(error)
  if (refusal !== null) return refusalVerdict(refusal).remedy
  return outcome === 'failed' ? failureVerdict(code).remedy : null
}

function isSafeToResend({ progress, outcome, refusal, resends }: TurnContext): boolean {
  // An earlier sending that was never answered may have run, whatever came of the later ones.
  if (resends.unanswered !== undefined) return false
  if (progress === 'queued') return true
  return outcome === 'refused' && refusal !== null && refusalVerdict(refusal).safe
}

function codeOf({ code, errorType }: { code: string | null; errorType: string | null }): string | null {
  return code ?? errorType
}
