import type { ErrorFrame } from '../script/types.ts'
import { tokensOf } from './model.ts'
import type { ModelRequest } from './request.ts'
import type { Item } from './wire.ts'
import { isObject } from './wire.ts'

/** The threshold, in tokens, where a request asks for compaction and names none. */
const DEFAULT_THRESHOLD = 200_000

/**
 * What a request asks to be compacted: everything, by a `compaction_trigger` as its last item, or what is over its
 * own threshold, by `context_management` (Compaction guide).
 *
 * @returns that, and the input without the trigger; or the error to refuse it with
 */
export function readCompaction(
  body: Readonly<Record<string, unknown>>,
  before: readonly Item[],
  given: readonly Item[],
): { compaction: ModelRequest['compaction']; input: readonly Item[] } | { refused: ErrorFrame } {
  const at = given.findIndex((item) => item['type'] === 'compaction_trigger')
  if (at === -1)
    return { compaction: isOver(body, [...before, ...given]) ? 'over-threshold' : null, input: given }
  if (at === given.length - 1) return { compaction: 'all', input: given.slice(0, -1) }
  const message = "'compaction_trigger' must be the last item of 'input'."
  return { refused: { status: 400, code: 'invalid_value', param: `input[${at}]`, message } }
}

function isOver(body: Readonly<Record<string, unknown>>, context: readonly Item[]): boolean {
  const rules = Array.isArray(body['context_management']) ? body['context_management'] : []
  const rule: unknown = rules.find((one) => isObject(one) && one['type'] === 'compaction')
  if (!isObject(rule)) return false
  const threshold = rule['compact_threshold']
  return tokensOf(context) > (typeof threshold === 'number' ? threshold : DEFAULT_THRESHOLD)
}
