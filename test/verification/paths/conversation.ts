import { conversationChart } from '../../../machines/conversation/chart.ts'
import { ConversationSubject } from '../drive/conversation-subject.ts'
import {
  BUSY,
  NOT_ASKED,
  NOT_CLOSING,
  NOT_TOLD,
  OutsideConversationModel,
  type OutsideConversationOptions,
  isConversationOutside,
} from '../model/conversation-outside.ts'
import type { ConversationStep } from '../model/conversation-steps.ts'
import type { ExploreOptions } from '../../../src/testing/paths/explore.ts'
import { CONVERSATION_EXTRAS } from './conversation-extras.ts'
import type { PathSubject } from '../../../src/testing/paths/subject.ts'

const STEPS: readonly ConversationStep[] = [
  // More than one item, so that there is something to leave out of the history, twice.
  { do: 'respond', items: 3 },
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
  { do: 'lost elsewhere' },
  { do: 'hold' },
  { do: 'release' },
  { do: 'moved', socket: 2 },
  { do: 'next' },
]

/** Steps that are done otherwise where only what can be caused from outside is tried. */
const PLACED: ReadonlySet<string> = new Set(['respond', 'grant', 'moved'])

/** What is left out of the history. */
const COMPACTIONS: readonly ConversationStep[] = [
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
  { do: 'moved', socket: 2 },
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
  { do: 'respond' },
  ...STEPS.filter((step) => !PLACED.has(step.do)),
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

const OUTSIDE_COMPACTIONS: readonly ConversationStep[] = [
  { do: 'forget', length: 2 },
  { do: 'ended', end: 'completed', compacts: true },
]

/** The conversation chart as a subject of generated paths. What goes on inside of a turn is the turn chart's. */
export const conversationPaths: PathSubject<ConversationStep, ConversationProfile> = {
  machine: conversationChart,
  profiles: PROFILES,
  extras: CONVERSATION_EXTRAS,
  explore: exploreConversation,
  isOutside: isConversationOutside,
  reasons: {
    'conversation|lane.granted|0': NOT_ASKED,
    'conversation.busy.resting|lane.granted|0': NOT_ASKED,
    'conversation.busy|lane.granted|0': NOT_ASKED,
    'conversation.busy|lane.granted|0: yes': NOT_ASKED,
    'conversation.busy|lane.unusable|0': NOT_CLOSING,
    'conversation.busy|lane.lost|0: no': NOT_TOLD,
    'conversation.busy|respond|0: no': BUSY,
  },
}

function exploreConversation(options: ConversationProfile): ExploreOptions<ConversationStep> {
  return {
    machine: conversationChart,
    steps: stepsOf(options),
    begin: (inspect) => {
      const subject = new ConversationSubject(options, conversationChart, inspect)
      const model = options.outside === true ? new OutsideConversationModel(options) : null
      return {
        take: async (step) => {
          model?.take(step)
          await subject.take(step)
        },
        applies: (step) => model?.applies(step) ?? true,
        key: () => `${subject.key()}${model?.key() ?? ''}`,
        name: () => subject.view().state,
        stop: () => subject.stop(),
      }
    },
  }
}

function stepsOf({ begins, outside = false }: ConversationProfile): readonly ConversationStep[] {
  const all = begins === undefined
  if (outside) return [...(all ? OUTSIDE_STEPS : FEW_OUTSIDE_STEPS), ...OUTSIDE_COMPACTIONS]
  return [...(all ? STEPS : FEW_STEPS), ...COMPACTIONS]
}
