import * as v from 'valibot'
import { parseOptions } from '../../protocol/options/parse.ts'
import type { Chain } from '../../../machines/conversation/chain.ts'
import { REPLAY_POLICIES, type ReplayPolicy } from '../../../machines/turn/resend.ts'
import type { TurnResult } from '../../../machines/turn/types.ts'
import type { InputItem } from '../../protocol/index.ts'
import type { CallMark } from './calls.ts'
import type { HistoryItem } from './history.ts'
import type { ConversationSettings } from './options.ts'

/** A conversation as plain data. It holds the history, and no credential. */
export interface SavedConversation {
  readonly version: 2
  /** Survives: traces and stores use it. */
  readonly id: string
  /** Turns so far, which count their ids. */
  readonly turns: number
  /** With every output of a tool that was there. */
  readonly history: readonly HistoryItem[]
  /** So many items of the history the model has answered, or made. */
  readonly answered: number
  /** The stored response that the history goes on from, or null. */
  readonly from: string | null
  /** The stored response that the next turn can continue from any connection; null: the history is sent whole. */
  readonly chain: { readonly responseId: string; readonly length: number; readonly model: string } | null
  /** What is known of open calls, by id: approved, or begun. */
  readonly calls: Readonly<Record<string, CallMark>>
  readonly replay: ReplayPolicy
  readonly lane: string | null
  /** A turn that was under way: its outcome is unknown, unless it was still queued. */
  readonly underWay: {
    readonly progress: TurnResult['progress']
    readonly input: readonly InputItem[]
  } | null
}

interface Savable extends Pick<
  SavedConversation,
  'id' | 'turns' | 'history' | 'answered' | 'from' | 'calls' | 'underWay'
> {
  readonly chain: Chain | null
  readonly settings: ConversationSettings
}

export function saveConversation({ chain, settings, ...saved }: Savable): SavedConversation {
  const { replay, lane } = settings
  // What only a socket remembered is gone in another process.
  const stored =
    chain?.stored === true ? { responseId: chain.responseId, length: chain.length, model: chain.model } : null
  return structuredClone({ version: 2, ...saved, chain: stored, replay, lane })
}

const item = v.record(v.string(), v.unknown())
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const name = v.pipe(v.string(), v.minLength(1))

/** Read first: what else is missing follows from it. */
const versionSchema = v.looseObject({
  version: v.literal(2, 'must be 2: another version of Holdline has written it'),
})

const savedSchema = v.object({
  version: v.literal(2),
  id: name,
  turns: count,
  history: v.array(item),
  answered: count,
  from: v.nullable(name),
  chain: v.nullable(v.object({ responseId: name, length: count, model: name })),
  calls: v.record(v.string(), v.picklist(['needs-approval', 'approved', 'running', 'interrupted'])),
  replay: v.picklist(REPLAY_POLICIES),
  lane: v.nullable(v.string()),
  underWay: v.nullable(
    v.object({ progress: v.picklist(['queued', 'sent', 'started', 'streaming']), input: v.array(item) }),
  ),
})

/** @throws {BadOptionError} with the path of what is not as `save` writes it */
export function parseSaved(saved: unknown): SavedConversation {
  parseOptions(versionSchema, saved)
  return parseOptions(savedSchema, saved) as unknown as SavedConversation
}

/** The chain that a restored conversation starts with. It holds on any connection, as its response is stored. */
export function restoredChain({ chain }: SavedConversation): Chain | null {
  if (chain === null) return null
  return { ...chain, connectionKey: '', lane: null, laneSerial: 0, stored: true, isForked: false }
}
