import * as v from 'valibot'
import { parseOptions } from '../../protocol/options/parse.ts'
import type { Chain } from '../../../machines/conversation/chain.ts'
import { REPLAY_POLICIES, type ReplayPolicy } from '../../../machines/turn/resend.ts'
import type { TurnResult } from '../../../machines/turn/types.ts'
import type { InputItem } from '../../protocol/index.ts'
import type { HistoryItem } from './history.ts'
import type { ConversationSettings } from './options.ts'

/** A conversation as plain data. It holds the history, and no credential. */
export interface SavedConversation {
  readonly version: 1
  readonly history: readonly HistoryItem[]
  /** The stored response that the next turn can continue from any connection; null: the history is sent whole. */
  readonly chain: { readonly responseId: string; readonly length: number } | null
  readonly replay: ReplayPolicy
  readonly lane: string | null
  /** A turn that was under way: its outcome is unknown, unless it was still queued. */
  readonly underWay: {
    readonly progress: TurnResult['progress']
    readonly input: readonly InputItem[]
  } | null
}

interface Savable {
  readonly history: readonly HistoryItem[]
  readonly chain: Chain | null
  readonly settings: ConversationSettings
  readonly underWay: SavedConversation['underWay']
}

export function saveConversation({ history, chain, settings, underWay }: Savable): SavedConversation {
  const { replay, lane } = settings
  // What only a socket remembered is gone in another process.
  const stored = chain?.stored === true ? { responseId: chain.responseId, length: chain.length } : null
  return structuredClone({ version: 1, history, chain: stored, replay, lane, underWay })
}

const item = v.record(v.string(), v.unknown())

const savedSchema = v.object({
  version: v.literal(1),
  history: v.array(item),
  chain: v.nullable(
    v.object({
      responseId: v.pipe(v.string(), v.minLength(1)),
      length: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
  ),
  replay: v.picklist(REPLAY_POLICIES),
  lane: v.nullable(v.string()),
  underWay: v.nullable(
    v.object({ progress: v.picklist(['queued', 'sent', 'started', 'streaming']), input: v.array(item) }),
  ),
})

/** @throws {BadOptionError} with the path of what is not as `save` writes it */
export function parseSaved(saved: unknown): SavedConversation {
  return parseOptions(savedSchema, saved) as unknown as SavedConversation
}

/** The chain that a restored conversation starts with. It holds on any connection, as its response is stored. */
export function restoredChain({ chain }: SavedConversation, settings: string): Chain | null {
  if (chain === null) return null
  return { ...chain, connectionKey: '', lane: null, laneSerial: 0, stored: true, settings, isForked: false }
}
