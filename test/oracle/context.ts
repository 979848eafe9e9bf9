import { type Item, canonical } from './records.ts'

/** What a server remembers under an id: the whole context of the response, and its output. */
export class Memory {
  readonly #latest = new Map<string | null, { readonly id: string; readonly items: readonly Item[] }>()

  /** A lane remembers its latest response, and nothing before it. */
  keep(lane: string | null, id: string, items: readonly Item[]): void {
    this.#latest.set(lane, { id, items })
  }

  /** A continuation that was refused on its own lane forgets what it continued. */
  evict(lane: string | null, id: string): void {
    if (this.#latest.get(lane)?.id === id) this.#latest.delete(lane)
  }

  find(id: string): readonly Item[] | null {
    // The latest to be kept comes first: one id may stand for several responses.
    const kept = [...this.#latest.values()].findLast((one) => one.id === id)
    return kept?.items ?? null
  }
}

/** What the API would refuse about an input, or null. */
export function problemOf(context: readonly Item[]): string | null {
  const open = new Set<unknown>()
  for (const [at, item] of context.entries()) {
    const { type, call_id: id } = item
    if (type === 'function_call') {
      if (open.has(id)) return `two calls with one call_id ${String(id)}`
      open.add(id)
    }
    if (type === 'function_call_output' && !open.delete(id)) return `output without a call: ${String(id)}`
    if (type === 'reasoning' && !isFollowed(context[at + 1])) return 'reasoning without what followed it'
  }
  return open.size > 0 ? `call without an output: ${[...open].join(', ')}` : null
}

function isFollowed(next: Item | undefined): boolean {
  const type = next?.['type']
  return (
    type === 'function_call' || type === 'reasoning' || (type === 'message' && next?.['role'] === 'assistant')
  )
}

/** Whose turn an input belongs to: its last item is one of a kind. */
export function keyOf(input: readonly Item[]): string {
  return canonical(input.at(-1) ?? null)
}
