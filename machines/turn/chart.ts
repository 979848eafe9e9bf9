import { assign, sendTo, setup } from 'xstate'
import { delayInRange } from '../delay-range.ts'
import * as step from './context.ts'
import type { ResendReason } from './resend.ts'
import type {
  TurnContext,
  TurnEvent,
  TurnInput,
  TurnListening,
  TurnOutcome,
  TurnReady,
  TurnRequeued,
  TurnResult,
} from './types.ts'

/** How a response ends by its own terminal event. */
const ends = [
  // Each successor has its own time to come.
  { guard: 'isSteered', target: '#turn.interrupted', reenter: true, actions: 'followUp' },
  { guard: 'isCompleted', target: '#turn.completed', actions: settle('completed') },
  { guard: 'isIncomplete', target: '#turn.incomplete', actions: settle('incomplete') },
  { target: '#turn.failed', actions: settle('failed') },
] as const

/** What ends a turn, in every state after it was sent. */
const endings = {
  'turn.ended': ends,
  'turn.errored': { target: '#turn.failed', actions: settle('failed') },
  'turn.cut': { target: '#turn.lost', actions: settle('lost', { fault: 'connection' }) },
  'turn.faulted': {
    target: '#turn.failed',
    actions: settle('failed', { fault: 'unreadable', leavesTail: true }),
  },
  cancel: { target: '#turn.cancelled', actions: settle('cancelled', { leavesTail: true }) },
} as const

/** A response that was steered may be followed up by another one. */
const followable = {
  ...endings,
  'turn.ended': [
    { guard: 'isFollowedUp', target: '#turn.lingering', reenter: true, actions: 'followUp' },
    ...ends,
  ],
  'turn.steerClosed': { actions: 'closeSteer' },
} as const

const steerable = { ...followable, 'turn.steerAccepted': { actions: 'openSteer' } } as const

const begun = { target: '#turn.started', actions: 'noteCreated' } as const
const flowing = { target: '#turn.streaming', actions: 'noteOutput' } as const

/**
 * The clock between two events. The turn pauses before it asks to be told of the next event, so that a short response
 * costs no transition for it, and a stream of thousands one now and then.
 */
const clocked = {
  initial: 'pausing',
  states: {
    pausing: { after: { listenPause: { guard: 'interEventIsOn', target: 'listening' } } },
    listening: { entry: 'listen', on: { 'turn.heard': 'pausing' }, after: { interEvent: 'overdue' } },
    overdue: { on: { 'turn.heard': 'pausing' }, after: { readingGrace: silence() } },
  },
} as const

/** The time for a first event, and for a successor. */
function waitingFor<const End>(delay: 'firstEvent' | 'successor', end: End, guard?: 'firstEventIsOn') {
  return {
    initial: 'waiting',
    states: {
      waiting: { after: { [delay]: { target: 'overdue', ...(guard && { guard }) } } },
      overdue: { after: { readingGrace: end } },
    },
  } as const
}

function silence() {
  return { target: '#turn.lost', actions: settle('lost', { fault: 'silence', leavesTail: true }) } as const
}

function settle<const Outcome extends TurnOutcome>(
  outcome: Outcome,
  { fault = null, leavesTail = false }: Partial<Pick<TurnContext, 'fault' | 'leavesTail'>> = {},
) {
  return { type: 'settle', params: { outcome, fault, leavesTail } } as const
}

/**
 * One `response.create` and what comes of it: `queued → sent → started → streaming`, and settled exactly once as
 * `completed`, `incomplete`, `failed`, `refused`, `unsent`, `cancelled` or `lost`. The result is the actor's output.
 *
 * A turn that may be sent again goes back to `queued` with a reason. The successor that a steered response gets is
 * part of the same turn.
 */
export const turnChart = setup({
  types: {} as { context: TurnContext; input: TurnInput; events: TurnEvent; output: TurnResult },
  guards: {
    isSteered: ({ event }) =>
      event.type === 'turn.ended' && event.outcome === 'incomplete' && event.code === 'steered',
    /** The server has taken a steer and nothing waits for the client: it may go on by itself. */
    isFollowedUp: ({ context, event }) =>
      event.type === 'turn.ended' &&
      event.outcome === 'completed' &&
      !event.waitsForClient &&
      context.openSteers > 0,
    isCompleted: ({ event }) => event.type === 'turn.ended' && event.outcome === 'completed',
    isIncomplete: ({ event }) => event.type === 'turn.ended' && event.outcome === 'incomplete',
    mayResend: ({ context, event }) => step.mayResend(context, event),
    hasNoDelay: ({ context }) => context.delayMs === 0,
    /** An earlier sending was never answered: that one may have run. */
    wasUnanswered: ({ context }) => context.resends.unanswered !== undefined,
    isLastSteer: ({ context }) => context.openSteers <= 1,
    firstEventIsOn: ({ context }) => context.limits.firstEventMs !== null,
    interEventIsOn: ({ context }) => context.limits.interEventMs !== null,
  },
  delays: {
    resendDelay: ({ context }) => delayInRange(context.delayMs),
    firstEvent: ({ context }) => delayInRange(context.limits.firstEventMs),
    interEvent: ({ context }) => delayInRange(context.limits.interEventMs),
    /** A tenth of the limit: the clock is that much late at the most. */
    listenPause: ({ context }) => delayInRange((context.limits.interEventMs ?? 0) / 10),
    /** After a blocked event loop, timers run before the sockets are read: one more moment for what has come. */
    readingGrace: 100,
    /** For the server to name the successor of a response that was steered. */
    successor: 30_000,
  },
  actions: {
    tellReady: sendTo(
      ({ context }) => context.parent,
      ({ context }): TurnReady => ({ type: 'turn.ready', turnId: context.turnId, reason: context.reason }),
    ),
    /** What was held for it is free while it waits. */
    tellRequeued: sendTo(
      ({ context }) => context.parent,
      ({ context }): TurnRequeued => ({
        type: 'turn.requeued',
        turnId: context.turnId,
        reason: context.reason as ResendReason,
      }),
    ),
    listen: sendTo(
      ({ context }) => context.parent,
      ({ context }): TurnListening => ({ type: 'turn.listening', turnId: context.turnId }),
    ),
    noteDispatched: assign(() => step.dispatched()),
    noteCreated: assign(({ context, event }) => step.created(context, event)),
    noteOutput: assign(() => step.output()),
    resend: assign(({ context, event }) => step.resend(context, event)),
    settle: assign(({ context, event }, params: step.Settlement) => step.settle(context, event, params)),
    followUp: assign(({ context, event }) => step.followUp(context, event)),
    openSteer: assign(({ context }) => step.steers(context, 1)),
    closeSteer: assign(({ context }) => step.steers(context, -1)),
  },
}).createMachine({
  id: 'turn',
  context: ({ input }) => step.initialContext(input),
  output: ({ context }) => step.resultOf(context),
  initial: 'queued',
  states: {
    queued: {
      initial: 'delayed',
      on: { cancel: { target: 'cancelled', actions: settle('cancelled') } },
      states: {
        delayed: { always: { guard: 'hasNoDelay', target: 'ready' }, after: { resendDelay: 'ready' } },
        ready: {
          entry: 'tellReady',
          on: {
            'turn.dispatched': { target: '#turn.sent', actions: 'noteDispatched' },
            'turn.undeliverable': [
              {
                guard: 'wasUnanswered',
                target: '#turn.lost',
                actions: settle('lost', { fault: 'connection' }),
              },
              { target: '#turn.unsent', actions: settle('unsent') },
            ],
          },
        },
      },
    },
    sent: {
      initial: 'unanswered',
      on: {
        ...endings,
        'turn.created': begun,
        'turn.output': flowing,
        'turn.heard': { target: '.answered', reenter: true, actions: 'listen' },
      },
      states: {
        /** No event of this sending was seen: only now can it be refused, and only now may it be sent again. */
        unanswered: {
          ...waitingFor('firstEvent', silence(), 'firstEventIsOn'),
          on: {
            'turn.errored': [
              { guard: 'mayResend', target: '#turn.queued', actions: ['resend', 'tellRequeued'] },
              { target: '#turn.refused', actions: settle('refused') },
            ],
            'turn.cut': { guard: 'mayResend', target: '#turn.queued', actions: ['resend', 'tellRequeued'] },
          },
        },
        answered: waitingFor('firstEvent', silence(), 'firstEventIsOn'),
      },
    },
    started: { ...clocked, on: { ...steerable, 'turn.output': flowing } },
    streaming: {
      ...clocked,
      // An event like any other: the time to the next one starts over.
      on: { ...steerable, 'turn.created': { target: '.pausing', actions: 'noteCreated' } },
    },
    interrupted: {
      ...waitingFor('successor', {
        target: '#turn.incomplete',
        actions: settle('incomplete', { leavesTail: true }),
      } as const),
      on: { ...followable, 'turn.created': begun, 'turn.output': flowing },
    },
    lingering: {
      ...waitingFor('successor', {
        target: '#turn.completed',
        actions: settle('completed', { leavesTail: true }),
      } as const),
      on: {
        ...followable,
        'turn.created': begun,
        'turn.output': flowing,
        // What was asked for is there already; only the follow-up is lost.
        'turn.cut': { target: 'completed', actions: settle('completed') },
        'turn.faulted': { target: 'completed', actions: settle('completed', { leavesTail: true }) },
        cancel: { target: 'completed', actions: settle('completed', { leavesTail: true }) },
        'turn.steerClosed': [
          { guard: 'isLastSteer', target: 'completed', actions: settle('completed') },
          { actions: 'closeSteer' },
        ],
      },
    },
    completed: { type: 'final' },
    incomplete: { type: 'final' },
    failed: { type: 'final' },
    refused: { type: 'final' },
    unsent: { type: 'final' },
    cancelled: { type: 'final' },
    lost: { type: 'final' },
  },
})

export type TurnChart = typeof turnChart
