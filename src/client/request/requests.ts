import { REPLAY_POLICIES, type ReplayPolicy } from '../../../machines/turn/resend.ts'
import type { TurnOrigin } from '../../../machines/conversation/types.ts'
import { BadOptionError } from '../../protocol/errors.ts'
import type { ResponseObject } from '../../protocol/index.ts'
import { type HistoryItem, toItems } from '../conversation/history.ts'
import type { Conversation } from '../conversation/conversation.ts'
import type { ConversationHost } from '../conversation/host.ts'
import { conversationSettings } from '../conversation/options.ts'
import type { Turn } from '../conversation/turn.ts'
import { type Prefix, prefixesOf, sha256 } from './canonical.ts'
import { type Answer, ChainIndex } from './chain-index.ts'
import { type RequestBody, checkBody, hasHiddenContext, scopeOf, settingsOf } from './request-body.ts'
import { RequestChain } from './request-chain.ts'

/** Options of `connection.request`. */
export interface RequestTurnOptions {
  /** Cancels the turn. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
  /** Only requests of the same scope go on from each other's responses: a user, a session. Default: `''`. */
  readonly scope?: string | undefined
  /** Which turns are sent again by themselves. Default: `safe`, those that provably did not run. */
  readonly resend?: ReplayPolicy | undefined
  /** `prefix` sends only what is new where the server remembers the rest; `off` sends all. Default: `prefix`. */
  readonly match?: 'prefix' | 'off' | undefined
  /** Conversations that are kept open to be continued, at least 1; those unused for longest are let go. Default: 256. */
  readonly chains?: number | undefined
}

/** Hashes and ids take at most so many bytes, and an answer that nobody went on from is forgotten after an hour. */
const LIMITS = { bytes: 8 * 1024 * 1024, idleMs: 3_600_000 }
const MAX_CHAINS = 256
/** Each request names its own; whether a chain is of the same one has been looked at before. */
const ANY_MODEL = 'any'

interface Plan {
  readonly chain: RequestChain
  readonly origin: TurnOrigin
}

/** Requests that bring their whole history, each run as a turn on the chain that the server remembers most of. */
export class Requests {
  readonly #host: ConversationHost<Conversation>
  readonly #index = new ChainIndex<RequestChain>(LIMITS)
  /** In the order of their last use. */
  readonly #chains = new Set<RequestChain>()

  constructor(host: ConversationHost<Conversation>) {
    this.#host = host
  }

  /** @throws {BadOptionError} with the path of a bad option, or of what cannot be sent */
  begin(body: RequestBody, options: RequestTurnOptions = {}): Turn {
    checkBody(body)
    const { signal, scope, policy, match, limit } = checkOptions(options)
    signal?.throwIfAborted()
    const items: readonly HistoryItem[] = toItems(body.input ?? [])
    const seed = sha256(scopeOf(body, scope))
    const now = Date.now()
    // What the input does not show can neither be found again nor be gone on from.
    const prefixes = match === 'off' || hasHiddenContext(body) ? null : this.#prefixes(seed, items)
    const { chain, origin } = this.#plan(body, items, prefixes, now)
    this.#use(chain, limit, now)
    const turn = chain.conversation.exchange({ items, origin, request: settingsOf(body), policy, signal })
    const start = origin.kind === 'named' || prefixes === null ? null : (prefixes.at(-1)?.hash ?? seed)
    turn.response.then(
      (response) => this.#note(response, start, chain),
      () => this.#check(chain),
    )
    return turn
  }

  /** Forgets everything: the server will not know it under another key. */
  forget(): void {
    this.#index.clear()
  }

  #prefixes(seed: string, items: readonly HistoryItem[]): Prefix[] {
    try {
      return this.#index.prefixes(seed, items)
    } catch {
      throw new BadOptionError('body.input', 'cannot be written as JSON: it holds a cycle or a BigInt')
    }
  }

  #plan(
    { previous_response_id: parent = null }: RequestBody,
    items: readonly HistoryItem[],
    prefixes: readonly Prefix[] | null,
    now: number,
  ): Plan {
    if (parent !== null) {
      const origin = { kind: 'named', responseId: parent } as const
      const { holder } = this.#index.named(parent, now) ?? {}
      return { chain: holder?.continuable === parent ? holder : this.#open(), origin }
    }
    if (prefixes === null) return { chain: this.#open(), origin: { kind: 'none', reason: 'off' } }
    const match = this.#index.find(items, prefixes, now)
    if (typeof match === 'string') return { chain: this.#open(), origin: { kind: 'none', reason: match } }
    const { answer, items: count } = match
    this.#index.touch(answer, now)
    const { holder, responseId } = answer
    const chain = holder.continuable === responseId ? holder : this.#open(answer)
    return { chain, origin: { kind: 'prefix', items: count } }
  }

  /** A chain that starts from nothing, or beside the one that gave a stored answer. */
  #open(from?: Answer<RequestChain>): RequestChain {
    const stored = from && {
      responseId: from.responseId,
      length: 0,
      connectionKey: '',
      lane: null,
      laneSerial: 0,
      stored: true,
      model: ANY_MODEL,
      isForked: false,
    }
    const start = { history: [], chain: stored ?? null, isStateless: true }
    return new RequestChain(this.#host.open(conversationSettings({ model: ANY_MODEL }), start))
  }

  #note(response: ResponseObject, start: string | null, chain: RequestChain): void {
    // An answer that was cut short is no place to go on from.
    if (chain.continuable !== response.id) return this.#index.leave(chain)
    const hash = start === null ? null : endOf(start, response)
    this.#index.add(response, hash, chain, Date.now())
  }

  /** A turn that never left has changed nothing; any other costs what its lane remembers. */
  #check(chain: RequestChain): void {
    if (chain.continuable === null) this.#index.leave(chain)
  }

  /** Chains that run no turn are closed when they were unused for too long, or longest when there are too many. */
  #use(used: RequestChain, limit: number, now: number): void {
    this.#chains.delete(used)
    this.#chains.add(used)
    used.usedAt = now
    for (const chain of this.#chains) {
      if (this.#chains.size <= limit && now - chain.usedAt <= LIMITS.idleMs) return
      if (chain.isBusy || chain === used) continue
      this.#chains.delete(chain)
      this.#index.leave(chain)
      chain.conversation.close()
    }
  }
}

function endOf(start: string, { output }: ResponseObject): string {
  return prefixesOf(start, output, () => undefined).at(-1)?.hash ?? start
}

function checkOptions(options: RequestTurnOptions) {
  const { signal, scope = '', resend = 'safe', match = 'prefix', chains = MAX_CHAINS } = options
  if (typeof scope !== 'string') throw new BadOptionError('scope', 'must be a text')
  if (!REPLAY_POLICIES.includes(resend)) {
    throw new BadOptionError('resend', `must be one of ${REPLAY_POLICIES.join(', ')}`)
  }
  if (match !== 'prefix' && match !== 'off') throw new BadOptionError('match', 'must be "prefix" or "off"')
  if (!Number.isSafeInteger(chains) || chains < 1) {
    throw new BadOptionError('chains', 'must be a whole number of at least 1')
  }
  return { signal, scope, policy: resend, match, limit: chains }
}
