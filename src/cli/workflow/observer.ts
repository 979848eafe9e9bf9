import type { TurnLost } from '../../../machines/index.ts'
import type { FunctionCallItem, ResponseCreateEvent } from '../../protocol/index.ts'
import type { ToolResult } from './tools/tool.ts'

/** A `response.create` that is about to be sent. */
export interface Asking {
  /** Counts the turns of the conversation from 1. */
  readonly turn: number
  /** 1 for the first time that this turn is asked for. */
  readonly ask: number
  readonly request: ResponseCreateEvent
  /** Items in the whole history. */
  readonly history: number
}

/** Hears what a conversation does, to show it. What the model says is heard on the connection. */
export interface ConversationObserver {
  asking(asking: Asking): void
  /** It turned out that the line was already ending. */
  notSent(request: ResponseCreateEvent): void
  turnLost(turn: number, lost: TurnLost): void
  turnRefused(turn: number, code: string): void
  turnDone(): void
  toolCalled(call: FunctionCallItem): void
  toolReturned(call: FunctionCallItem, result: ToolResult): void
}
