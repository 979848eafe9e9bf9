import { HTTP } from '../line/lane-news.ts'

/** What the server remembers of a conversation, as far as the client knows. */
export interface Chain {
  /** The last completed response. */
  readonly responseId: string
  /** The connection and the holding of a lane under which it is remembered. */
  readonly connectionKey: string
  readonly lane: string | null
  readonly laneSerial: number
  /** True when the response was stored: then any connection can continue it. */
  readonly stored: boolean
  /** History items that the response stands for: its whole input, and its output. */
  readonly length: number
  /** The model that gave it. */
  readonly model: string
  /** It is another conversation's last response: it can be continued from any lane of its connection. */
  readonly isForked: boolean
}

/** Where and how the next turn is about to be sent. */
export interface Sending {
  readonly connectionKey: string
  readonly lane: string | null
  readonly laneSerial: number
  readonly model: string
  /** History items at hand, the new input included. */
  readonly length: number
  /** Of the new items, the first so many that the server has already, on the lane of its last response: steers. */
  readonly taken: number
}

/** Why a turn is sent with its full history. */
export type FullReason =
  | 'no-chain'
  | 'other-connection'
  | 'other-lane'
  | 'other-model'
  | 'nothing-new'
  | 'replay'

/** `delta`: items from `from` on, continuing `previousResponseId`. `full`: all items, from 0 on. */
export type SendPlan =
  | { readonly kind: 'delta'; readonly previousResponseId: string; readonly from: number }
  | { readonly kind: 'full'; readonly reason: FullReason; readonly from: 0 }

/**
 * The delta rule: only new items are sent when the server provably remembers the rest. That is the case on the
 * same connection and lane, when the last turn there completed and nothing failed since. A stored response can be
 * continued anywhere.
 *
 * Settings end no chain: the server takes each turn's as they come, and inherits none. Only another model starts
 * over, because what is remembered is the model's own.
 *
 * The history is append-only and kept verbatim, so that it starts with what the chain stands for needs no look.
 */
export function planSending(chain: Chain | null, sending: Sending): SendPlan {
  const reason = reasonForFull(chain, sending)
  if (chain !== null && reason === null) {
    return { kind: 'delta', previousResponseId: chain.responseId, from: chain.length + sending.taken }
  }
  return { kind: 'full', reason: reason ?? 'no-chain', from: 0 }
}

function reasonForFull(chain: Chain | null, sending: Sending): FullReason | null {
  if (chain === null) return 'no-chain'
  if (chain.model !== sending.model) return 'other-model'
  if (sending.length <= chain.length + sending.taken) return 'nothing-new'
  // A steer is remembered beside the response, not stored with it.
  if (chain.stored && sending.taken === 0) return null
  if (chain.connectionKey !== sending.connectionKey) return 'other-connection'
  // Over HTTP nothing is remembered, whoever asks.
  if (sending.connectionKey === HTTP) return 'other-connection'
  if (chain.isForked) return null
  if (chain.lane !== sending.lane || chain.laneSerial !== sending.laneSerial) return 'other-lane'
  return null
}
