import type { ModelChain, ModelPlan } from './conversation-chain.ts'
import type { TurnModelOptions, TurnStep } from './turn-steps.ts'

/** A lane of one socket. */
export interface LaneAt {
  /** Sockets are counted from 1. Default: 1. */
  readonly socket?: number
  /** Default: the default lane. */
  readonly lane?: string
  /** Counts those who held the lane one after the other, from 0. Default: 0. */
  readonly holding?: number
}

/**
 * One thing that happens to a conversation: a command of the application, what its line tells it, or what becomes of
 * the turn that it runs. Plain data, so that a list of steps is a test that can be pasted.
 *
 * A step that makes no sense where it comes does nothing.
 */
export type ConversationStep =
  | {
      readonly do: 'respond'
      /** New items of input. Default: 1. */
      readonly items?: number
      /** Items before them that the server has taken as steers already. Default: 0. */
      readonly taken?: number
      /** Of the new items, so many stay whatever becomes of the turn: outputs of tools. Default: 0. */
      readonly kept?: number
      /** The model that it asks. Default: `same`. */
      readonly modelName?: string
    }
  /** A warm-up, with the history as it is. */
  | { readonly do: 'prime'; readonly modelName?: string }
  | { readonly do: 'cancel' }
  /** The history was replaced by another one, of so many items. */
  | { readonly do: 'forget'; readonly length: number }
  /** So many items at the beginning of the history were dropped: a compaction stands for them. */
  | { readonly do: 'shrink'; readonly items: number }
  /** A fork was sent that is not bound yet, and is bound. */
  | { readonly do: 'hold' }
  | { readonly do: 'release' }
  /** A steer begins, and the oldest one ends. */
  | { readonly do: 'steer' }
  | { readonly do: 'steer over' }
  /** The line gives a lane. The turn is handed over there at once, unless it is `unsent`: then it cannot be. */
  | ({ readonly do: 'grant'; readonly unsent?: 'not open' | 'too large' } & LaneAt)
  /** The line gives no lane. */
  | { readonly do: 'refuse' }
  /** A socket that the turn does not run on has ended. */
  | { readonly do: 'lost elsewhere' }
  /** The line has moved to another socket. */
  | {
      readonly do: 'moved'
      readonly socket: number
      /** Calls have no output yet, without which the server takes no warm-up. Default: false. */
      readonly callsOpen?: boolean
    }
  | Extract<
      TurnStep,
      {
        do:
          | 'heard'
          | 'created'
          | 'output'
          | 'errored'
          | 'cut'
          | 'steer accepted'
          | 'steer closed'
          | 'wait'
          | 'next'
      }
    >
  | (Extract<TurnStep, { do: 'ended' }> & {
      /** Default: false. */
      readonly stored?: boolean
      /** Items of output. Default: 1. */
      readonly items?: number
      /** The first of them is a compaction, which stands for everything before it. Default: false. */
      readonly compacts?: boolean
    })

/** Where a conversation begins. */
export interface ConversationBeginning {
  readonly chain: ModelChain | null
  /** Items of its history. */
  readonly history: number
}

/** What a conversation depends on. */
export interface ConversationModelOptions extends TurnModelOptions {
  /** Whether the endpoint knows warm-ups. Default: true. */
  readonly primes?: boolean
  /**
   * Where it begins: from nothing, as a fork of a conversation whose last response is on the default lane of socket 1,
   * or restored, from a response that was stored (these two with a history of 2 items), or anywhere. Default: `new`.
   */
  readonly begins?: 'new' | 'fork' | 'restored' | ConversationBeginning
}

export type ConversationState = 'idle' | 'turning' | 'priming' | 'resting' | 'held'

/** What can be seen of a conversation. Lists hold everything since it began. */
export interface ConversationView {
  readonly state: ConversationState
  /** Where its turn is, as `TurnView` has it; null without one. */
  readonly turn: string | null
  /** Items of the history, those of a turn under way included. */
  readonly history: number
  /** What the server remembers. */
  readonly chain: ModelChain | null
  /** The lane that it holds, as `1/default`, or null. */
  readonly lease: string | null
  /** What was sent, or was about to be, and where. */
  readonly sent: readonly { readonly at: string; readonly plan: ModelPlan }[]
  /** What the line was told: `request`, `withdraw`, `release 1/default`, `release 1/a with tail`, `exhausted 1/a`, `unusable 1/a`, `renew 1`. */
  readonly told: readonly string[]
  /** Why turns were sent again. */
  readonly resent: readonly string[]
  /** How turns have settled: `turn-1 completed streaming`. */
  readonly settled: readonly string[]
  /** Sockets that it was asked to move to, for want of anything better to do. */
  readonly moves: readonly number[]
  /** Times that a turn asked to be told of its next event. */
  readonly listened: number
  readonly holds: number
  readonly steers: number
}
