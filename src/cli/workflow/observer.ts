import type { Conversation, Steer, ToolEvent, Turn, TurnError } from '../../index.ts'

/** Hears what the workflow does, to show it. */
export interface WorkflowObserver {
  conversation(conversation: Conversation): void
  question(question: string): void
  /** Nothing is asked for a while. */
  pause(): void
  /** A turn was started, or started again. */
  turn(turn: Turn): void
  tool(event: ToolEvent): void
  steered(steer: Steer): void
  /** The turn that was started last is lost. */
  lost(error: TurnError, isAskedAgain: boolean): void
}
