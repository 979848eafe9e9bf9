import type { Chain } from '../../../machines/conversation/chain.ts'
import type { TurnOrigin } from '../../../machines/conversation/types.ts'
import type { ReplayPolicy } from '../../../machines/turn/resend.ts'
import type { ResponseCreateEvent } from '../../protocol/index.ts'
import type { Secret } from '../../protocol/secret.ts'
import type { TransportOptions } from '../../protocol/transport.ts'
import type { ConversationActorRef, LineActorRef } from '../line-machine.ts'
import type { HistoryItem, HistoryStart } from './history.ts'
import type { ToolClock } from '../tools/run-options.ts'
import type { ConversationSettings } from './options.ts'
import type { SavedConversation } from './saved.ts'
import type { Switchboard } from './switchboard.ts'

/** What a conversation needs of the connection that it was opened on, which opens others as `Opened`. */
export interface ConversationHost<Opened = unknown> {
  readonly line: LineActorRef
  readonly switchboard: Switchboard
  /** Whether the endpoint can be steered with this model. */
  readonly canSteer: (model: string) => boolean
  readonly primes: boolean
  /** What tools and requests for a compacted history are timed by. */
  readonly clock: ToolClock
  /** What the current connection is dialed with: HTTP takes the same way. */
  readonly transport: () => Secret<TransportOptions>
  /** Why there is no connection, while it is closed. */
  readonly closedError: () => Error | null
  /** Opens another conversation on the same connection. */
  readonly open: (settings: ConversationSettings, start: ConversationStart) => Opened
}

/** Where a conversation begins: from nothing, or from what was saved. */
export interface ConversationStart {
  readonly history: readonly HistoryItem[]
  readonly chain: Chain | null
  /** What of the history the model has answered, and what the history goes on from. */
  readonly at?: HistoryStart | undefined
  /** Of a saved one: its name, its turns so far, and what is known of its calls. */
  readonly saved?: Pick<SavedConversation, 'id' | 'turns' | 'calls'> | undefined
  /** A turn that was under way when the conversation was saved. */
  readonly underWay?: SavedConversation['underWay'] | undefined
  /** The conversation that it was forked from: it waits until the fork is bound. */
  readonly parent?: ConversationActorRef | undefined
  /** Its turns come by `exchange`, with their history: there is nothing to prime a fresh connection with. */
  readonly isStateless?: boolean | undefined
}

/** A turn of a caller that keeps the history. */
export interface Exchange {
  /** All of the history, the new input included. */
  readonly items: readonly HistoryItem[]
  readonly origin: TurnOrigin
  /** Settings of the request, without input. */
  readonly request: ResponseCreateEvent
  readonly policy: ReplayPolicy
  readonly signal: AbortSignal | undefined
}
