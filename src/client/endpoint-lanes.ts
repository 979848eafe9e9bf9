import type { LaneEvidence } from '../../machines/line/lane-news.ts'
import { type ProviderProfile, isOwnAddress } from '../protocol/providers.ts'

/** What endpoints have shown of their lanes, in this process. Bounded: addresses can be made up. */
const shown = new Map<string, LaneEvidence>()
const REMEMBERED = 256

/** Whether the lanes of a profile are there, as far as it is known of this endpoint. */
export function laneEvidence(provider: ProviderProfile, endpoint: string): LaneEvidence {
  return shown.get(endpoint) ?? (isOwnAddress(provider, endpoint) ? 'believed' : 'unseen')
}

export function noteLaneEvidence(endpoint: string, evidence: LaneEvidence): void {
  shown.set(endpoint, evidence)
  const [oldest] = shown.keys()
  if (shown.size > REMEMBERED && oldest !== undefined) shown.delete(oldest)
}
