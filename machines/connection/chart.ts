import { assign, emit, enqueueActions, sendTo, setup, spawnChild, stateIn, stopChild } from 'xstate'
import { delayInRange } from '../delay-range.ts'
import * as step from './context.ts'
import { placeholderSocket } from './placeholder-socket.ts'
import {
  type LossParams,
  announce,
  dialing,
  dropStale,
  openLossTransitions,
  openLosses,
} from './transitions.ts'
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
    /** The fact comes from a socket that has been replaced. */
    isStale: ({ context, event }) => 'connectionId' in event && event.connectionId !== context.connectionId,
    /** Another attempt may succeed, and the budget has one left. */
    mayRetry: ({ context, event }, params: LossParams) => step.mayRetry(context, event, params),
    /** The line has proved its health. */
    isStable: stateIn({ open: { health: 'stable' } }),
    /** The credential was refused, there is a provider to ask for another, and it was not asked before. */
    mayRenew: ({ context, event }, params: LossParams) => step.mayRenew(context, event, params),
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
    isReopening: stateIn({ closed: { handshake: 'reopening' } }),
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
    nextAttempt: assign(({ context }) => ({ connectionId: context.connectionId + 1 })),
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
    startHandshake: sendTo('socket', ({ event }) => step.closeCommand(event)),
    forwardSend: sendTo('socket', ({ event }) => step.sendCommand(event)),
    refuseSend: emit(({ context, event }) => step.sendRefusal(context, event)),
    restoreBudget: assign({ retry: step.FRESH_BUDGET }),
    forgetRenewals: assign({ renewals: 0 }),
    /** Jitter is drawn once, in the transition that spends the retry. */
    drawJitter: assign(({ context }) => step.drawJitter(context)),
    spendRetry: assign(({ context, event }, params: LossParams) => step.spendRetry(context, event, params)),
    spendFirstRetry: assign(({ context, event }, params: LossParams) =>
      step.spendFirstRetry(context, event, params),
    ),
    spendRenewal: assign(({ context, event }, params: LossParams) =>
      step.spendRenewal(context, event, params),
    ),
    giveUp: assign(({ context, event }, params: LossParams) => step.giveUp(context, event, params)),
    giveUpRestored: assign(() => step.giveUpRestored()),
    abandonAttempt: assign(() => step.abandonAttempt()),
    requestClose: assign({ closedBecause: 'requested' }),
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
            'server.errored': [dropStale, { guard: 'evictsPrevious', actions: 'forgetResponse' }],
          },
          states: {
            probation: {
              after: { stableAfter: 'stable' },
              on: {
                'server.settled': [
                  dropStale,
                  // A failure evicts nothing here: what the server remembers of this line would have proved its health.
                  { guard: 'isHealthProof', target: 'stable', actions: 'rememberResponse' },
                ],
              },
            },
            stable: {
              entry: 'restoreBudget',
              on: {
                'server.settled': [
                  dropStale,
                  { guard: 'isHealthProof', actions: 'rememberResponse' },
                  { guard: 'evictsPrevious', actions: 'forgetResponse' },
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
              on: { 'socket.heard': [dropStale, { target: 'quiet' }] },
              after: { pongTimeout: 'overdue' },
            },
            overdue: {
              on: { 'socket.heard': [dropStale, { target: 'quiet' }] },
              after: { pongGrace: openLossTransitions({ cause: 'ERR_HALF_OPEN', phase: 'open' }) },
            },
          },
        },
        age: {
          initial: 'fresh',
          states: {
            fresh: {
              on: {
                'server.errored': [
                  dropStale,
                  { guard: 'isAgeLimit', target: 'expired', actions: announce('ripe') },
                  { guard: 'closesOnError', actions: announce('closing') },
                ],
              },
              after: { ripeAfter: { guard: 'ageIsOn', target: 'ripe', actions: announce('ripe') } },
            },
            ripe: {
              on: {
                'server.errored': [
                  dropStale,
                  { guard: 'isAgeLimit', target: 'expired' },
                  { guard: 'closesOnError', actions: announce('closing') },
                ],
              },
            },
            expired: {
              on: {
                send: { actions: 'refuseSend' },
                // Already known: the notice must not start the grace again.
                'server.errored': {},
                // After the notice every ending is one of age, whatever close code the server chooses for it.
                'socket.lost': [dropStale, ...openLossTransitions({ cause: 'ERR_AGE_LIMIT', phase: 'open' })],
              },
              after: { expiryGrace: openLossTransitions({ cause: 'ERR_AGE_LIMIT', phase: 'open' }) },
            },
          },
        },
      },
    },
    reconnecting: {
      initial: 'waiting',
      on: { close: { target: 'closed', actions: 'requestClose' } },
      states: {
        waiting: {
          entry: 'hangUp',
          initial: 'cooling',
          always: { guard: 'hasNoDelay', target: 'dialing' },
          after: {
            backoff: 'dialing',
            retryFloor: [{ guard: 'isHurried', target: 'dialing' }, { target: '.skippable' }],
          },
          states: {
            cooling: { on: { retry: 'hurried' } },
            hurried: {},
            skippable: { on: { retry: '#connection.reconnecting.dialing' } },
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
          initial: 'closing',
          on: {
            'socket.lost': [
              dropStale,
              {
                guard: 'isReopening',
                target: '#connection.connecting',
                actions: ['recordHandshake', 'start', announce('lost')],
              },
              { target: 'settled', actions: 'recordHandshake' },
            ],
            'xstate.error.actor.socket': [
              {
                guard: 'isReopening',
                target: '#connection.connecting',
                actions: ['recordHandshake', 'start', announce('lost')],
              },
              { target: 'settled', actions: 'recordHandshake' },
            ],
          },
          after: {
            closeTimeout: [
              {
                guard: 'isReopening',
                target: '#connection.connecting',
                actions: ['recordHandshake', 'start', announce('lost')],
              },
              { target: 'settled', actions: 'recordHandshake' },
            ],
          },
          states: {
            closing: {
              on: {
                connect: { target: 'reopening', actions: 'adoptCredential' },
                // Restored: the socket is gone, and what was asked for was to be closed.
                'connection.restored': { target: '#connection.closed.settled', actions: 'recordHandshake' },
              },
            },
            reopening: {
              on: {
                close: 'closing',
                'connection.restored': {
                  guard: 'canDialAgain',
                  target: '#connection.connecting',
                  actions: ['recordHandshake', 'start', announce('lost')],
                },
              },
            },
          },
        },
        settled: {
          entry: ['hangUp', announce('closed')],
          on: {
            connect: { target: '#connection.connecting', actions: 'start' },
            'connection.restored': {},
          },
        },
      },
    },
  },
})

/** The chart's type: what `provide` gives back as well. */
export type ConnectionChart = typeof connectionChart
