import { assign, sendTo, setup } from 'xstate'
import { delayInRange } from '../delay-range.ts'
import * as step from './context.ts'
import type {
  TurnContext,
  TurnEvent,
  TurnFault,
  TurnInput,
  TurnListening,
  TurnOutcome,
  TurnReady,
  TurnResult,
} from './types.ts'

/** How a response is ended by what comes of it, in every state after the turn was sent. */
const endings = {
  'turn.ended': [
    { guard: 'isSteered', target: '#turn.interrupted', actions: 'followUp' },
    { guard: 'isFollowedUp', target: '#turn.lingering', actions: 'followUp' },
    { guard: 'isCompleted', target: '#turn.completed', actions: settle('completed') },
    { guard: 'isIncomplete', target: '#turn.incomplete', actions: settle('incomplete') },
    { target: '#turn.failed', actions: settle('failed') },
  ],
  'turn.errored': [
    { guard: 'mayResend', target: '#turn.queued', actions: 'resend' },
    { guard: 'isUnanswered', target: '#turn.refused', actions: settle('refused') },
    { target: '#turn.failed', actions: settle('failed') },
  ],
  'turn.cut': [
    { guard: 'mayResend', target: '#turn.queued', actions: 'resend' },
    { target: '#turn.lost', actions: settle('lost', 'connection') },
  ],
  cancel: { target: '#turn.cancelled', actions: settle('cancelled') },
  'turn.created': { target: '#turn.started', actions: 'noteCreated' },
  'turn.output': { target: '#turn.streaming', actions: 'noteOutput' },
} as const

/**
 * The clock between two events. The turn asks to be told of the next event, and rests before it asks again, so
 * that a stream of thousands costs a transition now and then.
 */
const clocked = {
  initial: 'listening',
  states: {
    listening: {
      entry: 'listen',
      on: { 'turn.heard': { target: 'resting', actions: 'noteHeard' } },
      after: {
        interEvent: { guard: 'interEventIsOn', target: '#turn.lost', actions: settle('lost', 'silence') },
      },
    },
    resting: { after: { listenPause: 'listening' } },
  },
} as const

function settle<const Outcome extends TurnOutcome, const Fault extends TurnFault | null = null>(
  outcome: Outcome,
  fault?: Fault,
) {
  return { type: 'settle', params: { outcome, fault: fault ?? null } } as const
}

/**
 * One `response.create` and what comes of it: `queued → sent → started → streaming`, and settled exactly once as
 * `completed`, `incomplete`, `failed`, `refused`, `cancelled` or `lost`. The result is the actor's output.
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
    /** No event of this sending was seen before the one that refuses it. */
    isUnanswered: ({ context }) => context.progress === 'sent' && context.events === 0,
    mayResend: ({ context, event }) => step.mayResend(context, event),
    hasNoDelay: ({ context }) => context.delayMs === 0,
    /** The connection went before the frame could be handed over: the turn has not left. */
    isStillHere: ({ event }) => event.type === 'turn.undeliverable' && event.code === 'ERR_NOT_OPEN',
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
    /** For the server to name the successor of a response that was steered. */
    successor: 30_000,
  },
  actions: {
    tellReady: sendTo(
      ({ context }) => context.parent,
      ({ context }): TurnReady => ({ type: 'turn.ready', turnId: context.turnId, reason: context.reason }),
    ),
    listen: sendTo(
      ({ context }) => context.parent,
      ({ context }): TurnListening => ({ type: 'turn.listening', turnId: context.turnId }),
    ),
    noteDispatched: assign(() => step.dispatched()),
    noteHeard: assign(({ context }) => step.heard(context)),
    noteCreated: assign(({ context, event }) => step.created(context, event)),
    noteOutput: assign(({ context }) => step.output(context)),
    resend: assign(({ context, event }) => step.resend(context, event)),
    settle: assign(({ context, event }, params: { outcome: TurnOutcome; fault: TurnFault | null }) =>
      step.settle(context, event, params),
    ),
    followUp: assign(({ context, event }) => step.followUp(context, event)),
    openSteer: assign(({ context }) => step.steers(context, 1)),
    closeSteer: assign(({ context }) => step.steers(context, -1)),
  },
}).createMachine({
  id: 'turn',
  context: ({ input }) => step.initialContext(input),
  output: ({ context }) => step.resultOf(context),
  initial: 'queued',
  on: {
    'turn.steerAccepted': { actions: 'openSteer' },
    'turn.steerClosed': { actions: 'closeSteer' },
  },
  states: {
    queued: {
      initial: 'resting',
      on: { cancel: { target: 'cancelled', actions: settle('cancelled') } },
      states: {
        resting: { always: { guard: 'hasNoDelay', target: 'ready' }, after: { resendDelay: 'ready' } },
        ready: {
          entry: 'tellReady',
          on: {
            'turn.dispatched': { target: '#turn.sent', actions: 'noteDispatched' },
            'turn.undeliverable': [
              { guard: 'isStillHere', target: 'ready', reenter: true },
              { target: '#turn.refused', actions: settle('refused', 'unsendable') },
            ],
          },
        },
      },
    },
    sent: {
      entry: 'listen',
      on: { ...endings, 'turn.heard': { target: 'sent', reenter: true, actions: 'noteHeard' } },
      after: { firstEvent: { guard: 'firstEventIsOn', target: 'lost', actions: settle('lost', 'silence') } },
    },
    started: { ...clocked, on: endings },
    streaming: {
      ...clocked,
      on: {
        ...endings,
        'turn.created': { actions: 'noteCreated' },
        'turn.output': { actions: 'noteOutput' },
      },
    },
    interrupted: {
      on: endings,
      after: { successor: { target: 'incomplete', actions: settle('incomplete') } },
    },
    lingering: {
      on: {
        ...endings,
        // What was asked for is there already; only the follow-up is lost.
        'turn.cut': { target: 'completed', actions: settle('completed') },
        cancel: { target: 'completed', actions: settle('completed') },
        'turn.steerClosed': [
          { guard: 'isLastSteer', target: 'completed', actions: ['closeSteer', settle('completed')] },
          { actions: 'closeSteer' },
        ],
      },
      after: { successor: { target: 'completed', actions: settle('completed') } },
    },
    completed: { type: 'final' },
    incomplete: { type: 'final' },
    failed: { type: 'final' },
    refused: { type: 'final' },
    cancelled: { type: 'final' },
    lost: { type: 'final' },
  },
})

export type TurnChart = typeof turnChart
