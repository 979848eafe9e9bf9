/** What the server remembers of a conversation. */
export interface ModelChain {
  readonly responseId: string
  readonly socket: number
  /** Null for the default lane. */
  readonly lane: string | null
  readonly holding: number
  readonly stored: boolean
  /** Items of the history that it stands for. */
  readonly length: number
  readonly modelName: string
  /** It is the response of another conversation. */
  readonly forked: boolean
}

/** What is sent: new items from `from` on, after `continues`, or everything, and why. */
export type ModelPlan =
  | { readonly continues: string; readonly from: number; readonly to: number }
  | { readonly whole: string; readonly to: number }

/** What a conversation begins with that is a fork, or restored. */
export function chainAtFirst(begins: 'fork' | 'restored'): ModelChain {
  const isFork = begins === 'fork'
  const place = { socket: isFork ? 1 : 0, lane: null, holding: 0 }
  return { ...place, responseId: 'resp_0', stored: !isFork, length: 2, modelName: 'same', forked: isFork }
}

/** What is to be sent, and where. */
export interface ModelSending {
  readonly socket: number
  readonly lane: string | null
  readonly holding: number
  readonly modelName: string
  /** Items of the history, new ones included. */
  readonly length: number
  /** New items that the server has as steers, on the lane of its response. */
  readonly taken: number
}

/** The delta rule: only what is new, where the server provably remembers everything else. */
export function planOf(chain: ModelChain | null, sending: ModelSending): ModelPlan {
  const whole = whyWhole(chain, sending)
  if (chain === null || whole !== null) return { whole: whole ?? 'no-chain', to: sending.length }
  return { continues: chain.responseId, from: chain.length + sending.taken, to: sending.length }
}

function whyWhole(chain: ModelChain | null, sending: ModelSending): string | null {
  if (chain === null) return 'no-chain'
  // Everything but the input must be as it was.
  if (sending.modelName !== chain.modelName) return 'other-model'
  // There must be something to send: only a warm-up has nothing, and that is sent whole.
  if (chain.length + sending.taken >= sending.length) return 'nothing-new'
  // What was stored can be continued from anywhere; steers are not stored.
  if (chain.stored && sending.taken === 0) return null
  // Everything else lives in the memory of one connection, and there under the lane that brought it.
  if (sending.socket !== chain.socket) return 'other-connection'
  // A fork is bound to its parent's lane by nothing but the response.
  if (chain.forked) return null
  return sending.lane === chain.lane && sending.holding === chain.holding ? null : 'other-lane'
}
