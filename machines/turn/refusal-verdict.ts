import { isQuotaCode } from '../quota-codes.ts'

/**
 * What helps against a refused request.
 *
 * - `replay`: the same turn with the full history, without `previous_response_id`.
 * - `fresh-connection`: the same, on a new socket.
 * - `another-lane`: the same, on a lane that exists already.
 * - `renew`: the same, on a new socket with a renewed credential.
 * - `drop-field`: the same without the optional field that this endpoint does not know.
 * - `wait`: the same request after the time that the server asked for.
 * - `back-off`: the same request after a delay of our own.
 * - `compact`: a shorter history.
 * - `drop-reasoning`: the history without reasoning, whose encrypted content is not accepted any more.
 * - `drop-ids`: the history without the ids of its items, which the server does not know.
 * - `none`: sending it again would end the same way.
 */
export type Remedy =
  | 'replay'
  | 'fresh-connection'
  | 'another-lane'
  | 'renew'
  | 'drop-field'
  | 'wait'
  | 'back-off'
  | 'compact'
  | 'drop-reasoning'
  | 'drop-ids'
  | 'none'

/** What an `error` frame means for the turn that it answers. */
export interface RefusalVerdict {
  readonly remedy: Remedy
  /**
   * True when the code proves that nothing ran, so that sending again cannot do the work twice. It holds only
   * while no other event of the turn was seen.
   */
  readonly safe: boolean
}

/** What guards read of an `error` frame, whichever shape it came in. */
export interface TurnRefusal {
  readonly status: number | null
  readonly code: string | null
  /** `error.type`; some services put their codes there. */
  readonly errorType: string | null
  readonly param: string | null
}

const verdict = (remedy: Remedy, safe: boolean): RefusalVerdict => Object.freeze({ remedy, safe })

const GIVE_UP = verdict('none', false)

/** By code (Responses WebSocket guide, errors; the capacity codes are those that mature clients retry). */
const BY_CODE: ReadonlyMap<string, RefusalVerdict> = new Map([
  ['previous_response_not_found', verdict('replay', true)],
  ['websocket_connection_limit_reached', verdict('fresh-connection', true)],
  ['websocket_stream_limit_reached', verdict('another-lane', true)],
  ['invalid_stream_id', verdict('none', true)],
  ['rate_limit_exceeded', verdict('wait', true)],
  ['server_is_overloaded', verdict('back-off', true)],
  ['slow_down', verdict('back-off', true)],
  ['server_error', verdict('back-off', true)],
  ['context_length_exceeded', verdict('compact', false)],
  ['invalid_encrypted_content', verdict('drop-reasoning', true)],
  ['invalid_prompt', GIVE_UP],
  ['cyber_policy', GIVE_UP],
  ['bio_policy', GIVE_UP],
  ['misalignment_policy_violation', GIVE_UP],
  ['content_policy_violation', GIVE_UP],
  ['invalid_api_key', verdict('renew', true)],
  ['model_not_found', GIVE_UP],
])

/** Optional fields that some endpoints do not know, and that a turn can do without. */
const DROPPABLE: ReadonlySet<string> = new Set(['stream_id', 'generate'])

/** Judges an `error` frame by code, then by type, then by status. Never by its message. */
export function refusalVerdict({ status, code, errorType, param }: TurnRefusal): RefusalVerdict {
  for (const name of [code, errorType]) {
    if (name === null) continue
    const known = BY_CODE.get(name)
    if (known !== undefined) return known
    if (isQuotaCode(name)) return GIVE_UP
  }
  // The endpoint has no lanes, and the default one is always there.
  if ((code === null || code === 'unsupported_parameter') && param === 'stream_id') {
    return verdict('another-lane', true)
  }
  if (code === 'unsupported_parameter' && param !== null && DROPPABLE.has(param)) {
    return verdict('drop-field', true)
  }
  return byStatus(status)
}

function byStatus(status: number | null): RefusalVerdict {
  if (status === 401) return verdict('renew', true)
  // A stale item reference: the history names an item that the server never stored.
  if (status === 404) return verdict('replay', true)
  if (status === 429) return verdict('wait', true)
  if (status !== null && status >= 500) return verdict('back-off', true)
  return GIVE_UP
}
