import { type AnyActorLogic, assign, emit, enqueueActions, setup } from 'xstate'
import { sealedInput, withCredential } from '../../src/protocol/options/seal.ts'
import { delayInRange } from '../delay-range.ts'
import { connectionChart } from '../connection/chart.ts'
import { conversationChart } from '../conversation/chart.ts'
import * as moves from './moves.ts'
import * as slots from './slots.ts'
import {
  HTTP,
  type LineCommand,
  type LineContext,
  type LineEmitted,
  type LineEvent,
  type LineInput,
  type LineMoved,
} from './types.ts'

/** After whatever may have freed a lane, or ended a connection. */
const settle = ['serve', 'dropSpent'] as const

/**
 * The owner of a line: one connection, and two while it moves over.
 *
 * It gives lanes to conversations, first come first served, keeps the limits of the provider on this side, and
 * moves to a fresh connection before the old one reaches its age limit: the next is opened first, turns start on it
 * from then on, and the old one is closed when the last turn on it has ended.
 *
 * `resting`: no connection is wanted. `single`: one, in whatever state it is. `moving`: a successor is being opened.
 * `degraded`: a WebSocket cannot be had, and turns go over HTTP, with a trial after each cool-down. `ended`: the
 * connection was closed or given up; whoever waits is told. After a give-up the next request starts over; what the
 * application has closed, only the application opens again.
 */
export const lineChart = setup({
  types: {} as { context: LineContext; input: LineInput; events: LineEvent; emitted: LineEmitted },
  actors: {
    connection: connectionChart as AnyActorLogic,
    conversation: conversationChart as AnyActorLogic,
  },
  guards: {
    isNextOpen: ({ context, event }) => moves.hasOpened(context, event, 'next'),
    isNextClosed: ({ context, event }) => moves.hasClosed(context, event, 'next'),
    isCurrentOpen: ({ context, event }) => moves.hasOpened(context, event, 'current'),
    isCurrentClosed: ({ context, event }) => moves.hasClosed(context, event, 'current'),
    /** If no successor can be had, `moveRetry` tries again. */
    isCurrentRipe: ({ context, event }) => moves.ripens(context, event),
    hasNews: ({ context, event }) => moves.hasNews(context, event),
    isOfCurrent: ({ context, event }) =>
      event.type === 'line.renew' &&
      context.current !== null &&
      slots.socketKey(context.current) === event.connectionKey,
    isHeldUp: ({ context }) => slots.isHeldUp(context),
    isNotHeldUp: ({ context }) => !slots.isHeldUp(context),
    fallsBack: ({ context, event }) => moves.fallsBack(context, event, 'current'),
    nextFallsBack: ({ context, event }) => moves.fallsBack(context, event, 'next'),
    /** The application has closed the connection itself. */
    isClosedByRequest: ({ context }) => context.current?.closedBecause === 'requested',
    isStillRipe: ({ context }) => context.current?.isRipe === true && moves.hasMembers(context),
    /** It became ripe when nobody was there to move, or no successor could be had then. */
    isWantedThoughRipe: ({ context: { waiting, current } }) =>
      waiting.length > 0 && current !== null && current.isOpen && current.isRipe,
  },
  delays: {
    /** After a successor could not be had, before another is tried. */
    moveRetry: 30_000,
    /** For the server to end what was given up, before those who wait get a fresh connection. */
    drainTimeout: 5_000,
    coolDown: ({ context }) => delayInRange(context.fallback?.coolDownMs ?? false),
  },
  actions: {
    spawnCurrent: assign(({ context, spawn }) => {
      const id = `connection-${context.count + 1}`
      spawn('connection', { id, input: context.connection, syncSnapshot: true })
      return { count: context.count + 1, current: slots.newSlot(id, context.limits) }
    }),
    spawnNext: assign(({ context, spawn }) => {
      const id = `connection-${context.count + 1}`
      spawn('connection', { id, input: context.connection, syncSnapshot: true })
      return { count: context.count + 1, next: slots.newSlot(id, context.limits) }
    }),
    /** Every connection from now on is made with the key that the application has brought. */
    adoptKey: assign(({ context, event }) => {
      if (event.type !== 'connect' || event.apiKey === undefined) return {}
      const { connection } = context
      return { connection: { ...connection, ...withCredential(connection, event.apiKey) } }
    }),
    connectCurrent: enqueueActions(({ context, event, enqueue }) => {
      if (context.current === null) return
      // Whoever hears that it has closed may connect at once; the line hears of the closing after that.
      enqueue.assign({ current: { ...context.current, isCalled: true } })
      enqueue.sendTo(context.current.id, connectCommand(event))
    }),
    connectNext: enqueueActions(({ context, event, enqueue }) => {
      if (context.next !== null) enqueue.sendTo(context.next.id, connectCommand(event))
    }),
    retryCurrent: enqueueActions(({ context, enqueue }) => {
      if (context.current !== null) enqueue.sendTo(context.current.id, { type: 'retry' })
    }),
    observe: assign(({ context, event }) => moves.observe(context, event)),
    /** Turns start on the successor from now on. */
    switchOver: assign(({ context }) => ({
      current: context.next,
      next: null,
      retiring: context.current === null ? context.retiring : [...context.retiring, context.current],
    })),
    tellMembers: enqueueActions(({ context, enqueue }) => {
      if (context.current === null) return
      const moved: LineMoved = { type: 'line.moved', connectionKey: slots.socketKey(context.current) }
      for (const member of slots.lastMembers(context)) enqueue.sendTo(member, moved)
    }),
    announceSwitch: emit(({ context }) => ({
      type: 'line.switched' as const,
      from: context.retiring.at(-1)?.id ?? null,
      to: context.current?.id ?? '',
    })),
    dropNext: enqueueActions(({ context, enqueue }) => {
      if (context.next !== null) enqueue.stopChild(context.next.id)
      enqueue.assign({ next: null })
    }),
    dropSpent: enqueueActions(({ context, enqueue }) => {
      const { gone, spent, kept } = slots.sorted(context)
      // A retired connection whose socket was lost would dial again.
      for (const { id } of gone) enqueue.stopChild(id)
      for (const { id } of spent) enqueue.sendTo(id, { type: 'close' })
      enqueue.assign({ retiring: kept })
    }),
    noteRequest: assign(({ context, event }) => {
      if (event.type !== 'lane.request') return {}
      const { conversationId, replyTo, wanted } = event
      return { waiting: [...context.waiting, { conversationId, replyTo, wanted }] }
    }),
    withdraw: assign(({ context, event }) => ({
      waiting: context.waiting.filter(
        (request) => event.type !== 'lane.withdraw' || request.conversationId !== event.conversationId,
      ),
    })),
    release: assign(({ context, event }) => {
      if (event.type !== 'lane.release') return {}
      return slots.changeSlot(context, event.connectionKey, slots.released(event.lane, event.tail))
    }),
    exhaust: assign(({ context, event }) => {
      if (event.type !== 'lane.exhausted') return {}
      return slots.changeSlot(context, event.connectionKey, slots.exhausted(event.lane))
    }),
    /** The socket of which this is told starts no further turn. */
    leaveSocket: assign(({ context, event }) => {
      if (event.type !== 'line.renew' && event.type !== 'line.unusable') return {}
      return slots.changeSlot(context, event.connectionKey, (slot) => ({ ...slot, isLeft: true }))
    }),
    /** Another socket cannot be had: the one at hand has to do. */
    stayOnCurrent: assign(({ context }) => ({
      current: context.current && { ...context.current, isLeft: false },
    })),
    drain: assign(({ context, event }) => {
      if (event.type !== 'lane.drained') return {}
      return slots.changeSlot(context, event.connectionKey, slots.drained(event.lane))
    }),
    openConversation: assign(({ event, spawn, self }) => {
      if (event.type !== 'conversation.open') return {}
      const { conversationId: id, input } = event
      spawn('conversation', { id, input: { ...input, line: self, conversationId: id } })
      return {}
    }),
    closeConversation: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'conversation.close') return
      enqueue.stopChild(event.conversationId)
      enqueue.assign(slots.withoutMember(context, event.conversationId))
    }),
    serve: enqueueActions(({ context, enqueue }) => {
      const { context: change, grants } = slots.serve(context)
      enqueue.assign(change)
      for (const { request, granted } of grants) enqueue.sendTo(request.replyTo, granted)
    }),
    /** Over HTTP there is no lane to wait for. */
    serveHttp: enqueueActions(({ context, enqueue }) => {
      context.waiting.forEach(({ replyTo }, index) => {
        // Its own serial for each: nothing that a turn leaves behind is remembered for the next.
        const laneSerial = context.exchanges + index
        enqueue.sendTo(replyTo, { type: 'lane.granted', connectionKey: HTTP, lane: null, laneSerial })
      })
      enqueue.assign({ waiting: [], exchanges: context.exchanges + context.waiting.length })
    }),
    closeCurrent: enqueueActions(({ context, enqueue }) => {
      if (context.current !== null) enqueue.sendTo(context.current.id, { type: 'close' })
    }),
    announceHttp: emit({ type: 'line.transport', transport: 'http' }),
    announceWebSocket: emit({ type: 'line.transport', transport: 'websocket' }),
    announceTrial: emit({ type: 'line.trial' }),
    /** With what the connection that they wait for was given up for. */
    refuseWaiting: enqueueActions(({ context, enqueue }) => {
      const because = (context.next ?? context.current)?.closedBecause ?? 'requested'
      const code = because === 'requested' ? 'ERR_CLOSED' : because
      for (const { replyTo } of context.waiting) enqueue.sendTo(replyTo, { type: 'lane.refused', code })
      enqueue.assign({ waiting: [] })
    }),
    refuseAsClosed: enqueueActions(({ context, enqueue }) => {
      const refused = { type: 'lane.refused', code: 'ERR_CLOSED' } as const
      for (const { replyTo } of context.waiting) enqueue.sendTo(replyTo, refused)
      enqueue.assign({ waiting: [] })
    }),
    closeAll: enqueueActions(({ context, event, enqueue }) => {
      const { code, reason } = event.type === 'close' ? event : {}
      for (const slot of [context.current, context.next, ...context.retiring]) {
        if (slot !== null) enqueue.sendTo(slot.id, { type: 'close', code, reason })
      }
    }),
  },
}).createMachine({
  id: 'line',
  context: ({ input }) => {
    const connection = sealedInput(input.connection)
    return {
      connection,
      fallback: input.fallback ?? null,
      exchanges: 0,
      limits: connection.provider.lanes,
      count: 0,
      current: null,
      next: null,
      retiring: [],
      waiting: [],
      members: {},
    }
  },
  initial: 'resting',
  entry: 'spawnCurrent',
  on: {
    'lane.withdraw': { actions: 'withdraw' },
    'lane.release': { actions: ['release', ...settle] },
    'lane.exhausted': { actions: ['exhaust', ...settle] },
    'lane.drained': { actions: ['drain', 'serve'] },
    'line.unusable': { actions: 'leaveSocket' },
    'conversation.open': { actions: 'openConversation' },
    'conversation.close': { actions: 'closeConversation' },
    'lane.request': { actions: ['noteRequest', 'serve'] },
    'xstate.snapshot.*': { guard: 'hasNews', actions: ['observe', ...settle] },
    connect: { actions: ['adoptKey', 'connectCurrent', 'connectNext'] },
    retry: { actions: 'retryCurrent' },
    close: { target: '.ended.closed', actions: 'closeAll' },
  },
  states: {
    resting: {
      on: {
        connect: { target: 'single', actions: ['adoptKey', 'connectCurrent'] },
        'lane.request': { target: 'single', actions: ['noteRequest', 'connectCurrent'] },
      },
    },
    single: {
      initial: 'flowing',
      states: {
        flowing: { always: { guard: 'isHeldUp', target: 'heldUp' } },
        heldUp: {
          always: { guard: 'isNotHeldUp', target: 'flowing' },
          after: { drainTimeout: '#line.moving' },
        },
      },
      always: { guard: 'isWantedThoughRipe', target: 'moving' },
      after: { moveRetry: { guard: 'isStillRipe', target: 'moving' } },
      on: {
        'line.renew': { guard: 'isOfCurrent', target: 'moving', actions: 'leaveSocket' },
        'xstate.snapshot.*': [
          { guard: 'fallsBack', target: 'degraded', actions: 'observe' },
          { guard: 'isCurrentClosed', target: 'ended', actions: 'observe' },
          { guard: 'isCurrentRipe', target: 'moving', actions: 'observe' },
        ],
      },
    },
    moving: {
      entry: ['spawnNext', 'connectNext'],
      on: {
        'line.renew': { guard: 'isOfCurrent', actions: 'leaveSocket' },
        'xstate.snapshot.*': [
          {
            guard: 'isNextOpen',
            target: 'single',
            actions: ['observe', 'switchOver', 'announceSwitch', 'tellMembers', ...settle],
          },
          // Turns on the old one end where they began; the next one is what is tried again.
          { guard: 'nextFallsBack', target: 'degraded', actions: ['observe', 'switchOver', 'dropSpent'] },
          {
            guard: 'isNextClosed',
            target: 'single',
            actions: ['observe', 'refuseWaiting', 'dropNext', 'stayOnCurrent'],
          },
          { guard: 'isCurrentClosed', target: 'ended', actions: 'observe' },
        ],
      },
    },
    degraded: {
      initial: 'cooling',
      entry: ['closeCurrent', 'announceHttp', 'serveHttp'],
      on: {
        'lane.request': { actions: ['noteRequest', 'serveHttp'] },
      },
      states: {
        cooling: {
          after: { coolDown: 'trial' },
          on: { connect: { target: 'trial', actions: 'adoptKey' } },
        },
        trial: {
          entry: ['announceTrial', 'connectCurrent'],
          on: {
            'xstate.snapshot.*': [
              {
                guard: 'isCurrentOpen',
                target: '#line.single',
                actions: ['observe', 'announceWebSocket'],
              },
              { guard: 'fallsBack', target: 'cooling', actions: 'closeCurrent' },
              { guard: 'isCurrentClosed', target: 'cooling' },
            ],
          },
        },
      },
    },
    ended: {
      initial: 'givenUp',
      entry: 'dropNext',
      on: { connect: { target: 'single', actions: ['adoptKey', 'connectCurrent'] } },
      states: {
        givenUp: {
          entry: 'refuseWaiting',
          always: { guard: 'isClosedByRequest', target: 'closed' },
          on: { 'lane.request': { target: '#line.single', actions: ['noteRequest', 'connectCurrent'] } },
        },
        /** By the application: only the application opens it again. */
        closed: {
          entry: 'refuseAsClosed',
          on: { 'lane.request': { actions: ['noteRequest', 'refuseAsClosed'] } },
        },
      },
    },
  },
})

export type LineChart = typeof lineChart

/** What a connection is told to connect with: the key that the application brings now, or the one that it has. */
function connectCommand(event: LineEvent): LineCommand {
  return { type: 'connect', apiKey: event.type === 'connect' ? event.apiKey : undefined }
}
