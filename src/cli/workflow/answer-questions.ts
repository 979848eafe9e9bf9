import { type Conversation, type ResponsesConnection, openai } from '../../index.ts'
import { canSteer } from '../../protocol/providers.ts'
import { ask } from './ask.ts'
import type { WorkflowObserver } from './observer.ts'
import { INSTRUCTIONS, QUESTIONS } from './questions.ts'
import { TOOLS } from './tools/index.ts'

/** Waits for something between two questions. */
export type Pause = (
  connection: ResponsesConnection,
  conversation: Conversation,
  signal: AbortSignal,
) => Promise<void>

export interface WorkflowOptions {
  readonly model: string
  readonly pause?: Pause | undefined
  readonly observer: WorkflowObserver
  /** Ends the workflow: the turn under way is cancelled, and what waits rejects. */
  readonly signal: AbortSignal
}

/**
 * The workflow: three questions in one conversation, over a line whose connections may be lost, forget, or get too
 * old at any time. What the server remembers, and where turns are sent, is Holdline's business; nothing here
 * mentions it.
 *
 * @throws {ConnectionError} when the connection is closed or given up
 * @throws {TurnError} when a turn fails, or is lost too often
 * @throws {CommandError} when an answer is cut short
 */
export async function answerQuestions(
  connection: ResponsesConnection,
  { model, pause, observer, signal }: WorkflowOptions,
): Promise<void> {
  // A turn connects by itself; this way a wrong URL or key shows before anything is asked.
  await connection.connect({ signal })
  const conversation = connection.conversation({
    model,
    instructions: INSTRUCTIONS,
    tools: TOOLS,
    // Without it, a reasoning model's history could not be sent again to a server that stores nothing.
    include: ['reasoning.encrypted_content'],
  })
  observer.conversation(conversation)
  const asking = { connection, conversation, observer, signal }
  for (const { text, steer } of QUESTIONS) {
    if (text === QUESTIONS.at(-1)?.text && pause !== undefined) {
      observer.pause()
      await pause(connection, conversation, signal)
    }
    observer.question(text)
    await ask(asking, text, canSteer(openai, model) ? steer : undefined)
  }
}
