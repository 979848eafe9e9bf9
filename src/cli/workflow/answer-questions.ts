import type { ResponsesConnection } from '../../client/connection.ts'
import { Conversation } from './conversation.ts'
import type { ConversationObserver } from './observer.ts'
import { TOOLS } from './tools/index.ts'

const INSTRUCTIONS =
  'You answer questions about the TypeScript package that your tools can read. Look things up before you answer, ' +
  'name the file and the line, and answer in at most three sentences of plain text.'

/** What the workflow asks. Each question takes several turns, because the model looks things up first. */
const QUESTIONS = Object.freeze([
  'How long does Holdline wait before it reconnects, and where is that written?',
  'After which close codes does it try again, and what does it do when the account is out of credit?',
])

/** The workflow: two questions, one conversation, one connection that may be lost at any time. */
export async function answerQuestions(
  connection: ResponsesConnection,
  { model, observer }: { readonly model: string; readonly observer: WorkflowObserver },
): Promise<void> {
  await connection.connect()
  const conversation = new Conversation(connection, {
    model,
    instructions: INSTRUCTIONS,
    tools: TOOLS,
    observer,
  })
  for (const question of QUESTIONS) {
    observer.question(question)
    await conversation.ask(question)
  }
  await connection.close()
}

export interface WorkflowObserver extends ConversationObserver {
  question(question: string): void
}
