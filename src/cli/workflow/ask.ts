import {
  type Conversation,
  type ConversationInput,
  type ResponsesConnection,
  type RunResult,
  type Steer,
  type Turn,
  TurnError,
} from '../../index.ts'
import { CommandError } from '../exit.ts'
import type { WorkflowObserver } from './observer.ts'
import { steerWhenItSpeaks } from './steer.ts'

/** Turns that one question may take. A model that goes on calling tools is stopped there. */
const MOST_TURNS = 12
/** How often one turn is asked for. */
const MOST_ASKS = 3

export interface Asking {
  readonly connection: ResponsesConnection
  readonly conversation: Conversation
  readonly observer: WorkflowObserver
  readonly signal: AbortSignal
}

/**
 * Asks one question, and lets the model use the tools until it has answered.
 *
 * @param steer what to say into the answer as soon as it begins
 */
export async function ask(asking: Asking, question: string, steer?: string): Promise<void> {
  const steers: Steer[] = []
  const onTurn = (turn: Turn): void => {
    if (steer === undefined || steers.length > 0) return
    void steerWhenItSpeaks(turn, steer, (sent) => {
      steers.push(sent)
      asking.observer.steered(sent)
    })
  }
  const { response } = await runToTheEnd(asking, question, onTurn)
  if (response?.status === 'incomplete') {
    const reason = response.incomplete_details?.reason ?? 'incomplete'
    throw new CommandError(reason, 'The server cut the answer short.')
  }
  if (steer === undefined) return
  const result = await steers[0]?.result
  if (result?.outcome === 'committed') return
  // It came too late, was refused, or went with its connection: then it is a question of its own.
  asking.observer.question(steer)
  await ask(asking, steer)
}

/** `conversation.run`, taken up again where a turn of it was lost with its connection. */
async function runToTheEnd(
  { connection, conversation, observer, signal }: Asking,
  question: ConversationInput,
  onTurn: (turn: Turn) => void,
): Promise<RunResult> {
  let input = question
  for (let asks = 1; ; asks += 1) {
    const turns: Turn[] = []
    try {
      return await conversation.run(input, {
        signal,
        maxRounds: MOST_TURNS,
        onTurn: (turn) => {
          turns.push(turn)
          observer.turn(turn)
          onTurn(turn)
        },
        onTool: (event) => observer.tool(event),
      })
    } catch (error) {
      // Closed for good. Another turn would start it over, and what ended it says more than the turn does.
      if (connection.closedError !== null) throw connection.closedError
      const turn = turns.at(-1)
      if (!(error instanceof TurnError) || error.outcome !== 'lost' || turn === undefined) throw error
      // The turns before the lost one have been answered.
      if (turns.length > 1) asks = 1
      observer.lost(error, asks < MOST_ASKS)
      if (asks === MOST_ASKS) throw error
      // Holdline sends nothing twice that may have run: that would be paid for twice, and could do things twice.
      // These questions do no harm when they are asked again, so this is the place that decides to.
      input = turn.input
    }
  }
}
