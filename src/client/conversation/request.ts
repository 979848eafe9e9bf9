import type { SendPlan } from '../../../machines/conversation/chain.ts'
import type { ResponseCreateEvent } from '../../protocol/index.ts'
import { toolDefinitions } from '../tools/index.ts'
import type { History } from './history.ts'
import type { ConversationSettings, RequestSettings } from './options.ts'

/** The settings of a request: those of the conversation, with those of the turn on top. No input. */
export function requestOf(
  { request, tools, hostedTools }: ConversationSettings,
  ofTurn: Partial<RequestSettings> = {},
): ResponseCreateEvent {
  const all = [...toolDefinitions(tools), ...hostedTools]
  return {
    type: 'response.create',
    ...request,
    ...ofTurn,
    ...(all.length > 0 && { tools: all as never }),
  } as ResponseCreateEvent
}

/** The request with what the plan says to send of the history. */
export function createOf(
  request: ResponseCreateEvent,
  plan: SendPlan,
  history: History,
): ResponseCreateEvent {
  return {
    ...request,
    ...(plan.kind === 'delta' && { previous_response_id: plan.previousResponseId }),
    input: history.items(plan.from) as never,
  }
}

/** Names settings, so that the chart can compare them without seeing them: equal names, equal settings. */
export class SettingsNames {
  #last = ''
  #count = 0

  nameOf(request: ResponseCreateEvent): string {
    const text = JSON.stringify(request)
    if (text !== this.#last) this.#count += 1
    this.#last = text
    return `settings-${this.#count}`
  }
}

/** The name of the first settings of a conversation. */
export const FIRST_SETTINGS = 'settings-1'
