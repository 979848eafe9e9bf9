import { type ConversationChart, conversationChart } from '../../../machines/conversation/chart.ts'
import { ConversationSubject } from '../drive/conversation-subject.ts'
import {
  NOT_ASKED,
  OutsideConversationModel,
  type OutsideConversationOptions,
  isConversationOutside,
} from '../model/conversation-outside.ts'
import type { ConversationStep } from '../model/conversation-steps.ts'
import type { ExploreOptions } from './explore.ts'
import { CONVERSATION_EXTRAS } from './conversation-extras.ts'
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

/** Options of a conversation, and whether only what can be caused from outside is tried. */
export interface ConversationProfile extends OutsideConversationOptions {
  /** Default: false. */
  readonly outside?: boolean
}

const PROFILES: Readonly<Record<string, ConversationProfile>> = {
  'from nothing': {},
  'a fork, and what was not answered': { begins: 'fork', policy: 'unanswered' },
  'restored, without warm-ups': { begins: 'restored', primes: false },
  'over sockets': { outside: true },
  'over sockets, a fork': { outside: true, begins: 'fork', policy: 'unanswered' },
}

/** Each lane is of the socket that is there by then. */
const OUTSIDE_STEPS: readonly ConversationStep[] = [
  ...STEPS.filter((step) => step.do !== 'grant'),
  ...FEW_STEPS.filter((step) => step.do.startsWith('steer')),
  ...[1, 2].flatMap((socket): ConversationStep[] => [
    { do: 'grant', socket },
    { do: 'grant', socket, unsent: 'too large' },
    { do: 'grant', socket, unsent: 'not open' },
    { do: 'moved', socket },
  ]),
]

const FEW_OUTSIDE_STEPS: readonly ConversationStep[] = [
  ...FEW_STEPS.filter((step) => step.do !== 'grant'),
  { do: 'ended', end: 'completed', stored: true },
  { do: 'grant', socket: 1 },
  { do: 'grant', socket: 2 },
  { do: 'grant', socket: 1, lane: 'mine' },
  { do: 'grant', socket: 2, lane: 'mine' },
]

const LAST_OUTSIDE_STEPS: readonly ConversationStep[] = [
  { do: 'forget', length: 2 },
  { do: 'ended', end: 'completed', compacts: true },
]

/** The conversation chart as a subject of generated paths. What goes on inside of a turn is the turn chart's. */
export const conversationPaths: PathSubject<ConversationStep, ConversationProfile> = {
  machine: conversationChart,
  profiles: PROFILES,
  extras: CONVERSATION_EXTRAS,
  explore: (profile) => (profile.outside === true ? exploreOutside(profile) : exploreConversation(profile)),
  isOutside: isConversationOutside,
  reasons: {
    'conversation|lane.granted|0': NOT_ASKED,
    'conversation.busy.resting|lane.granted|0': NOT_ASKED,
    'conversation.busy|lane.granted|0': NOT_ASKED,
    'conversation.busy|lane.granted|0: yes': NOT_ASKED,
  },
}

/** How one profile of the conversation chart is explored. */
export function exploreConversation(
  options: ConversationProfile,
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

/** The same, where a step that cannot be caused does nothing. */
function exploreOutside(options: ConversationProfile): ExploreOptions<ConversationStep> {
  return {
    machine: conversationChart,
    steps: options.begins === undefined ? OUTSIDE_STEPS : FEW_OUTSIDE_STEPS,
    lastSteps: LAST_OUTSIDE_STEPS,
    begin: (inspect) => {
      const subject = new ConversationSubject(options, conversationChart, inspect)
      const model = new OutsideConversationModel(options)
      return {
        take: async (step) => {
          model.take(step)
          await subject.take(step)
        },
        applies: (step) => model.applies(step),
        key: () => subject.key() + model.key(),
        name: () => subject.view().state,
        stop: () => subject.stop(),
      }
    },
  }
}
