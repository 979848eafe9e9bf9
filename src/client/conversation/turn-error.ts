import type { TurnProgress } from '../../../machines/index.ts'
import type { Remedy } from '../../../machines/turn/refusal-verdict.ts'
import type { TurnOutcome, TurnResult } from '../../../machines/turn/types.ts'
import type { HoldlineErrorCode } from '../../protocol/errors.ts'
import type { OutputItem, ResponseObject, UsageInfo } from '../../protocol/index.ts'
import { RemoteError, quoted } from '../../protocol/remote-error.ts'
import type { ServerSaid } from '../../protocol/server-said.ts'
import { adviceFor } from './turn-advice.ts'

type Unanswered = Exclude<TurnOutcome, 'completed' | 'incomplete'>

const CODES: Readonly<Record<Unanswered, HoldlineErrorCode>> = {
  failed: 'ERR_TURN_FAILED',
  refused: 'ERR_TURN_REFUSED',
  unsent: 'ERR_TURN_UNSENT',
  cancelled: 'ERR_TURN_CANCELLED',
  lost: 'ERR_TURN_LOST',
}

/** What came of a turn that has no response to give. */
export interface TurnEnd {
  readonly result: TurnResult
  /** What the server said about it. Null: nothing. */
  readonly said?: ServerSaid | null
  /** Output items that were finished. */
  readonly items?: readonly OutputItem[]
  /** The response that failed. */
  readonly response?: ResponseObject | null
  readonly cause?: unknown
}

/**
 * A turn that ended without a response. It says what the server said, how far the turn came, and whether sending it
 * again is safe. `cause` is the error under it, if there is one: the connection's, or the reason of an abort.
 *
 * What the model had made of it is in `items` and `response`, and stands in no message and no JSON.
 */
export class TurnError extends RemoteError {
  override readonly name: string = 'TurnError'
  readonly outcome: Unanswered
  /** How far the last sending had come; `queued`: it never left. */
  readonly progress: 'queued' | TurnProgress
  readonly responseId: string | null
  /** What would help, where the server refused it or failed it, or it was not sent; else null. */
  readonly remedy: Remedy | null
  /** True when sending it again cannot do the work twice. Whether it would help, `remedy` says. */
  readonly resendIsSafe: boolean
  /** What the server counted for a response that failed, or null. */
  readonly usage: UsageInfo | null
  readonly #items: readonly OutputItem[]
  readonly #response: ResponseObject | null

  constructor({ result, said = null, items = [], response = null, cause }: TurnEnd) {
    const outcome = result.outcome as Unanswered
    super(CODES[outcome], messageOf(result, said, cause), said, cause === undefined ? {} : { cause })
    this.outcome = outcome
    this.progress = result.progress
    this.responseId = result.responseId
    this.remedy = result.remedy
    this.resendIsSafe = result.resendIsSafe
    this.usage = response?.usage ?? null
    this.#items = items
    this.#response = response
  }

  /** Output items that were finished before it ended. Tool calls among them were not run. */
  get items(): readonly OutputItem[] {
    return this.#items
  }

  /** The response that failed, as far as it had come; null where none began, or nobody knows how it ended. */
  get response(): ResponseObject | null {
    return this.#response
  }

  override toJSON(): Record<string, unknown> {
    const { outcome, progress, responseId, remedy, resendIsSafe, usage } = this
    return { ...super.toJSON(), outcome, progress, responseId, remedy, resendIsSafe, usage }
  }
}

function messageOf(result: TurnResult, said: ServerSaid | null, cause: unknown): string {
  return `${happened(result, said, cause)} ${adviceFor(result, said, cause)}`
}

function happened(result: TurnResult, said: ServerSaid | null, cause: unknown): string {
  const { outcome, progress } = result
  const because = after((said === null ? '' : quoted(said)) || (result.code ?? ''))
  switch (outcome) {
    case 'refused':
      return `The server refused the turn${because}. No response began.`
    case 'failed':
      return `The response failed after it was ${progress}${because}.`
    case 'unsent':
      return `The turn was not sent (${result.error ?? 'ERR_CLOSED'})${after(reasonOf(cause))}.`
    case 'lost':
      return `The turn was lost${howFar(result)}: ${lossOf(result, cause)}.`
    default:
      return `The turn was ${outcome}${howFar(result)}.`
  }
}

function after(reason: string): string {
  return reason === '' ? '' : `: ${reason}`
}

function howFar({ progress }: TurnResult): string {
  return progress === 'queued' ? ' before it was sent' : ` after it was ${progress}`
}

function lossOf({ fault, error }: TurnResult, cause: unknown): string {
  if (error !== null) return `it was never answered, and could not be sent again (${error})`
  if (fault === 'silence') return 'the server said nothing for too long'
  return reasonOf(cause) || 'the connection ended'
}

/** What the connection's error says had happened, without what it says to do. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error) || !('reason' in cause) || typeof cause.reason !== 'string') return ''
  return cause.reason
}
