import type { NoOriginReason } from '../../../machines/conversation/types.ts'
import type { ResponseObject } from '../../protocol/index.ts'
import type { HistoryItem } from '../conversation/history.ts'
import { type KnownItem, type Prefix, digestOf, prefixesOf } from './canonical.ts'

/** Whoever holds the lane on which an answer was given, and can go on from it. */
export interface ChainHolder {
  /** The last response that it can continue, while it runs no turn; else null. */
  readonly continuable: string | null
}

/** A response that a later request can go on from. */
export interface Answer<Holder> {
  readonly responseId: string
  /** Of the input and the output; null where the input is not known whole. */
  readonly hash: string | null
  readonly holder: Holder
  /** True: any lane of any connection can continue it. */
  readonly stored: boolean
  /** Ids of its output items. */
  readonly itemIds: readonly string[]
  /** When it was last of use, in ms. */
  usedAt: number
}

/** What an input goes on from. `items` of it are what the answer stands for. */
export interface Match<Holder> {
  readonly answer: Answer<Holder>
  readonly items: number
}

/** Bytes that an answer takes beside its ids: two hashes, four entries of maps, the object. A guess. */
const ANSWER_BYTES = 600
const ITEM_BYTES = 250

/** Bounds of what is kept. */
export interface IndexLimits {
  /** In bytes, of hashes and ids. */
  readonly bytes: number
  /** An answer that was of no use for so long is forgotten, in ms. */
  readonly idleMs: number
}

/**
 * What the server remembers, as far as requests that bring their whole history can use it: answers, found by the hash
 * of input and output. It keeps no content. When it is full, the answers go that were of no use for longest.
 */
export class ChainIndex<Holder extends ChainHolder> {
  readonly #limits: IndexLimits
  /** In the order of their last use. */
  readonly #answers = new Map<string, Answer<Holder>>()
  readonly #byHash = new Map<string, Answer<Holder>[]>()
  readonly #items = new Map<string, KnownItem>()
  readonly #last = new Map<Holder, Answer<Holder>>()
  #bytes = 0

  constructor(limits: IndexLimits) {
    this.#limits = limits
  }

  /** Bytes that are kept, about. */
  get bytes(): number {
    return this.#bytes
  }

  /** What an id of an output item stands for. */
  readonly known = (id: string): KnownItem | undefined => this.#items.get(id)

  prefixes(seed: string, input: readonly HistoryItem[]): Prefix[] {
    return prefixesOf(seed, input, this.known)
  }

  /** The answer with this id. */
  named(responseId: string, now: number): Answer<Holder> | undefined {
    this.#expire(now)
    return this.#answers.get(responseId)
  }

  /** The longest part of an input that can be continued and leaves something to send; else why there is none. */
  find(
    input: readonly HistoryItem[],
    prefixes: readonly Prefix[],
    now: number,
  ): Match<Holder> | NoOriginReason {
    this.#expire(now)
    let reason: NoOriginReason = 'no-match'
    for (const { hash, items } of prefixes.slice(0, -1).toReversed()) {
      const answers = this.#byHash.get(hash)
      if (answers === undefined) continue
      const answer = this.#best(answers, input[items - 1])
      if (answer !== undefined) return { answer, items: this.#end(answer, input, items) }
      reason = 'in-use'
    }
    return reason
  }

  add(response: ResponseObject, hash: string | null, holder: Holder, now: number): void {
    const { id: responseId, output } = response
    // Of what is not stored, the lane has its last response only.
    this.leave(holder)
    const same = this.#answers.get(responseId)
    if (same !== undefined) this.#drop(same)
    const known = output.flatMap((item) => {
      const { id } = item as { readonly id?: unknown }
      return typeof id === 'string' ? [[id, { digest: digestOf(item), responseId }] as const] : []
    })
    const itemIds = known.map(([id]) => id)
    const answer = { responseId, hash, holder, stored: response.store === true, itemIds, usedAt: now }
    this.#answers.set(responseId, answer)
    this.#last.set(holder, answer)
    for (const [id, item] of known) this.#items.set(id, item)
    if (hash !== null) this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), answer])
    this.#bytes += bytesOf(answer)
    this.#expire(now)
  }

  /** Notes that an answer was of use. */
  touch(answer: Answer<Holder>, now: number): void {
    answer.usedAt = now
    if (this.#answers.delete(answer.responseId)) this.#answers.set(answer.responseId, answer)
  }

  /** A holder is gone: what only it could continue goes with it. */
  leave(holder: Holder): void {
    const last = this.#last.get(holder)
    this.#last.delete(holder)
    if (last?.stored === false) this.#drop(last)
  }

  clear(): void {
    for (const answer of this.#answers.values()) this.#drop(answer)
  }

  /** Two conversations may have said the same so far: one whose ids the client repeats goes first. */
  #best(answers: readonly Answer<Holder>[], last: HistoryItem | undefined): Answer<Holder> | undefined {
    const usable = answers.filter((one) => one.stored || one.holder.continuable === one.responseId)
    const { id } = (last ?? {}) as { readonly id?: unknown }
    const meant = typeof id === 'string' ? this.#items.get(id)?.responseId : undefined
    const byName = usable.find(({ responseId }) => responseId === meant)
    return byName ?? usable.find((one) => one.holder.continuable === one.responseId) ?? usable.at(-1)
  }

  /** The server has reasoning at the end of the answer already; sent again, it would stand there twice. */
  #end({ responseId }: Answer<Holder>, input: readonly HistoryItem[], items: number): number {
    let end = items
    for (; end < input.length; end += 1) {
      const { id } = input[end] as { readonly id?: unknown }
      const item = typeof id === 'string' ? this.#items.get(id) : undefined
      if (item === undefined || item.digest !== null || item.responseId !== responseId) break
    }
    return end
  }

  #expire(now: number): void {
    for (const answer of this.#answers.values()) {
      if (this.#bytes <= this.#limits.bytes && now - answer.usedAt <= this.#limits.idleMs) return
      this.#drop(answer)
    }
  }

  #drop(answer: Answer<Holder>): void {
    if (!this.#answers.delete(answer.responseId)) return
    this.#bytes -= bytesOf(answer)
    for (const id of answer.itemIds) this.#items.delete(id)
    if (this.#last.get(answer.holder) === answer) this.#last.delete(answer.holder)
    if (answer.hash === null) return
    const others = (this.#byHash.get(answer.hash) ?? []).filter((one) => one !== answer)
    if (others.length === 0) this.#byHash.delete(answer.hash)
    else this.#byHash.set(answer.hash, others)
  }
}

function bytesOf({ itemIds }: Answer<unknown>): number {
  return ANSWER_BYTES + itemIds.length * ITEM_BYTES
}
