import {
  and,
  assign,
  emit,
  enqueueActions,
  not,
  or,
  sendTo,
  setup,
  spawnChild,
  stateIn,
  stopChild,
} from 'xstate'
import { delayInRange } from '../delay-range.ts'
import * as step from './context.ts'
import { placeholderSocket } from './placeholder-socket.ts'
import { type LossParams, announce, dialing, isFresh, lost, openLosses, told } from './transitions.ts'
import type {
  ConnectionAnnouncement,
  ConnectionContext,
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionMachineInput,
  SocketLogic,
} from './types.ts'

/** The server's code for a connection that has reached its age limit (Responses WebSocket guide). */
const AGE_LIMIT = 'websocket_connection_limit_reached'

/**
 * Everything that can happen to one connection, without any I/O.
 *
 * Top level: `idle`, `connecting`, `open`, `reconnecting`, `closed`, and nothing else. `open` is parallel: `health`
 * decides when the retry budget comes back, `liveness` finds half-open lines, `age` knows when no further turn
 * should start. `closed` is never final: `connect` starts over.
 *
 * Guards, delays, actions and the `socket` actor can be replaced with `provide`. As it stands, the socket is a
 * placeholder that ends every attempt with `ERR_NO_SOCKET`.
 */
export const connectionChart = setup({
  types: {} as {
    context: ConnectionContext
    input: ConnectionMachineInput
    events: ConnectionEvent
    emitted: ConnectionEmitted
    children: { socket: 'socket' }
  },
  actors: { socket: placeholderSocket as SocketLogic },
  guards: {
    /** The fact comes from the present socket, not from one that has been replaced. */
    isFresh: ({ context, event }) =>
      !('connectionId' in event) || event.connectionId === context.connectionId,
    /** It was asked for a connection, and nothing says that the next attempt should wait. */
    mayDialAtOnce: ({ context }) => step.isAsked(context) && step.owesNoWait(context),
    /** It was asked for a connection; the last attempts count all the same. */
    isAsked: ({ context }) => step.isAsked(context),
    /** The credential was refused, there is a provider to ask for another, and it was not asked before. */
    mayRenew: ({ context }) => step.mayRenew(context),
    /** Another attempt may succeed, and the budget has one left. */
    mayRetry: ({ context }) => step.mayRetry(context),
    isHealthProof: ({ event }) => event.type === 'server.settled' && event.outcome === 'completed',
    isAgeLimit: ({ event }) => event.type === 'server.errored' && event.code === AGE_LIMIT,
    closesOnError: ({ context }) => context.settings.closesOnError,
    /** The chain that the next turn would continue is gone on the server. */
    evictsPrevious: ({ context, event }) => step.evictsPrevious(context, event),
    /** The snapshot still holds its sealed options: it did not go through JSON. */
    canDialAgain: ({ context }) => step.canDialAgain(context),
    pingIsOn: ({ context }) => context.settings.pingIntervalMs !== false,
    ageIsOn: ({ context }) => context.settings.ripeAfterMs !== false,
    /** No wait was drawn: a timer of 0 ms would take one all the same. */
    hasNoDelay: ({ context }) => context.retry.delayMs === 0,
    isHurried: stateIn({ reconnecting: { waiting: 'hurried' } }),
    /** Connect was called before the close handshake was over. */
    isReopened: ({ context }) => context.closedBecause === null,
  },
  delays: {
    backoff: ({ context }) => delayInRange(context.retry.delayMs),
    retryFloor: ({ context }) => delayInRange(context.retry.floorMs),
    connectTimeout: ({ context }) => delayInRange(context.settings.connectTimeoutMs),
    closeTimeout: ({ context }) => delayInRange(context.settings.closeTimeoutMs),
    pingInterval: ({ context }) => delayInRange(context.settings.pingIntervalMs),
    pongTimeout: ({ context }) => delayInRange(context.settings.pongTimeoutMs),
    /** After a blocked event loop, timers run before the sockets are read: one more moment for the pong. */
    pongGrace: 100,
    stableAfter: ({ context }) => delayInRange(context.settings.stableAfterMs),
    ripeAfter: ({ context }) => delayInRange(context.settings.ripeAfterMs),
    expiryGrace: ({ context }) => delayInRange(context.settings.expiryGraceMs),
  },
  actions: {
    start: assign(({ context, event }) => step.start(context, event)),
    adoptCredential: assign(({ context, event }) => step.adoptCredential(context, event)),
    nextAttempt: assign(({ context }) => step.nextAttempt(context)),
    dial: spawnChild('socket', {
      id: 'socket',
      input: ({ context, self }) => ({
        connectionId: context.connectionId,
        owner: self,
        transport: context.transport,
        renew: context.renewals > 0 && context.lastCloseInfo?.httpStatus === 401,
      }),
    }),
    hangUp: stopChild('socket'),
    probe: sendTo('socket', { type: 'probe' }),
    check: sendTo('socket', { type: 'check' }),
    startHandshake: sendTo('socket', ({ event }) => step.closeCommand(event)),
    forwardSend: sendTo('socket', ({ event }) => step.sendCommand(event)),
    refuseSend: emit(({ context, event }) => step.sendRefusal(context, event)),
    restoreBudget: assign({ retry: step.FRESH_BUDGET, owedFloorMs: null }),
    forgetRenewals: assign({ renewals: 0 }),
    /** Jitter is drawn once, in the transition that spends the retry. */
    drawJitter: assign(({ context }) => step.drawJitter(context)),
    recordLoss: assign(({ event }, params: LossParams) => step.recordLoss(event, params)),
    spendStart: assign(({ context, event }) => step.spendStart(context, event)),
    spendRetry: assign(({ context }) => step.spendRetry(context)),
    spendRenewal: assign(({ context }) => step.spendRenewal(context)),
    giveUp: assign(({ context }) => step.giveUp(context)),
    giveUpRestored: assign(() => step.giveUpRestored()),
    abandonAttempt: assign(() => step.abandonAttempt()),
    requestClose: assign({ closedBecause: 'requested' }),
    reopen: assign({ closedBecause: null }),
    recordHandshake: assign(({ event }) => step.recordHandshake(event)),
    rememberResponse: assign(({ event }) => step.rememberResponse(event)),
    forgetResponse: assign({ previousResponseId: null, previousResponseOrigin: null }),
    forgetUnstored: assign(({ context }) => step.forgetUnstored(context)),
    /** The owner is told before listeners: what they do then, it does knowing. */
    announce: enqueueActions(
      ({ context, self, enqueue }, params: { news: ConnectionAnnouncement['type'] }) => {
        const news = step.announcement(context, params.news)
        if (context.owner) enqueue.sendTo(context.owner, { ...news, connection: self.id })
        enqueue.emit(news)
      },
    ),
  },
}).createMachine({
  id: 'connection',
  context: ({ input }) => step.initialContext(input),
  initial: 'idle',
  on: {
    connect: { actions: 'adoptCredential' },
    send: { actions: 'refuseSend' },
    'connection.restored': [
      { guard: 'canDialAgain', target: '.connecting', actions: 'restoreBudget' },
      { target: '.closed', actions: 'giveUpRestored' },
    ],
  },
  states: {
    idle: {
      on: {
        connect: { target: 'connecting', actions: 'start' },
        close: { target: 'closed', actions: 'requestClose' },
        // Nothing was under way in a snapshot of `idle`.
        'connection.restored': {},
      },
    },
    connecting: dialing,
    open: {
      type: 'parallel',
      entry: ['forgetRenewals', announce('opened')],
      exit: 'forgetUnstored',
      on: {
        ...openLosses,
        send: { actions: 'forwardSend' },
        close: { target: 'closed.handshake', actions: ['requestClose', announce('closing')] },
      },
      states: {
        health: {
          initial: 'probation',
          on: {
            'server.errored': { guard: and([isFresh, 'evictsPrevious']), actions: 'forgetResponse' },
          },
          states: {
            probation: {
              after: { stableAfter: 'stable' },
              on: {
                // A failure evicts nothing here: what the server remembers of this line would have proved its health.
                'server.settled': {
                  guard: and([isFresh, 'isHealthProof']),
                  target: 'stable',
                  actions: 'rememberResponse',
                },
              },
            },
            stable: {
              entry: 'restoreBudget',
              on: {
                'server.settled': [
                  { guard: and([isFresh, 'isHealthProof']), actions: 'rememberResponse' },
                  { guard: and([isFresh, 'evictsPrevious']), actions: 'forgetResponse' },
                ],
              },
            },
          },
        },
        liveness: {
          initial: 'quiet',
          states: {
            quiet: { after: { pingInterval: { guard: 'pingIsOn', target: 'probing' } } },
            probing: {
              entry: 'probe',
              on: { 'socket.heard': { guard: isFresh, target: 'quiet' } },
              after: { pongTimeout: 'overdue' },
            },
            overdue: {
              // A ping waits behind a large message, and a pong comes after one.
              entry: 'check',
              on: { 'socket.heard': { guard: isFresh, target: 'quiet' } },
              after: { pongGrace: lost('ERR_HALF_OPEN', 'open') },
            },
          },
        },
        age: {
          initial: 'fresh',
          on: { 'server.errored': { guard: and([isFresh, 'closesOnError']), target: '.ending' } },
          states: {
            fresh: {
              on: {
                'server.errored': {
                  guard: and([isFresh, 'isAgeLimit']),
                  target: 'expired',
                  actions: announce('ripe'),
                },
              },
              after: { ripeAfter: { guard: 'ageIsOn', target: 'ripe', actions: announce('ripe') } },
            },
            ripe: {
              on: { 'server.errored': { guard: and([isFresh, 'isAgeLimit']), target: 'expired' } },
            },
            /** The server closes after its error frame. */
            ending: {
              entry: announce('closing'),
              // It is so already: another error must not start the grace again.
              on: { 'server.errored': {} },
              after: { expiryGrace: lost('ERR_CONNECTION_LOST', 'open') },
            },
            /** The server has announced the end. */
            expired: {
              on: {
                send: { actions: 'refuseSend' },
                // Already known: the notice must not start the grace again.
                'server.errored': {},
                // After the notice every ending is one of age, whatever close code the server chooses for it.
                'socket.lost': told('ERR_AGE_LIMIT', 'open'),
              },
              after: { expiryGrace: lost('ERR_AGE_LIMIT', 'open') },
            },
          },
        },
      },
    },
    reconnecting: {
      initial: 'waiting',
      on: { close: { target: 'closed', actions: 'requestClose' } },
      states: {
        /** After a loss, and when a connection is asked for again: what comes next. */
        deciding: {
          always: [
            { guard: 'mayDialAtOnce', target: '#connection.connecting' },
            { guard: 'isAsked', target: 'waiting', actions: ['drawJitter', 'spendStart'] },
            { guard: 'mayRenew', target: 'waiting', actions: ['spendRenewal', announce('lost')] },
            {
              guard: 'mayRetry',
              target: 'waiting',
              actions: ['drawJitter', 'spendRetry', announce('lost')],
            },
            { target: '#connection.closed', actions: ['giveUp', announce('lost')] },
          ],
        },
        waiting: {
          entry: 'hangUp',
          initial: 'inFloor',
          always: { guard: 'hasNoDelay', target: 'dialing' },
          after: {
            backoff: 'dialing',
            retryFloor: [{ guard: 'isHurried', target: 'dialing' }, { target: '.inBackoff' }],
          },
          states: {
            inFloor: { on: { retry: 'hurried' } },
            hurried: {},
            inBackoff: { on: { retry: '#connection.reconnecting.dialing' } },
          },
        },
        dialing,
      },
    },
    closed: {
      initial: 'settled',
      states: {
        handshake: {
          entry: 'startHandshake',
          on: {
            connect: { actions: ['adoptCredential', 'reopen'] },
            close: { actions: 'requestClose' },
            'socket.lost': { guard: isFresh, target: 'shaken', actions: 'recordHandshake' },
            'xstate.error.actor.socket': { target: 'shaken', actions: 'recordHandshake' },
            // Restored: the socket is gone, and what was asked for last is done.
            'connection.restored': {
              guard: or(['canDialAgain', not('isReopened')]),
              target: 'shaken',
              actions: 'recordHandshake',
            },
          },
          after: { closeTimeout: { target: 'shaken', actions: 'recordHandshake' } },
        },
        /** The handshake is over, one way or another. */
        shaken: {
          always: [
            {
              guard: 'isReopened',
              target: '#connection.reconnecting.deciding',
              actions: [announce('lost'), 'start'],
            },
            { guard: not('isReopened'), target: 'settled' },
          ],
        },
        settled: {
          entry: ['hangUp', announce('closed')],
          on: {
            connect: { target: '#connection.reconnecting.deciding', actions: 'start' },
            'connection.restored': {},
          },
        },
      },
    },
  },
})

/** The chart's type: what `provide` gives back as well. */
export type ConnectionChart = typeof connectionChart
