import { type AnyActorLogic, and, assertEvent, assign, emit, enqueueActions, not, setup } from 'xstate'
import { sealedInput, withCredential } from '../../src/protocol/options/seal.ts'
import { delayInRange } from '../delay-range.ts'
import { connectionChart } from '../connection/chart.ts'
import { conversationChart } from '../conversation/chart.ts'
import { limitsFor } from './lanes.ts'
import * as moves from './moves.ts'
import * as slots from './slots.ts'
import {
  type LineCommand,
  type LineContext,
  type LineEmitted,
  type LineEvent,
  type LineInput,
} from './types.ts'
import { HTTP, type LineMoved } from './lane-news.ts'

/** After whatever may have freed a lane, or ended a connection. */
const settle = ['serve', 'dropSpent'] as const

/** What a connection tells its owner. */
const NEWS = [
  'connection.opened',
  'connection.ripe',
  'connection.closing',
  'connection.lost',
  'connection.closed',
] as const

interface AtPlace {
  readonly place: moves.Place
}

const isOf = (place: moves.Place) => ({ type: 'isOf', params: { place } }) as const
const fallsBack = (place: moves.Place) => ({ type: 'fallsBack', params: { place } }) as const

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
    /** The news is of the connection in this place. */
    isOf: ({ context, event }, { place }: AtPlace) => moves.isOf(context, event, place),
    /** A WebSocket cannot be had in this place, and turns may go over HTTP. */
    fallsBack: ({ context, event }, { place }: AtPlace) => moves.fallsBack(context, event, place),
    /** Someone waits whose turn has not left, and the server has only closed the socket. */
    isWantedAgain: ({ context, event }) => moves.isWantedAgain(context, event),
    hasMembers: ({ context }) => moves.hasMembers(context),
    /** The socket that is to be left is the one that turns start on. */
    isCurrentSocket: ({ context: { current }, event }) =>
      event.type === 'line.renew' &&
      current !== null &&
      current.socket !== 'none' &&
      slots.socketKey(current) === event.connectionKey,
    isHeldUp: ({ context }) => slots.isHeldUp(context),
    /** The application has closed the connection itself. */
    isClosedByRequest: ({ context }) => context.current?.closedBecause === 'requested',
    isStillRipe: ({ context }) => context.current?.isRipe === true && moves.hasMembers(context),
    /** It became ripe when nobody was there to move, or no successor could be had then. */
    isWantedThoughRipe: ({ context: { waiting, current } }) =>
      waiting.length > 0 && current?.socket === 'open' && current.isRipe,
  },
  delays: {
    /** After a successor could not be had, before another is tried. */
    moveRetry: 30_000,
    /** For the server to end what was given up, before those who wait get a fresh connection. */
    drainTimeout: 5_000,
    coolDown: ({ context }) => delayInRange(context.fallback?.coolDownMs ?? false),
  },
  actions: {
    spawnCurrent: assign(({ context, self, spawn }) => {
      const id = `connection-${context.count + 1}`
      spawn('connection', { id, input: { ...context.connection, owner: self } })
      return { count: context.count + 1, current: slots.newSlot(id, context.limits) }
    }),
    spawnNext: assign(({ context, self, spawn }) => {
      const id = `connection-${context.count + 1}`
      spawn('connection', { id, input: { ...context.connection, owner: self } })
      return { count: context.count + 1, next: slots.newSlot(id, context.limits) }
    }),
    /** Every connection from now on is made with the key that the application has brought. */
    adoptKey: assign(({ context, event }) => {
      if (event.type !== 'connect' || event.apiKey === undefined) return {}
      const { connection } = context
      return { connection: { ...connection, ...withCredential(connection, event.apiKey) } }
    }),
    connectCurrent: enqueueActions(({ context, event, enqueue }) => {
      if (context.current !== null) enqueue.sendTo(context.current.id, connectCommand(event))
    }),
    connectNext: enqueueActions(({ context, event, enqueue }) => {
      if (context.next !== null) enqueue.sendTo(context.next.id, connectCommand(event))
    }),
    retryCurrent: enqueueActions(({ context, enqueue }) => {
      if (context.current !== null) enqueue.sendTo(context.current.id, { type: 'retry' })
    }),
    /** Those whose turns ran on a socket that has ended are told by the line, once it knows. */
    noteNews: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, NEWS)
      const ended = slots.lostLanes(context, event)
      for (const holder of ended?.holders ?? []) enqueue.sendTo(holder, ended?.lost)
      enqueue.assign(slots.withNews(context, event))
    }),
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
      assertEvent(event, 'lane.request')
      const { conversationId, replyTo, wanted } = event
      return { waiting: [...context.waiting, { conversationId, replyTo, wanted }] }
    }),
    withdraw: assign(({ context, event }) => {
      assertEvent(event, 'lane.withdraw')
      return {
        waiting: context.waiting.filter(({ conversationId }) => conversationId !== event.conversationId),
      }
    }),
    release: assign(({ context, event }) => {
      assertEvent(event, ['lane.release', 'lane.unusable'])
      const tail = event.type === 'lane.release' && event.tail
      return slots.changeSlot(context, event.connectionKey, slots.released(event.lane, tail))
    }),
    exhaust: assign(({ context, event }) => {
      assertEvent(event, 'lane.exhausted')
      return slots.changeSlot(context, event.connectionKey, slots.exhausted(event.lane))
    }),
    /** The socket of which this is told starts no further turn. */
    leaveSocket: assign(({ context, event }) => {
      assertEvent(event, ['line.renew', 'lane.unusable'])
      return slots.changeSlot(context, event.connectionKey, (slot) => ({ ...slot, isLeft: true }))
    }),
    /** Another socket cannot be had: the one at hand has to do. */
    stayOnCurrent: assign(({ context }) => ({
      current: context.current && { ...context.current, isLeft: false },
    })),
    drain: assign(({ context, event }) => {
      assertEvent(event, 'lane.drained')
      return slots.changeSlot(context, event.connectionKey, slots.drained(event.lane))
    }),
    believeEvidence: assign(({ context, event }) => {
      assertEvent(event, 'lanes.shown')
      return slots.withEvidence(context, event.evidence)
    }),
    openConversation: enqueueActions(({ event, self, enqueue }) => {
      assertEvent(event, 'conversation.open')
      const { conversationId: id, input } = event
      enqueue.spawnChild('conversation', { id, input: { ...input, line: self, conversationId: id } })
    }),
    closeConversation: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'conversation.close')
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
      assertEvent(event, 'close')
      for (const { id } of slots.slotsOf(context)) enqueue.sendTo(id, event)
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
      limits: limitsFor(connection.provider.lanes, input.lanes ?? 'believed'),
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
    'lanes.shown': { actions: ['believeEvidence', 'serve'] },
    'lane.unusable': { actions: ['leaveSocket', 'release', 'dropSpent'] },
    'conversation.open': { actions: 'openConversation' },
    'conversation.close': { actions: 'closeConversation' },
    'lane.request': { actions: ['noteRequest', 'serve'] },
    'connection.*': { actions: ['noteNews', ...settle] },
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
          always: { guard: not('isHeldUp'), target: 'flowing' },
          after: { drainTimeout: '#line.moving' },
        },
        /** No successor could be had. */
        unmoved: {
          always: { guard: 'isHeldUp', target: 'heldUp' },
          after: { moveRetry: [{ guard: 'isStillRipe', target: '#line.moving' }, { target: 'flowing' }] },
        },
      },
      always: { guard: 'isWantedThoughRipe', target: 'moving' },
      on: {
        'line.renew': { guard: 'isCurrentSocket', target: 'moving', actions: 'leaveSocket' },
        'connection.lost': { guard: fallsBack('current'), target: 'degraded', actions: 'noteNews' },
        'connection.closed': [
          { guard: fallsBack('current'), target: 'degraded', actions: 'noteNews' },
          { guard: 'isWantedAgain', actions: ['noteNews', 'connectCurrent'] },
          { guard: isOf('current'), target: 'ended', actions: 'noteNews' },
        ],
        'connection.ripe': {
          guard: and([isOf('current'), 'hasMembers']),
          target: 'moving',
          actions: 'noteNews',
        },
      },
    },
    moving: {
      entry: ['spawnNext', 'connectNext'],
      on: {
        'line.renew': { guard: 'isCurrentSocket', actions: 'leaveSocket' },
        'connection.opened': {
          guard: isOf('next'),
          target: 'single',
          actions: ['noteNews', 'switchOver', 'announceSwitch', 'tellMembers', ...settle],
        },
        // Turns on the old one end where they began; the next one is what is tried again.
        'connection.lost': {
          guard: fallsBack('next'),
          target: 'degraded',
          actions: ['noteNews', 'switchOver', 'dropSpent'],
        },
        'connection.closed': [
          {
            guard: fallsBack('next'),
            target: 'degraded',
            actions: ['noteNews', 'switchOver', 'dropSpent'],
          },
          {
            guard: isOf('next'),
            target: 'single.unmoved',
            actions: ['noteNews', 'refuseWaiting', 'dropNext', 'stayOnCurrent'],
          },
          { guard: isOf('current'), target: 'ended', actions: 'noteNews' },
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
            'connection.opened': {
              target: '#line.single',
              actions: ['noteNews', 'announceWebSocket'],
            },
            'connection.lost': {
              guard: fallsBack('current'),
              target: 'cooling',
              actions: ['noteNews', 'closeCurrent'],
            },
            'connection.closed': { guard: isOf('current'), target: 'cooling', actions: 'noteNews' },
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
