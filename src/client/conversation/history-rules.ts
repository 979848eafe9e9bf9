import { BadOptionError } from '../../protocol/errors.ts'
import { answeredCallOf, callIdOf, isAnswer, isClientCall } from '../../protocol/calls.ts'
import type { InputItem, OutputItem } from '../../protocol/index.ts'

/** One item of a conversation, as it goes over the wire: what was sent, or what the model made. */
export type HistoryItem = InputItem | OutputItem

// What the API takes as a history, as functions of items.

/** Length of a history without what stands at its end for the model to answer. */
export function endOfAnswers(items: readonly HistoryItem[]): number {
  return items.findLastIndex(isModelMade) + 1
}

/**
 * Without reasoning that leads to nothing: the API refuses it when the item that followed it is not there ("reasoning
 * … without its required following item").
 */
export function withoutOrphans(items: readonly HistoryItem[]): readonly HistoryItem[] {
  const isOrphan = (item: HistoryItem, index: number): boolean => isReasoning(item) && !leadsOn(items, index)
  return items.some(isOrphan) ? items.filter((item, index) => !isOrphan(item, index)) : items
}

/** Of a response that was cut short: calls of the client's are no part of it, and so is what led to them. */
export function withoutCalls(items: readonly HistoryItem[]): readonly HistoryItem[] {
  const answered = new Set(items.map(answeredCallOf))
  const isLeft = (item: HistoryItem): boolean => {
    const id = callIdOf(item)
    return isClientCall(item) && (id === null || !answered.has(id))
  }
  if (!items.some(isLeft)) return withoutOrphans(items)
  // The item that a reasoning led to is looked for before it is gone: the next one is another's.
  const led = items.map((item, index) => isReasoning(item) && leadsTo(items, index, isLeft))
  return withoutOrphans(items.filter((item, index) => !isLeft(item) && led[index] !== true))
}

/** Without some items, and without the reasoning that led to them. */
export function withoutItems(
  items: readonly HistoryItem[],
  gone: ReadonlySet<HistoryItem>,
): readonly HistoryItem[] {
  const isGone = (item: HistoryItem): boolean => gone.has(item)
  return items.filter((item, index) => !isGone(item) && !(isReasoning(item) && leadsTo(items, index, isGone)))
}

/**
 * Checks a history that somebody else has made.
 *
 * @throws {BadOptionError} with the path of what is no item, an output without its call, or reasoning without the item
 * that it led to
 */
export function checkHistory(items: unknown, path: string, isWhole = true): asserts items is HistoryItem[] {
  if (!Array.isArray(items)) throw new BadOptionError(path, 'must be a list of items')
  const open = new Set<string>()
  for (const [index, item] of items.entries()) {
    const at = `${path}.${index}`
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      throw new BadOptionError(at, 'must be an item: an object, as the API takes it')
    }
    const called = callIdOf(item)
    if (called !== null) open.add(called)
    const answered = answeredCallOf(item)
    if (isAnswer(item) && isWhole && (answered === null || !open.delete(answered))) {
      throw new BadOptionError(
        at,
        'is the output of a call that is not in the history, or has an output already',
      )
    }
    if (isReasoning(item) && !leadsOn(items, index)) {
      throw new BadOptionError(at, 'is reasoning without the item that it led to: the API refuses it')
    }
  }
  assertJson(items, path)
}

function assertJson(items: unknown, path: string): void {
  try {
    JSON.stringify(items)
  } catch {
    throw new BadOptionError(path, 'cannot be written as JSON: it holds a cycle or a BigInt')
  }
}

function isReasoning({ type }: HistoryItem): boolean {
  return type === 'reasoning'
}

/** Something of the model's follows on reasoning. */
function leadsOn(items: readonly HistoryItem[], index: number): boolean {
  return leadsTo(items, index, isModelMade)
}

/** The first item behind reasoning that is none itself is of this kind. */
function leadsTo(
  items: readonly HistoryItem[],
  index: number,
  isSuch: (item: HistoryItem) => boolean,
): boolean {
  let next = index + 1
  while (next < items.length && isReasoning(items[next] as HistoryItem)) next += 1
  const item = items[next]
  return item !== undefined && isSuch(item)
}

function isModelMade(item: HistoryItem): boolean {
  const { type, role } = item as { type?: string | null; role?: string }
  if (type === undefined || type === null || type === 'message') return role === 'assistant'
  return !isAnswer(item) && type !== 'item_reference' && type !== 'compaction_trigger'
}
