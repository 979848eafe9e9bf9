import { CloseCode } from '../../src/protocol/close-codes.ts'
import { closeVerdict } from '../close-verdict.ts'
import type { LossPhase, SocketFact, SocketLoss, UpgradeRefusal } from '../socket-contract.ts'
import { upgradeVerdict } from '../upgrade-verdict.ts'
import type { Verdict } from '../verdict.ts'
import type { CloseInfo } from './types.ts'

/** Endings that the chart finds out by itself, because a clock ran down or its socket actor failed. */
export type ChartCause =
  | 'ERR_CONNECT_TIMEOUT'
  | 'ERR_HALF_OPEN'
  | 'ERR_AGE_LIMIT'
  | 'ERR_CONNECTION_LOST'
  | 'ERR_CHART_FAILED'

/** What ended: told by a fact, or found out by the chart. */
export type Ending = { readonly fact: SocketFact } | { readonly cause: ChartCause; readonly phase: LossPhase }

/** A verdict with the close info that goes into the context. */
export interface Judgement {
  readonly verdict: Verdict
  readonly closeInfo: CloseInfo
}

const REASONS: Readonly<Record<ChartCause, string>> = {
  ERR_CONNECT_TIMEOUT: 'no connection within the connect timeout',
  ERR_HALF_OPEN: 'no frame and no pong within the pong timeout',
  ERR_AGE_LIMIT: 'the server announced that the connection has reached its age limit',
  ERR_CONNECTION_LOST: 'the server, which closes after an error frame, did not close in time',
  ERR_CHART_FAILED: 'the socket actor failed',
}

/** Judges an ending, whoever found out. */
export function judge(ending: Ending): Judgement {
  if ('cause' in ending) return judgeLoss(lossOf(ending.cause, ending.phase))
  const { fact } = ending
  if (fact.type === 'socket.refused') return judgeRefusal(fact.refusal)
  if (fact.type === 'socket.lost') return judgeLoss(fact.loss)
  // A socket that opens while one is open can only be a restored one: its listeners and clocks are gone.
  return judgeLoss({
    ...lossOf('ERR_CHART_FAILED', 'open'),
    reason: 'the socket was restored from a snapshot',
  })
}

function judgeRefusal(refusal: UpgradeRefusal): Judgement {
  const judged = upgradeVerdict(refusal)
  return {
    verdict: judged,
    closeInfo: {
      ...NO_CLOSE_FRAME,
      reason: `upgrade refused with HTTP ${refusal.status}`,
      retryable: judged.kind === 'retry',
      phase: 'dial',
      error: judged.code,
      httpStatus: refusal.status,
      retryAfterMs: refusal.retryAfterMs,
      said: refusal.said ?? null,
    },
  }
}

function judgeLoss(loss: SocketLoss): Judgement {
  const judged = closeVerdict(loss)
  const { code, reason, phase, errno } = loss
  const retryable = judged.kind === 'retry'
  return {
    verdict: judged,
    closeInfo: { ...NO_CLOSE_FRAME, code, reason, retryable, phase, error: judged.code, errno },
  }
}

function lossOf(cause: ChartCause, phase: LossPhase): SocketLoss {
  return { phase, code: CloseCode.ABNORMAL, reason: REASONS[cause], errno: null, error: cause, heard: true }
}

const NO_CLOSE_FRAME = {
  code: CloseCode.ABNORMAL,
  httpStatus: null,
  errno: null,
  retryAfterMs: null,
  said: null,
}

/** The close info of a line that the application closed. */
export function requestedCloseInfo(phase: LossPhase, code: number, reason: string): CloseInfo {
  return { ...NO_CLOSE_FRAME, code, reason, retryable: false, phase, error: null }
}
