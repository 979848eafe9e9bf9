import { failureVerdict } from './failure-verdict.ts'
import { type Remedy, refusalVerdict } from './refusal-verdict.ts'
import {
  type ResendReason,
  countResend,
  mayResendRefused,
  mayResendUnanswered,
  resendDelayMs,
} from './resend.ts'
import type { TurnContext, TurnEvent, TurnFault, TurnInput, TurnOutcome, TurnResult } from './types.ts'

// What the turn's guards read and its actions write, as functions of context and event.

type Change = Partial<TurnContext>

export function initialContext({ parent, turnId, policy, limits }: TurnInput): TurnContext {
  return {
    parent,
    turnId,
    policy,
    limits,
    progress: 'queued',
    events: 0,
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
    error: null,
    openSteers: 0,
  }
}

/** A sending begins: what was seen of an earlier one does not count. */
export function dispatched(): Change {
  return { progress: 'sent', events: 0, responseId: null, refusal: null, code: null }
}

export function heard(context: TurnContext): Change {
  return { events: context.events + 1 }
}

export function created(context: TurnContext, event: TurnEvent): Change {
  if (event.type !== 'turn.created') return {}
  const progress = context.progress === 'streaming' ? 'streaming' : 'started'
  return { progress, events: context.events + 1, responseId: event.responseId }
}

export function output(context: TurnContext): Change {
  return { progress: 'streaming', events: context.events + 1 }
}

/** Whether the refusal may be answered by a resend that does not have to be waited for too long. */
export function mayResend(context: TurnContext, event: TurnEvent): boolean {
  if (context.progress === 'queued') return false
  const { policy, progress, events, resends } = context
  if (event.type === 'turn.cut') return mayResendUnanswered(policy, progress, events, resends)
  if (event.type !== 'turn.errored') return false
  const { remedy, safe } = refusalVerdict(event.refusal)
  if (!mayResendRefused(policy, progress, events, remedy, safe, resends)) return false
  return resendDelayMs(remedy as ResendReason, resends, event.retryAfterMs) !== null
}

export function resend(context: TurnContext, event: TurnEvent): Change {
  const reason: ResendReason =
    event.type === 'turn.errored' ? (refusalVerdict(event.refusal).remedy as ResendReason) : 'unanswered'
  const asked = event.type === 'turn.errored' ? event.retryAfterMs : null
  return {
    progress: 'queued',
    events: 0,
    responseId: null,
    reason,
    delayMs: resendDelayMs(reason, context.resends, asked) ?? 0,
    resends: countResend(context.resends, reason),
  }
}

/** The turn has ended; why it did is read from the event that ended it. */
export function settle(
  context: TurnContext,
  event: TurnEvent,
  { outcome, fault = null }: { readonly outcome: TurnOutcome; readonly fault?: TurnFault | null },
): Change {
  const change = { outcome, fault }
  if (event.type === 'turn.undeliverable') return { ...change, error: event.code }
  if (event.type === 'turn.errored') return { ...change, refusal: event.refusal, code: codeOf(event.refusal) }
  if (event.type !== 'turn.ended') return change
  return { ...change, ...followUp(context, event) }
}

/** A response ended that the server may follow up by itself, because of a steer. */
export function followUp(context: TurnContext, event: TurnEvent): Change {
  if (event.type !== 'turn.ended') return {}
  const { code, stored, outputItems } = event
  // The end is an answer too, and may be the only one: what was answered is never sent again.
  const events = context.events + 1
  return { responseId: event.responseId ?? context.responseId, events, code, stored, outputItems }
}

export function steers(context: TurnContext, change: 1 | -1): Change {
  return { openSteers: Math.max(0, context.openSteers + change) }
}

export function resultOf(context: TurnContext): TurnResult {
  const { turnId, progress, responseId, stored, outputItems, code, fault, error, resends } = context
  const outcome = context.outcome ?? 'lost'
  const ranOn = outcome === 'cancelled' || (outcome === 'lost' && fault === 'silence')
  return {
    turnId,
    outcome,
    progress,
    responseId,
    stored,
    outputItems,
    code,
    fault,
    error,
    remedy: remedyOf(context),
    resendIsSafe: isSafeToResend(context),
    resends,
    leavesTail: ranOn && progress !== 'queued',
  }
}

/** What would help the application. A failed response is never sent again by itself. */
function remedyOf({ outcome, refusal, code }: TurnContext): Remedy | null {
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
