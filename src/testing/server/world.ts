import type { Clock } from '../clock.ts'
import type { TurnByHand } from './by-hand.ts'
import type { Ids } from './ids.ts'
import type { StoredResponses } from './memory.ts'
import type { RequestRecord, TranscriptEntry, UpgradeRecord } from './records.ts'
import { Log } from './records.ts'
import type { Settings } from './settings.ts'
import type { TurnScript } from './turns.ts'

/** What all connections of one server share. */
export interface World {
  readonly clock: Clock
  readonly settings: Settings
  readonly ids: Ids
  readonly stored: StoredResponses
  readonly turns: TurnScript
  /** Responses that a test gives, in the order in which they began. */
  readonly byHand: Set<TurnByHand>
  readonly logs: Logs
  /** Tells the waiting helpers to look again. */
  readonly changed: () => void
}

/** Everything the server writes down. */
export class Logs {
  readonly requests: Log<RequestRecord>
  readonly transcript: Log<TranscriptEntry>
  readonly upgrades: Log<UpgradeRecord>
  readonly creates = new Map<string, number>()
  readonly runs = new Map<string, number>()
  readonly #keepFrames: boolean

  constructor(limit: number, keepFrames: boolean) {
    this.requests = new Log(limit)
    this.transcript = new Log(limit)
    this.upgrades = new Log(limit)
    this.#keepFrames = keepFrames
  }

  frame(entry: Omit<TranscriptEntry, 'text'>, text: string): void {
    this.transcript.add(this.#keepFrames ? { ...entry, text } : entry)
  }
}

/** Turn keys that are counted; the oldest goes when there are more. */
const COUNTED_KEYS = 100_000

/** Adds one to a key's count. */
export function countUp(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
  const [oldest] = counts.keys()
  if (counts.size > COUNTED_KEYS && oldest !== undefined) counts.delete(oldest)
}
