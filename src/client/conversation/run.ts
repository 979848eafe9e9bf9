import { BadOptionError, HoldlineError } from '../../protocol/errors.ts'
import type { OutputItem, TurnResponse } from '../../protocol/index.ts'
import {
  type AnyTool,
  type RunToolCallsOptions,
  ownFunctions,
  pendingCalls,
  runToolCalls,
  runnable,
} from '../tools/index.ts'
import { runSettings } from '../tools/run-options.ts'
import type { PendingCalls } from '../tools/pending-calls.ts'
import type { Conversation } from './conversation.ts'
import type { ConversationInput } from './history.ts'
import type { Turn } from './turn.ts'

/** Options of `conversation.run`: how tools run, and how long the loop may go on. */
export interface RunOptions extends RunToolCallsOptions {
  /** Turns that may ask for tools, one after the other, before the loop is ended. Default: 32. */
  readonly maxRounds?: number | undefined
  /** Is given each turn as it starts, to read its events. What it throws cancels the turn, and ends the run. */
  readonly onTurn?: ((turn: Turn) => void) | undefined
}

/** What came of a run. */
export interface RunResult {
  /** The last response: it asks for no tool that `run` could run. */
  readonly response: TurnResponse
  /** Its text. */
  readonly text: string
  /** Turns that were run. */
  readonly turns: number
  /** Work that the response leaves to you, because no tool of the conversation can do it. */
  readonly unserved: readonly OutputItem[]
}

const MAX_ROUNDS = 32

export async function runTools(
  conversation: Conversation,
  tools: readonly AnyTool[],
  input: ConversationInput,
  { maxRounds = MAX_ROUNDS, onTurn, ...options }: RunOptions,
): Promise<RunResult> {
  // Before anything is sent: a turn that was paid for must not end in a bad option.
  runSettings(options)
  if (!Number.isSafeInteger(maxRounds) || maxRounds < 1) {
    throw new BadOptionError('maxRounds', 'must be a whole number of at least 1')
  }
  let next: ConversationInput = input
  for (let turns = 1; ; turns += 1) {
    const turn = conversation.respond(next, { signal: options.signal })
    try {
      onTurn?.(turn)
    } catch (error) {
      turn.cancel()
      throw error
    }
    const response = await turn.response
    const { calls, unserved } = workOf(response, tools)
    if (calls.length === 0 || unserved.length > 0) {
      return {
        response,
        text: response.output_text,
        turns,
        unserved: [...unserved, ...(unserved.length > 0 ? calls : [])],
      }
    }
    if (turns >= maxRounds) throw tooManyRounds(maxRounds)
    next = await runToolCalls(calls, runnable(tools), options)
  }
}

/** Calls of functions that the application answers itself are not for `run`. */
function workOf(response: TurnResponse, tools: readonly AnyTool[]): PendingCalls {
  const { calls, unserved } = pendingCalls(response)
  const own = ownFunctions(tools)
  const isOwn = ({ name }: { name: string }) => own.has(name)
  return { calls: calls.filter((call) => !isOwn(call)), unserved: [...unserved, ...calls.filter(isOwn)] }
}

function tooManyRounds(maxRounds: number): HoldlineError {
  return new HoldlineError(
    'ERR_TOOL_LOOP',
    `The model asked for tools in ${maxRounds} turns one after the other. The tools of the last were not run. ` +
      'Answer the open calls with respond(), or raise maxRounds.',
  )
}
