import type { SendPlan } from '../../../machines/conversation/chain.ts'
import type { ResponseCreateEvent } from '../../protocol/index.ts'
import { toolDefinitions } from '../tools/index.ts'
import type { History } from './history.ts'
import type { ConversationSettings, RequestSettings } from './options.ts'

/** The settings of a request: those of the conversation, with those of the turn on top. No input. */
export function requestOf(
  { request, tools }: ConversationSettings,
  ofTurn: Partial<RequestSettings> = {},
): ResponseCreateEvent {
  return {
    type: 'response.create',
    ...request,
    ...ofTurn,
    ...(tools.length > 0 && { tools: toolDefinitions(tools) }),
  } as ResponseCreateEvent
}

/** The request with what the plan says to send of the history. */
export function createOf(
  request: ResponseCreateEvent,
  plan: SendPlan,
  history: History,
): ResponseCreateEvent {
  // What the history goes on from is stored, and no item of it is here.
  const continued = plan.kind === 'delta' ? plan.previousResponseId : history.root
  return {
    ...request,
    ...(continued !== null && { previous_response_id: continued }),
    input: history.items(plan.from) as never,
  }
}
