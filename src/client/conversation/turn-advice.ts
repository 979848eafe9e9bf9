import type { Remedy } from '../../../machines/turn/refusal-verdict.ts'
import type { TurnResult } from '../../../machines/turn/types.ts'
import { isHoldlineError } from '../../protocol/errors.ts'
import type { ServerSaid } from '../../protocol/server-said.ts'
import { adviceOnCode } from '../connection-error.ts'

/** What to do after a refusal, or a failure, by what would help against it. */
const ADVICE: Readonly<Record<Remedy, string>> = {
  replay: 'Send it again: it goes with the whole history.',
  'fresh-connection': 'Send it again: it goes over a fresh connection.',
  'another-lane': 'Send it again: it goes on another lane.',
  renew: 'Check the key. A function as apiKey is asked for a new one.',
  'drop-field': 'Leave that field out.',
  wait: 'Wait, and send it again.',
  'back-off': 'Send it again later.',
  compact: 'Make the history shorter first, with conversation.compact() or conversation.edit().',
  'drop-reasoning':
    'The server cannot read the reasoning in the history any more: take it out with conversation.edit(), and send the turn again.',
  'drop-ids':
    'The server does not know items of the history by their ids: take the ids out with conversation.edit(), and send the turn again.',
  none: 'Sent again as it is, it would end the same way.',
}

/** What to do about a turn that has no response. */
export function adviceFor(result: TurnResult, said: ServerSaid | null, cause: unknown): string {
  const { outcome, remedy, resendIsSafe, error } = result
  if (outcome === 'unsent') return unsentAdvice(error, cause)
  if (outcome === 'cancelled' || outcome === 'lost') return riskOf(resendIsSafe)
  const wait = said?.retryAfterMs ?? null
  const what =
    remedy === 'wait' && wait !== null ? `Wait ${wait} ms, and send it again.` : ADVICE[remedy ?? 'none']
  // Nothing began: there is no risk to tell of.
  return outcome === 'refused' ? what : `${riskOf(resendIsSafe)} ${what}`
}

function riskOf(resendIsSafe: boolean): string {
  return resendIsSafe
    ? 'It did not run: sending it again is safe.'
    : 'It may have run: sending it again can do the work twice.'
}

/** An error of the event itself says what is wrong with it; one of the connection has its row in the table. */
function unsentAdvice(code: TurnResult['error'], cause: unknown): string {
  const own = adviceOnCode(code)
  if (own !== null) return `It did not run. ${own}`
  return isHoldlineError(cause)
    ? `It did not run. ${cause.message}`
    : 'It did not run: sending it again is safe.'
}
