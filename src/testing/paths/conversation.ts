import { type ConversationChart, conversationChart } from '../../../machines/conversation/chart.ts'
import { ConversationSubject } from '../drive/conversation-subject.ts'
import type { ConversationModelOptions, ConversationStep } from '../model/conversation-steps.ts'
import type { ExploreOptions } from './explore.ts'
import type { PathSubject } from './subject.ts'

const STEPS: readonly ConversationStep[] = [
  { do: 'respond' },
  { do: 'prime' },
  { do: 'cancel' },
  { do: 'grant' },
  { do: 'grant', unsent: 'not open' },
  { do: 'grant', unsent: 'too large' },
  { do: 'refuse' },
  { do: 'created' },
  { do: 'ended', end: 'completed' },
  { do: 'ended', end: 'completed', stored: true },
  { do: 'ended', end: 'failed' },
  { do: 'errored', code: 'previous_response_not_found', status: 400 },
  { do: 'errored', code: 'websocket_connection_limit_reached', status: 400 },
  { do: 'errored', code: 'websocket_stream_limit_reached', status: 400 },
  { do: 'errored', code: 'rate_limit_exceeded', status: 429 },
  { do: 'errored', code: 'invalid_prompt', status: 400 },
  { do: 'cut' },
  { do: 'hold' },
  { do: 'release' },
  { do: 'next' },
]

/** They lead nowhere that a turn would behave differently. */
const LAST_STEPS: readonly ConversationStep[] = [
  { do: 'moved', socket: 2 },
  { do: 'shrink', items: 1 },
  { do: 'forget', length: 1 },
]

/** What comes of another beginning, and of steers, is soon told. */
const FEW_STEPS: readonly ConversationStep[] = [
  { do: 'respond' },
  { do: 'prime' },
  { do: 'grant' },
  { do: 'created' },
  { do: 'ended', end: 'completed' },
  { do: 'cut' },
  { do: 'hold' },
  { do: 'release' },
  { do: 'steer' },
  { do: 'steer over' },
]

const PROFILES: Readonly<Record<string, ConversationModelOptions>> = {
  'from nothing': {},
  'a fork, and what was not answered': { begins: 'fork', policy: 'unanswered' },
  'restored, without warm-ups': { begins: 'restored', primes: false },
}

/** The conversation chart as a subject of generated paths. What goes on inside of a turn is the turn chart's. */
export const conversationPaths: PathSubject<ConversationStep, ConversationModelOptions> = {
  machine: conversationChart,
  profiles: PROFILES,
  explore: (options) => exploreConversation(options),
}

/** How one profile of the conversation chart is explored. */
export function exploreConversation(
  options: ConversationModelOptions,
  chart: ConversationChart = conversationChart,
): ExploreOptions<ConversationStep> {
  return {
    machine: conversationChart,
    steps: options.begins === undefined ? STEPS : FEW_STEPS,
    lastSteps: LAST_STEPS,
    begin: (inspect) => {
      const subject = new ConversationSubject(options, chart, inspect)
      return {
        take: (step) => subject.take(step),
        key: () => subject.key(),
        name: () => subject.view().state,
        stop: () => subject.stop(),
      }
    },
  }
}
