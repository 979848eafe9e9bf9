import { and, assertEvent, assign, emit, enqueueActions, sendTo, setup } from 'xstate'
import { steerChart } from '../steer/chart.ts'
import { turnChart } from '../turn/chart.ts'
import * as step from './context.ts'
import type {
  ConversationContext,
  ConversationEmitted,
  ConversationEvent,
  ConversationInput,
} from './types.ts'

/**
 * One chain of responses on one lane.
 *
 * It runs one turn at a time: gets a lane for it, decides what of the history has to be sent, and keeps what the
 * server remembers as `chain`. The history itself, and everything else with content, stays outside; the chart
 * knows lengths, ids and codes.
 *
 * `idle`; `busy`, with the turn actor as its child: `turning`, or `priming` (a turn that asks for no output, as on
 * the connection that the line has moved to); `resting` before it is sent again; `held` by a fork.
 */
export const conversationChart = setup({
  types: {} as {
    context: ConversationContext
    input: ConversationInput
    events: ConversationEvent
    emitted: ConversationEmitted
  },
  actors: { turn: turnChart, steer: steerChart },
  guards: {
    /** There is a chain, and the server forgets it with the connection that the line has left. */
    isWorthPriming: ({ context }) => context.primes && context.chain !== null && !context.chain.stored,
    hasLane: ({ context }) => context.lease !== null,
    isWarmUp: ({ context }) => context.request?.kind === 'warm-up',
    isHeld: ({ context }) => context.holds > 0,
    isLastHold: ({ context }) => context.holds <= 1,
    /** The socket that has ended is the one that the turn runs on. */
    isOnLane: ({ context, event }) =>
      event.type === 'lane.lost' && event.connectionKey === context.lease?.connectionKey,
    /** It was never answered: what was held for it went with the socket. */
    wasCut: ({ event }) => event.type === 'turn.requeued' && event.reason === 'unanswered',
    needsAnotherLane: ({ event }) => event.type === 'turn.requeued' && event.reason === 'another-lane',
    needsFreshConnection: ({ event }) =>
      event.type === 'turn.requeued' && (event.reason === 'fresh-connection' || event.reason === 'renew'),
  },
  actions: {
    begin: assign(({ context, event }) => step.begin(context, event)),
    announceResend: enqueueActions(({ event, enqueue }) => {
      if (event.type !== 'turn.ready' || event.reason === null) return
      const { turnId, reason } = event
      enqueue.emit({ type: 'turn.resent', turnId, reason })
    }),
    noteResend: assign(({ context, event }) => step.noteResend(context, event)),
    renewConnection: enqueueActions(({ context, enqueue }) => {
      if (context.lease === null) return
      enqueue.sendTo(context.line, { type: 'line.renew', connectionKey: context.lease.connectionKey })
    }),
    requestLane: sendTo(
      ({ context }) => context.line,
      ({ context, self }) => ({
        type: 'lane.request',
        conversationId: context.conversationId,
        replyTo: self,
        wanted: context.wantedLane,
      }),
    ),
    /** Who has a lane does not wait for one. */
    withdrawRequest: enqueueActions(({ context, enqueue }) => {
      if (context.lease !== null) return
      enqueue.sendTo(context.line, { type: 'lane.withdraw', conversationId: context.conversationId })
    }),
    /** The lane does not exist for the server, and no further one will. */
    exhaustLanes: enqueueActions(({ context, enqueue }) => {
      if (context.lease === null) return
      const { connectionKey, lane } = context.lease
      enqueue.sendTo(context.line, { type: 'lane.exhausted', connectionKey, lane })
      enqueue.assign({ lease: null })
    }),
    releaseLane: enqueueActions(({ context, event, enqueue }) => {
      if (context.lease === null) return
      const { connectionKey, lane } = context.lease
      enqueue.sendTo(context.line, {
        type: 'lane.release',
        connectionKey,
        lane,
        tail: step.leavesTail(event),
      })
      enqueue.assign({ lease: null })
    }),
    /** The server may still be answering the warm-up: its lane drains. One that has no lane has changed nothing. */
    abandonPriming: enqueueActions(({ context, enqueue }) => {
      if (context.lease === null) return
      const { connectionKey, lane } = context.lease
      enqueue.assign({ chain: null, lease: null })
      enqueue.sendTo(context.line, { type: 'lane.release', connectionKey, lane, tail: true })
    }),
    returnLane: sendTo(
      ({ context }) => context.line,
      ({ event }) => step.returnedLane(event),
    ),
    plan: assign(({ context, event }) => step.plan(context, event)),
    announcePlan: emit(({ context }) => step.planAnnouncement(context)),
    announceListening: emit(({ context }) => ({
      type: 'turn.listening' as const,
      turnId: context.request?.turnId ?? '',
    })),
    refuseTurn: sendTo('turn', ({ event }) => ({
      type: 'turn.undeliverable' as const,
      code: event.type === 'lane.refused' ? event.code : ('ERR_CLOSED' as const),
    })),
    cancelTurn: sendTo('turn', { type: 'cancel' }),
    cutTurn: sendTo('turn', ({ event }) => {
      assertEvent(event, 'lane.lost')
      return { type: 'turn.cut' as const, closeInfo: event.closeInfo }
    }),
    forgetLane: assign({ lease: null }),
    leaveLane: enqueueActions(({ context, enqueue }) => {
      if (context.lease === null) return
      const { connectionKey, lane } = context.lease
      enqueue.sendTo(context.line, { type: 'lane.unusable', connectionKey, lane })
      enqueue.assign({ lease: null })
    }),
    settle: assign(({ context, event }) => step.settle(context, event)),
    announceResult: emit(({ event }) => step.resultAnnouncement(event)),
    spawnSteer: assign(({ context, event, spawn }) => {
      if (event.type !== 'steer.begin') return {}
      const { steerKey, targetId } = event
      const steer = spawn('steer', { id: steerKey, input: { targetId } })
      return { steers: { ...context.steers, [steerKey]: steer } }
    }),
    /** A steer that has ended is kept by whoever began it, not here. */
    dropSteer: enqueueActions(({ context, event, enqueue }) => {
      const steerKey = event.type.replace('xstate.done.actor.', '')
      enqueue.stopChild(steerKey)
      enqueue.assign({
        steers: Object.fromEntries(Object.entries(context.steers).filter(([key]) => key !== steerKey)),
      })
    }),
    shrinkChain: assign(({ context, event }) => step.shrinkChain(context, event)),
    hold: assign(({ context }) => ({ holds: context.holds + 1 })),
    releaseHold: assign(({ context }) => ({ holds: Math.max(0, context.holds - 1) })),
    forgetChain: assign({ chain: null }),
    announceMove: emit(({ event }) => ({
      type: 'conversation.moved' as const,
      connectionKey: event.type === 'line.moved' ? event.connectionKey : '',
    })),
  },
}).createMachine({
  id: 'conversation',
  context: ({ input }) => ({
    ...input,
    request: null,
    lease: null,
    plan: null,
    mustReplay: false,
    lastResult: null,
    turns: 0,
    holds: 0,
    steers: {},
  }),
  initial: 'idle',
  // A lane that comes when none is waited for any more goes back.
  on: {
    'lane.granted': { actions: 'returnLane' },
    'steer.begin': { actions: 'spawnSteer' },
    'xstate.done.actor.*': { actions: 'dropSteer' },
    'chain.hold': { actions: 'hold' },
    'chain.release': { actions: 'releaseHold' },
  },
  states: {
    idle: {
      on: {
        respond: { target: 'busy.turning', actions: 'begin' },
        prime: { target: 'busy.priming', actions: 'begin' },
        'chain.shrink': { actions: 'shrinkChain' },
        'chain.forget': { actions: 'forgetChain' },
        'line.moved': { guard: 'isWorthPriming', actions: 'announceMove' },
      },
    },
    busy: {
      initial: 'turning',
      invoke: {
        id: 'turn',
        src: 'turn',
        input: ({ context, self }) => ({
          parent: self,
          turnId: context.request?.turnId ?? '',
          policy: context.request?.policy ?? context.policy,
          limits: context.limits,
          mayReplay: context.request?.origin?.kind !== 'named',
        }),
        onDone: { target: 'idle', actions: ['withdrawRequest', 'settle', 'releaseLane', 'announceResult'] },
      },
      on: {
        // What the server forgets, and the lane, are given up at once: the turn may never be sent again.
        'turn.requeued': [
          {
            guard: 'needsFreshConnection',
            target: '.resting',
            actions: ['noteResend', 'renewConnection', 'releaseLane'],
          },
          { guard: 'needsAnotherLane', target: '.resting', actions: ['noteResend', 'exhaustLanes'] },
          { guard: 'wasCut', target: '.resting', actions: ['noteResend', 'forgetLane'] },
          { target: '.resting', actions: ['noteResend', 'releaseLane'] },
        ],
        'turn.ready': [
          { guard: 'isHeld', target: '.held', actions: ['announceResend', 'releaseLane'] },
          {
            guard: 'isWarmUp',
            target: '.priming',
            actions: ['announceResend', 'releaseLane', 'requestLane'],
          },
          { target: '.turning', actions: ['announceResend', 'releaseLane', 'requestLane'] },
        ],
        'turn.listening': { actions: 'announceListening' },
        'lane.granted': [
          { guard: 'hasLane', actions: 'returnLane' },
          { guard: 'isHeld', target: '.held', actions: 'returnLane' },
          { actions: ['plan', 'announcePlan'] },
        ],
        'lane.refused': { actions: 'refuseTurn' },
        'lane.lost': { guard: 'isOnLane', actions: 'cutTurn' },
        'lane.unusable': { actions: ['leaveLane', 'requestLane'] },
        cancel: { actions: 'cancelTurn' },
        // What is asked for goes before what is only prepared; the turn then carries the history itself.
        respond: {
          guard: 'isWarmUp',
          target: '.turning',
          reenter: true,
          actions: ['withdrawRequest', 'abandonPriming', 'begin'],
        },
      },
      states: {
        turning: {},
        priming: {},
        /** The turn was refused, and waits before it asks for a lane again. */
        resting: { on: { 'lane.granted': { actions: 'returnLane' } } },
        /** The turn waits until a fork is bound to the response that it would replace in the server's memory. */
        held: {
          on: {
            'chain.release': [
              {
                guard: and(['isLastHold', 'isWarmUp']),
                target: 'priming',
                actions: ['releaseHold', 'requestLane'],
              },
              { guard: 'isLastHold', target: 'turning', actions: ['releaseHold', 'requestLane'] },
            ],
          },
        },
      },
    },
  },
})

export type ConversationChart = typeof conversationChart
