import { createConversationModel } from './conversation-model.ts'
import type { ConversationModelOptions, ConversationStep } from './conversation-steps.ts'
import { pick, seededRandom } from './random.ts'
import type { ScheduleOptions } from './schedule.ts'

const REFUSALS = [
  { code: 'previous_response_not_found', status: 400 },
  { code: 'websocket_connection_limit_reached', status: 400 },
  { code: 'websocket_stream_limit_reached', status: 400 },
  { code: 'invalid_api_key', status: 401 },
  { code: 'rate_limit_exceeded', status: 429 },
  { code: 'server_error', status: 500 },
  { code: 'invalid_prompt', status: 400 },
] as const

/** Steps of a random schedule. What leads on stands there more often than what ends everything. */
export const CONVERSATION_STEPS: readonly ConversationStep[] = [
  ...times<ConversationStep>(5, { do: 'respond' }),
  { do: 'respond', items: 2, taken: 1 },
  { do: 'respond', modelName: 'other' },
  ...times<ConversationStep>(2, { do: 'prime' }),
  { do: 'prime', modelName: 'other' },
  ...times<ConversationStep>(8, { do: 'grant' }),
  ...times<ConversationStep>(2, { do: 'grant', lane: 'a' }),
  { do: 'grant', lane: 'a', holding: 1 },
  ...times<ConversationStep>(2, { do: 'grant', socket: 2 }),
  { do: 'grant', unsent: 'not open' },
  { do: 'grant', unsent: 'too large' },
  { do: 'refuse' },
  ...times<ConversationStep>(4, { do: 'created' }),
  ...times<ConversationStep>(3, { do: 'output' }),
  { do: 'heard' },
  ...times<ConversationStep>(5, { do: 'ended', end: 'completed' }),
  ...times<ConversationStep>(2, { do: 'ended', end: 'completed', stored: true, items: 2 }),
  { do: 'ended', end: 'completed', compacts: true },
  { do: 'ended', end: 'completed', waits: true },
  { do: 'ended', end: 'incomplete', code: 'max_output_tokens' },
  { do: 'ended', end: 'incomplete', code: 'steered', items: 3 },
  { do: 'ended', end: 'failed', code: 'server_error' },
  ...REFUSALS.map((refusal) => ({ do: 'errored' as const, ...refusal })),
  { do: 'errored', code: 'rate_limit_exceeded', status: 429, retryAfterMs: 90_000 },
  { do: 'cut' },
  ...times<ConversationStep>(2, { do: 'cancel' }),
  ...times<ConversationStep>(2, { do: 'moved', socket: 2 }),
  ...times<ConversationStep>(2, { do: 'hold' }),
  ...times<ConversationStep>(4, { do: 'release' }),
  { do: 'forget', length: 1 },
  { do: 'shrink', items: 1 },
  { do: 'steer' },
  { do: 'steer over' },
  ...times<ConversationStep>(4, { do: 'next' }),
  { do: 'wait', ms: 999 },
]

export const CONVERSATION_OPTIONS: readonly ConversationModelOptions[] = [
  {},
  { policy: 'unanswered' },
  { policy: 'never', firstEventMs: false, interEventMs: false },
  { primes: false },
  { begins: 'fork', policy: 'unanswered' },
  { begins: 'restored' },
]

/** Random options and steps for a conversation, that make sense one after the other. */
export interface ConversationSchedule {
  readonly options: ConversationModelOptions
  readonly steps: readonly ConversationStep[]
}

/** Makes a random schedule of a conversation. It asks the model which steps apply. */
export function randomConversation({
  seed,
  length = 40,
}: Omit<ScheduleOptions, 'outsideOnly'>): ConversationSchedule {
  const random = seededRandom(seed)
  const options = pick(CONVERSATION_OPTIONS, random) ?? {}
  const model = createConversationModel(options)
  const steps: ConversationStep[] = []
  while (steps.length < length) {
    const step = pick(CONVERSATION_STEPS, random)
    if (step === undefined || !model.applies(step)) continue
    model.take(step)
    steps.push(step)
  }
  return { options, steps }
}

function times<Step>(count: number, step: Step): Step[] {
  return Array.from({ length: count }, () => step)
}
