import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type AnyActorRef, type AnyEventObject, createActor, setup, spawnChild, stopChild } from 'xstate'
import { onTestFinished } from 'vitest'
import type { SocketCommand, SocketFact } from '../../machines/socket-contract.ts'
import { Secret } from '../../src/protocol/secret.ts'
import type { TransportOptions } from '../../src/protocol/transport.ts'
import { createSocketActor, registerOutlet, socketHandle } from '../../src/socket/index.ts'
import type { SocketFactory } from '../../src/socket/session.ts'

export const KEY = 'sk-test-0123456789-planted'

export function transport(overrides: Partial<TransportOptions> & { url: string }): TransportOptions {
  return {
    headers: {},
    credential: new Secret(KEY),
    auth: { mode: 'provider-default' },
    proxy: null,
    tls: null,
    allowPrivateNetwork: true,
    addressTimeoutMs: 2_500,
    allowInsecure: false,
    subprotocols: [],
    perMessageDeflate: false,
    maxPayloadBytes: 1 << 20,
    maxFrameBytes: 1 << 20,
    maxBufferedBytes: 4 << 20,
    ...overrides,
  }
}

interface DriveOptions {
  readonly renew?: boolean
  readonly factory?: SocketFactory
  /** `fallback` registers no owner, so events come out of the socket actor itself. */
  readonly emitAs?: 'owner' | 'fallback'
  /** Facts on which the parent stops the socket, as the chart does. */
  readonly hangUpOn?: readonly SocketFact['type'][]
  readonly input?: object
  /** Instead of recording what is emitted. */
  readonly hear?: (event: AnyEventObject) => void
  readonly clock?: {
    setTimeout: (fn: () => void, ms: number) => unknown
    clearTimeout: (id: unknown) => void
  }
}

/** A parent that spawns one socket actor and records all that comes of it. Stopped when the test ends. */
export function drive(options: Partial<TransportOptions> & { url: string }, how: DriveOptions = {}) {
  const facts: SocketFact[] = []
  const emitted: AnyEventObject[] = []
  const accepted: AnyEventObject[] = []
  const order: string[] = []
  const waiting = new Set<() => void>()
  const wake = () => waiting.forEach((check) => check())
  const record = ({ event }: { event: AnyEventObject }) => {
    facts.push(event as SocketFact)
    order.push(event.type)
    wake()
  }
  const socketLogic = createSocketActor(how.factory ? { socketFactory: how.factory } : {})
  const machine = setup({ actors: { socket: socketLogic } }).createMachine({
    entry: spawnChild('socket', {
      id: 'socket',
      input: ({ self }: { self: AnyActorRef }) => ({
        connectionId: 7,
        owner: self,
        transport: new Secret(transport(options)),
        renew: how.renew ?? false,
        ...how.input,
      }),
    }),
    on: {
      'test.hangUp': { actions: stopChild('socket') },
      '*': { actions: record },
      ...Object.fromEntries(
        (how.hangUpOn ?? []).map((type) => [type, { actions: [record, stopChild('socket')] }]),
      ),
    },
  })
  const parent = createActor(machine, how.clock ? { clock: how.clock as never } : {})
  const hear = (event: AnyEventObject) => {
    if (how.hear) return how.hear(event)
    // Comes with each opening; whoever wants it asks for it.
    if (event.type === 'upgrade.accepted') return void accepted.push(event)
    emitted.push(event)
    order.push(`emitted ${event.type}`)
    wake()
  }
  if (how.emitAs !== 'fallback') {
    registerOutlet(parent)
    ;(parent as AnyActorRef).on('*', hear)
  }
  parent.start()
  const socket = parent.getSnapshot().children['socket'] as AnyActorRef
  if (how.emitAs === 'fallback') socket.on('*', hear)
  onTestFinished(() => void parent.stop())

  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = () => {
        const found = find()
        if (found === undefined) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
    })
  return {
    parent,
    socket,
    facts,
    emitted,
    accepted,
    order,
    handle: socketHandle(socket)!,
    send: (command: SocketCommand) => socket.send(command),
    hangUp: () => parent.send({ type: 'test.hangUp' }),
    fact: <Type extends SocketFact['type']>(type: Type) =>
      until(() => facts.find((fact): fact is Extract<SocketFact, { type: Type }> => fact.type === type)),
    heard: (type: string, count = 1) =>
      until(() => emitted.filter((event) => event.type === type)[count - 1]),
  }
}

/** Exchanges on a connection of its own; what is not meant to come would take fewer. */
const ROUND_TRIPS = 5

/** Resolves when whatever was on its way over loopback has come, and what it led to as well. */
export async function networkSettled(): Promise<void> {
  const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket))
  await once(echo.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((echo.address() as AddressInfo).port, '127.0.0.1')
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    socket.write('.')
    await once(socket, 'data')
  }
  socket.end()
  await once(echo.close(), 'close')
}

export function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => (resolve = done))
  return { promise, resolve }
}
