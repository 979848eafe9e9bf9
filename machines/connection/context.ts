import { CloseCode } from '../../src/protocol/close-codes.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { sealedInput, withCredential } from '../../src/protocol/options/seal.ts'
import type { HoldlineErrorCode } from '../../src/protocol/errors.ts'
import { type RandomSource, type RetryBounds, retryDelayMs } from '../backoff.ts'
import type { SocketCommand } from '../socket-contract.ts'
import type { SendRefused } from '../socket-notices.ts'
import { type Ending, type Judgement, judge, requestedCloseInfo } from './judgement.ts'
import type { LossParams } from './transitions.ts'
import type {
  ConnectionAnnouncement,
  ConnectionContext,
  ConnectionEvent,
  ConnectionMachineInput,
  RetryState,
} from './types.ts'

// What the chart's guards read and its actions write, as functions of context and event.

type Change = Partial<ConnectionContext>

/** A budget of which nothing is spent. */
export const FRESH_BUDGET: RetryState = Object.freeze({ attempt: 0, delayMs: 0, floorMs: 0 })

/** The middle of the jitter: the bare chart has no source of its own. */
const MIDDLE: RandomSource = () => 0.5

export function initialContext({ owner = null, ...input }: ConnectionMachineInput = {}): ConnectionContext {
  const { settings, transport, credentialKind, endpoint, random } = sealedInput(input)
  return {
    owner,
    settings,
    transport,
    credentialKind,
    endpoint,
    random,
    connectionId: 0,
    retry: FRESH_BUDGET,
    owedFloorMs: null,
    verdict: null,
    jitterDraw: 0,
    renewals: 0,
    lastCloseInfo: null,
    previousResponseId: null,
    previousResponseOrigin: null,
    closedBecause: null,
  }
}

/** A new start: what closed the connection is over. The budget comes back with proof of health only. */
export function start(context: ConnectionContext, event: ConnectionEvent): Change {
  return { verdict: null, renewals: 0, closedBecause: null, ...adoptCredential(context, event) }
}

/** Draws from the input's source, else from the fallback. */
export function drawJitter(context: ConnectionContext, fallback: RandomSource = MIDDLE): Change {
  return { jitterDraw: (context.random ?? fallback)() }
}

/** `connect` may bring a key; it serves from the next attempt on. */
export function adoptCredential(context: ConnectionContext, event: ConnectionEvent): Change {
  if (event.type !== 'connect' || event.apiKey === undefined) return {}
  return withCredential(context, event.apiKey)
}

/** How it ended, and what that means. */
export function recordLoss(event: ConnectionEvent, params: LossParams): Change {
  const { verdict, closeInfo } = judgementOf(event, params)
  return { lastCloseInfo: closeInfo, verdict }
}

/** No end is to be judged: it was asked for a connection. */
export function isAsked({ verdict }: ConnectionContext): boolean {
  return verdict === null
}

/** Before the first attempt, and after a line that proved its health, nothing has to be waited for. */
export function owesNoWait({ owedFloorMs, retry }: ConnectionContext): boolean {
  return owedFloorMs === null && retry.attempt === 0
}

export function mayRetry(context: ConnectionContext): boolean {
  return context.verdict?.kind === 'retry' && hasBudget(context)
}

export function mayRenew(context: ConnectionContext): boolean {
  return (
    context.verdict?.kind === 'renew' &&
    context.credentialKind === 'provider' &&
    context.renewals === 0 &&
    hasBudget(context)
  )
}

/** From now on an attempt owes the floor to the next one, unless it proves its health. */
export function nextAttempt({ connectionId, settings }: ConnectionContext): Change {
  return { connectionId: connectionId + 1, owedFloorMs: settings.minRetryDelayMs }
}

/** Another attempt of the same series. A line that had proved its health is redialed without the floor. */
export function spendRetry(context: ConnectionContext): Change {
  const floorMs = context.owedFloorMs ?? 0
  // Asked for more often than the budget allows, it stays at the last wait of the table.
  const attempt = Math.min(context.retry.attempt + 1, Math.max(context.settings.maxRetries, 1))
  return { retry: { attempt, delayMs: backoffMs(context, floorMs), floorMs } }
}

/**
 * Asked to connect again: the series goes on, so that no sequence of calls tries more often than the table says. Where
 * the last attempt did not fail, or another key was brought, only the floor is waited for.
 */
export function spendStart(context: ConnectionContext, event: ConnectionEvent): Change {
  const hasNewKey = event.type === 'connect' && event.apiKey !== undefined
  const hasFailed = context.lastCloseInfo !== null && context.lastCloseInfo.error !== null
  if (hasFailed && !hasNewKey) return spendRetry(context)
  const floorMs = context.owedFloorMs ?? 0
  return { retry: { attempt: hasNewKey ? 0 : context.retry.attempt, delayMs: floorMs, floorMs } }
}

/** A renewed credential is no worse for being tried soon: only the floor is waited for. */
export function spendRenewal(context: ConnectionContext): Change {
  const floorMs = context.settings.minRetryDelayMs
  const { lastCloseInfo } = context
  return {
    retry: { attempt: context.retry.attempt + 1, delayMs: floorMs, floorMs },
    renewals: context.renewals + 1,
    lastCloseInfo: lastCloseInfo && { ...lastCloseInfo, retryable: true },
  }
}

export function giveUp(context: ConnectionContext): Change {
  const { verdict } = context
  // Only an end that was judged is given up on.
  if (verdict === null) return { closedBecause: 'ERR_CHART_FAILED' }
  const spent = verdict.kind === 'retry' && !hasBudget(context)
  return { closedBecause: spent ? 'ERR_RETRIES_EXHAUSTED' : verdict.code }
}

/** A snapshot that went through JSON has lost its sealed options: there is nothing to dial with. */
export function giveUpRestored(): Change {
  const closeInfo = requestedCloseInfo('credential', CloseCode.ABNORMAL, RESTORED_WITHOUT_OPTIONS)
  return {
    lastCloseInfo: { ...closeInfo, error: 'ERR_CREDENTIAL_MISSING' },
    closedBecause: 'ERR_CREDENTIAL_MISSING',
  }
}

const RESTORED_WITHOUT_OPTIONS = 'restored from serialised data, which holds no credential: spawn a new actor'

/** Closed by the application before the attempt came to anything. */
export function abandonAttempt(): Change {
  return {
    lastCloseInfo: requestedCloseInfo('dial', CloseCode.ABNORMAL, 'closed before it was open'),
    closedBecause: 'requested',
  }
}

export function recordHandshake(event: ConnectionEvent): Change {
  if (event.type === 'socket.lost') {
    return { lastCloseInfo: requestedCloseInfo('closing', event.loss.code, event.loss.reason) }
  }
  return {
    lastCloseInfo: requestedCloseInfo(
      'closing',
      CloseCode.ABNORMAL,
      'the close handshake was not answered in time',
    ),
  }
}

export function rememberResponse(event: ConnectionEvent): Change {
  if (event.type !== 'server.settled') return {}
  const { responseId, lane, stored } = event
  return { previousResponseId: responseId, previousResponseOrigin: { lane, stored } }
}

/** The server's memory of a chain dies with the socket; only a stored response outlives it. */
export function forgetUnstored(context: ConnectionContext): Change {
  if (context.previousResponseOrigin?.stored === true) return {}
  return { previousResponseId: null, previousResponseOrigin: null }
}

/**
 * The rule of eviction: a failure on the same lane drops the response that it continued from the connection's
 * memory, and `previous_response_not_found` says that the server has it nowhere.
 */
export function evictsPrevious(context: ConnectionContext, event: ConnectionEvent): boolean {
  const origin = context.previousResponseOrigin
  if (origin === null) return false
  if (event.type === 'server.errored') {
    if (event.lane !== origin.lane) return false
    return event.code === 'previous_response_not_found' || (!origin.stored && (event.status ?? 400) >= 400)
  }
  return (
    event.type === 'server.settled' &&
    event.outcome === 'failed' &&
    event.lane === origin.lane &&
    !origin.stored
  )
}

export function canDialAgain(context: ConnectionContext): boolean {
  return Secret.is(context.transport)
}

export function closeCommand(event: ConnectionEvent): SocketCommand {
  const { code, reason } = event.type === 'close' ? event : {}
  return { type: 'close', code: code ?? CloseCode.NORMAL, reason: reason ?? '' }
}

export function sendCommand(event: ConnectionEvent): SocketCommand {
  if (event.type !== 'send') throw new TypeError('sendCommand serves the send command only')
  return { type: 'send', event: event.event }
}

/** `send` outside `open`, or on a line whose age limit was announced. */
export function sendRefusal(context: ConnectionContext, event: ConnectionEvent): SendRefused {
  const code: HoldlineErrorCode = 'ERR_NOT_OPEN'
  const eventType = event.type === 'send' ? event.event.type : event.type
  const closed = context.closedBecause === null ? '' : ` (closed: ${context.closedBecause})`
  return {
    type: 'send.refused',
    code,
    message: `The connection is not open${closed}. The event was not sent. Send it again after connection.opened.`,
    eventType,
  }
}

/** What the connection says of itself. */
export function announcement(
  context: ConnectionContext,
  type: ConnectionAnnouncement['type'],
): ConnectionAnnouncement {
  const { connectionId, lastCloseInfo, closedBecause, retry } = context
  switch (type) {
    case 'connection.lost': {
      // Every transition that announces a loss records it first.
      const closeInfo = lastCloseInfo ?? requestedCloseInfo('open', CloseCode.ABNORMAL, '')
      return { type, connectionId, closeInfo, retry: closedBecause === null ? retry : null }
    }
    case 'connection.closed':
      return {
        type,
        because: closedBecause ?? 'requested',
        closeInfo: lastCloseInfo,
        hasBudget: hasBudget(context),
      }
    default:
      return { type, connectionId }
  }
}

function backoffMs(
  { settings, retry, lastCloseInfo, jitterDraw }: ConnectionContext,
  floorMs: number,
): number {
  const backoff = { delaysMs: settings.backoffDelaysMs, jitter: settings.jitter }
  const bounds: RetryBounds = {
    floorMs,
    retryAfterMs: lastCloseInfo?.retryAfterMs ?? null,
    maxRetryAfterMs: settings.maxRetryAfterMs,
  }
  return retryDelayMs(retry.attempt + 1, backoff, bounds, () => jitterDraw)
}

function hasBudget(context: ConnectionContext): boolean {
  return context.retry.attempt < context.settings.maxRetries
}

function judgementOf(event: ConnectionEvent, { cause, phase }: LossParams): Judgement {
  return judge(endingOf(event, cause, phase))
}

function endingOf(event: ConnectionEvent, cause: LossParams['cause'], phase: LossParams['phase']): Ending {
  // After the server's notice the close frame only carries it out: its code is shown, and does not judge.
  if (cause !== null && event.type === 'socket.lost') {
    return { fact: { ...event, loss: { ...event.loss, error: cause } } }
  }
  if (cause !== null) return { cause, phase }
  if (event.type === 'socket.refused' || event.type === 'socket.lost' || event.type === 'socket.opened') {
    return { fact: event }
  }
  return { cause: 'ERR_CHART_FAILED', phase }
}
