import { hash } from 'node:crypto'
import type { HistoryItem } from '../conversation/history.ts'

/** An item as clients send it back: fields reordered, dropped, or written in another form. */
type Loose = Readonly<Record<string, unknown>>

/** What an id stands for that the server has given to an item of an answer. */
export interface KnownItem {
  /** The digest of the item's canonical form; null for reasoning, which is no part of it. */
  readonly digest: string | null
  readonly responseId: string
}

/** The beginning of an input, up to and with one of its items. */
export interface Prefix {
  /** Of the scope, and of every item so far. */
  readonly hash: string
  /** Items of the input in it. */
  readonly items: number
}

/**
 * The hash of each prefix of an input: equal hashes, equal context for the model.
 *
 * Clients do not send back what they got: they drop `id` and `status`, write `arguments` anew, give text as a string
 * or as a part, name an item instead of repeating it, and leave reasoning out. None of that is looked at.
 *
 * @param seed the hash that it starts from: of the scope, or of the prefix that comes before
 * @param known what the ids of `item_reference`s stand for
 */
export function prefixesOf(
  seed: string,
  input: readonly HistoryItem[],
  known: (id: string) => KnownItem | undefined,
): Prefix[] {
  const prefixes: Prefix[] = []
  let last = seed
  for (const [index, item] of input.entries()) {
    const digest = digestOf(item, known)
    if (digest === null) continue
    last = sha256(last + digest)
    prefixes.push({ hash: last, items: index + 1 })
  }
  return prefixes
}

/** The digest of an item's canonical form; null where the item is no part of it. */
export function digestOf(item: HistoryItem, known?: (id: string) => KnownItem | undefined): string | null {
  const { type, id } = item as Loose
  if (type === 'reasoning') return null
  if (isReference(item as Loose)) {
    const named = known?.(String(id))
    if (named !== undefined) return named.digest
    // Reasoning of an answer that is forgotten by now.
    if (String(id).startsWith('rs_')) return null
  }
  return sha256(canonical(item as Loose))
}

export function sha256(text: string): string {
  return hash('sha256', text, 'base64')
}

/** `type` may be left out of an `item_reference`. */
function isReference(item: Loose): boolean {
  return (
    item['type'] === 'item_reference' ||
    (typeof item['type'] !== 'string' && typeof item['id'] === 'string' && Object.keys(item).length <= 2)
  )
}

function canonical(item: Loose): string {
  if (isReference(item)) return sorted({ type: 'item_reference', id: item['id'] })
  // `parsed_arguments`, and `parsed` below, are what the `openai` package has read from it, and sends back.
  const { id: _id, status: _status, parsed_arguments: _parsed, ...rest } = item
  if ('role' in rest) return sorted(message(rest))
  if (rest['type'] === 'function_call') return sorted({ ...rest, arguments: parsed(rest['arguments']) })
  return sorted(rest)
}

function message({ content, ...rest }: Loose): Loose {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  return { ...rest, type: 'message', content: Array.isArray(parts) ? parts.map(part) : parts }
}

/** Citations and token probabilities of a text are no part of what the model is told. */
function part(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { type, annotations: _annotations, logprobs: _logprobs, parsed: _parsed, ...rest } = value as Loose
  const isText = type === 'input_text' || type === 'output_text' || type === 'text'
  return { ...rest, type: isText ? 'text' : type }
}

/** JSON that was parsed and written again has other spaces, and its keys in another order. */
function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** JSON with its keys in order. A field of the item that is null is one that is not there. */
function sorted(item: Loose): string {
  const present = Object.entries(item).filter(([, value]) => value !== null)
  return JSON.stringify(inOrder(Object.fromEntries(present)))
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const record = value as Loose
  return Object.fromEntries(
    Object.keys(record)
      .toSorted()
      .map((key) => [key, inOrder(record[key])]),
  )
}
