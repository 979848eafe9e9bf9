import type { TurnProgress } from '../../../machines/index.ts'
import type { Remedy } from '../../../machines/turn/refusal-verdict.ts'
import type { TurnOutcome, TurnResult } from '../../../machines/turn/types.ts'
import { HoldlineError, type HoldlineErrorCode } from '../../protocol/errors.ts'
import type { OutputItem } from '../../protocol/index.ts'

type Unanswered = Exclude<TurnOutcome, 'completed' | 'incomplete'>

const CODES: Readonly<Record<Unanswered, HoldlineErrorCode>> = {
  failed: 'ERR_TURN_FAILED',
  refused: 'ERR_TURN_REFUSED',
  cancelled: 'ERR_TURN_CANCELLED',
  lost: 'ERR_TURN_LOST',
}

/** A turn that ended without a response. It says how far it came, and whether sending it again is safe. */
export class TurnError extends HoldlineError {
  override readonly name: string = 'TurnError'
  readonly outcome: Unanswered
  /** How far the last sending had come; `queued`: it never left. */
  readonly progress: 'queued' | TurnProgress
  readonly responseId: string | null
  /** The server's code, where it gave one. */
  readonly serverCode: string | null
  /** What would help, where the server refused it or failed it; else null. */
  readonly remedy: Remedy | null
  /** True when sending it again cannot do the work twice. */
  readonly resendIsSafe: boolean
  /** Output items that were finished before it ended. Tool calls among them were not run. */
  readonly items: readonly OutputItem[]

  constructor(result: TurnResult, items: readonly OutputItem[], options?: ErrorOptions) {
    const outcome = result.outcome as Unanswered
    super(CODES[outcome], messageOf(result), options)
    this.outcome = outcome
    this.progress = result.progress
    this.responseId = result.responseId
    this.serverCode = result.code
    this.remedy = result.remedy
    this.resendIsSafe = result.resendIsSafe
    this.items = items
  }
}

function messageOf(result: TurnResult): string {
  const how = result.progress === 'queued' ? 'before it was sent' : `after it was ${result.progress}`
  return `The turn was ${result.outcome} ${how}${why(result)}. ${again(result)}`
}

function again({ resendIsSafe, outcome }: TurnResult): string {
  if (resendIsSafe) return 'It did not run: sending it again is safe.'
  if (outcome === 'refused') return 'No response began. Sent again as it is, it would be refused again.'
  return 'It may have run: sending it again can do the work twice.'
}

function why({ code, error, fault }: TurnResult): string {
  if (code !== null) return ` (${code})`
  if (error !== null) return ` (${error})`
  if (fault === 'connection') return ': the connection ended'
  return fault === 'silence' ? ': the server said nothing for too long' : ''
}
