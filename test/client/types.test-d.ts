import { type ActorRefFrom, type EmittedFrom, type InputFrom, assign, createActor, fromPromise } from 'xstate'
import { describe, expectTypeOf, test } from 'vitest'
import type { ConnectionContext } from '../../machines/index.ts'
import {
  type CloseInfo,
  type ConnectionActorRef,
  type ConnectionEmitted,
  type ConnectionStateName,
  type HoldlineErrorCode,
  type RetryState,
  Secret,
  type ServerEvent,
  OpenAIWebSocketManager,
  ResponsesConnection,
  connectionMachine,
  createSocketActor,
  makeSafe,
} from '../../src/index.ts'
import type { ConnectionMachineInput } from '../../machines/connection/types.ts'

// Never run: the compiler is what is asked.
const actor = createActor(connectionMachine, { input: {} })

describe('emitted events', () => {
  test('each has its own type', () => {
    actor.on('response.output_text.delta', (event) => {
      expectTypeOf(event.delta).toEqualTypeOf<string>()
      expectTypeOf(event).not.toBeAny()
    })
    actor.on('connection.lost', (event) => {
      expectTypeOf(event.retry).toEqualTypeOf<RetryState | null>()
      expectTypeOf(event.closeInfo).toEqualTypeOf<CloseInfo>()
    })
    actor.on('connection.closed', (event) => {
      expectTypeOf(event.because).toEqualTypeOf<'requested' | HoldlineErrorCode>()
    })
    actor.on('send.refused', (event) => void expectTypeOf(event.code).toEqualTypeOf<HoldlineErrorCode>())
    actor.on('turn.lost', (event) => {
      expectTypeOf(event.progress).toEqualTypeOf<'sent' | 'started' | 'streaming'>()
    })
    actor.on('*', (event) => void expectTypeOf(event).toEqualTypeOf<ConnectionEmitted>())
    expectTypeOf<EmittedFrom<typeof connectionMachine>>().toEqualTypeOf<ConnectionEmitted>()
  })

  test('a wrong name is an error', () => {
    // @ts-expect-error -- no such event
    actor.on('response.output_text.delt', () => {})
    // @ts-expect-error -- a fact of the socket is not emitted
    actor.on('socket.opened', () => {})
    // @ts-expect-error -- a delta has no field of this name
    actor.on('response.output_text.delta', (event) => void event.text)
  })
})

describe('events', () => {
  test('commands are typed', () => {
    actor.send({ type: 'connect' })
    actor.send({ type: 'connect', apiKey: new Secret('key') })
    actor.send({ type: 'close', code: 1000, reason: 'done' })
    actor.send({ type: 'retry' })
    actor.send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'hi' } })
  })

  test('what is none is an error', () => {
    // @ts-expect-error -- no such command
    actor.send({ type: 'disconnect' })
    // @ts-expect-error -- a key is sealed
    actor.send({ type: 'connect', apiKey: 'key' })
    // @ts-expect-error -- a close code is a number
    actor.send({ type: 'close', code: '1000' })
    // @ts-expect-error -- not an event that a client sends
    actor.send({ type: 'send', event: { type: 'response.cancel' } })
    // @ts-expect-error -- `send` needs an event
    actor.send({ type: 'send' })
  })
})

describe('input', () => {
  test('is the documented type', () => {
    expectTypeOf<InputFrom<typeof connectionMachine>>().toEqualTypeOf<ConnectionMachineInput>()
    createActor(connectionMachine, { input: { apiKey: new Secret('key'), maxRetries: 3 } })
    createActor(connectionMachine, { input: { apiKey: async ({ renew }) => new Secret(String(renew)) } })
  })

  test('a secret as a string is an error', () => {
    // @ts-expect-error -- a key is sealed
    createActor(connectionMachine, { input: { apiKey: 'key' } })
    // @ts-expect-error -- a provider gives a sealed key
    createActor(connectionMachine, { input: { apiKey: () => 'key' } })
    const auth = { mode: 'authorization-bearer', token: 'key' } as const
    // @ts-expect-error -- so is a token
    createActor(connectionMachine, { input: { request: { auth } } })
    // @ts-expect-error -- and a private key
    createActor(connectionMachine, { input: { request: { tls: { key: 'pem' } } } })
  })

  test('a wrong name or a wrong type is an error', () => {
    // @ts-expect-error -- no such option
    createActor(connectionMachine, { input: { retries: 3 } })
    // @ts-expect-error -- a number
    createActor(connectionMachine, { input: { maxRetries: '3' } })
    // @ts-expect-error -- false switches a clock off, true says nothing
    createActor(connectionMachine, { input: { pingIntervalMs: true } })
  })
})

describe('snapshot', () => {
  test('context is typed', () => {
    const { context } = actor.getSnapshot()
    expectTypeOf(context).toEqualTypeOf<ConnectionContext>()
    expectTypeOf(context.previousResponseId).toEqualTypeOf<string | null>()
    // @ts-expect-error -- context is read only
    context.connectionId = 3
  })

  test('states are typed', () => {
    const snapshot = actor.getSnapshot()
    snapshot.matches('open')
    snapshot.matches({ open: { health: 'stable' } })
    snapshot.matches({ closed: 'handshake' })
    // @ts-expect-error -- no such state
    snapshot.matches('opened')
    // @ts-expect-error -- no such region
    snapshot.matches({ open: { wealth: 'stable' } })
    expectTypeOf(actor.select((state) => state.context.retry.attempt).get()).toEqualTypeOf<number>()
    expectTypeOf(snapshot.children.socket).not.toBeAny()
    // @ts-expect-error -- the only child is `socket`
    void snapshot.children.sockets
  })
})

describe('provide', () => {
  test('takes what the chart names', () => {
    const provided = connectionMachine.provide({
      guards: { mayRetry: ({ context }) => context.retry.attempt < 2 },
      delays: { backoff: ({ context }) => context.retry.delayMs * 2, pongGrace: 500 },
      actions: { announce: () => {}, drawJitter: assign({ jitterDraw: 0.25 }) },
      actors: { socket: createSocketActor() },
    })
    expectTypeOf(provided).toEqualTypeOf<typeof connectionMachine>()
    expectTypeOf(makeSafe(connectionMachine)).toEqualTypeOf<typeof connectionMachine>()
    expectTypeOf<ActorRefFrom<typeof connectionMachine>>().toEqualTypeOf<ConnectionActorRef>()
  })

  test('a wrong name is an error', () => {
    // @ts-expect-error -- no such guard
    connectionMachine.provide({ guards: { canRetry: () => true } })
    // @ts-expect-error -- no such delay
    connectionMachine.provide({ delays: { backOff: 100 } })
    // @ts-expect-error -- no such action
    connectionMachine.provide({ actions: { hangup: () => {} } })
    // @ts-expect-error -- no such actor
    connectionMachine.provide({ actors: { sockets: createSocketActor() } })
  })

  test('a wrong kind of actor is an error', () => {
    // @ts-expect-error -- a promise is no socket
    connectionMachine.provide({ actors: { socket: fromPromise(async () => 1) } })
    // @ts-expect-error -- nor is another machine
    connectionMachine.provide({ actors: { socket: connectionMachine } })
  })
})

describe('the class', () => {
  const connection = new ResponsesConnection({ apiKey: 'key' })

  test('on() narrows', () => {
    expectTypeOf(connection.on('response.completed', () => {})).toEqualTypeOf<() => void>()
    connection.on('response.output_text.delta', (event) => void expectTypeOf(event.delta).toBeString())
    connection.on('response.completed', (event) => void expectTypeOf(event.response.id).toBeString())
    connection.on('*', (event) => void expectTypeOf(event).toEqualTypeOf<ConnectionEmitted>())
    // @ts-expect-error -- no such event
    connection.on('response.complete', () => {})
  })

  test('onMessage() hears server events only', () => {
    connection.onMessage((event) => void expectTypeOf(event).toEqualTypeOf<ServerEvent>())
    expectTypeOf(connection.state).toEqualTypeOf<ConnectionStateName>()
  })

  test('takes keys as strings, and no other option as something else', () => {
    void new ResponsesConnection({ apiKey: () => 'key', headers: { 'x-a': 'b' } })
    // @ts-expect-error -- no such option
    void new ResponsesConnection({ key: 'key' })
    // @ts-expect-error -- checking certificates cannot be switched off
    void new ResponsesConnection({ request: { tls: { rejectUnauthorized: false } } })
    // @ts-expect-error -- the manager takes its key in connect()
    void new OpenAIWebSocketManager({ apiKey: 'key' })
  })
})
