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
  return {
    ...request,
    ...(plan.kind === 'delta' && { previous_response_id: plan.previousResponseId }),
    input: history.items(plan.from) as never,
  }
}

/** The name of the settings that a conversation was opened with. */
export const FIRST_SETTINGS = 'settings-1'

/** Names settings, so that the chart can compare them without seeing them: equal names, equal settings. */
export class SettingsNames {
  readonly #first: ResponseCreateEvent
  #firstText: string | null = null
  #last = ''
  #count = 1

  /** @param first the settings that a conversation was opened with; whoever names them gives this very object */
  constructor(first: ResponseCreateEvent) {
    this.#first = first
  }

  nameOf(request: ResponseCreateEvent): string {
    // Settings hold the tools: to write them for each turn would cost more than the turn's own input.
    if (request === this.#first) return FIRST_SETTINGS
    const text = JSON.stringify(request)
    this.#firstText ??= JSON.stringify(this.#first)
    if (text === this.#firstText) return FIRST_SETTINGS
    if (text !== this.#last) this.#count += 1
    this.#last = text
    return `settings-${this.#count}`
  }
}
