import { createServer } from 'node:http'
import { duplexPair } from 'node:stream'
import { type AnyActorRef, createActor, setup, waitFor } from 'xstate'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { connectionMachine } from '../../src/client/connection-machine.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { type SocketFactory, createSocketActor } from '../../src/socket/index.ts'
import { SimulatedClock, settle } from '../../src/testing/clock.ts'
import { KEY, startServer } from './harness.ts'

// The traps of XState and `ws` that only a real socket shows.

/** `ws` over a pair of streams: no TCP, so everything arrives in a fixed number of turns. */
function overStreams() {
  const http = createServer()
  const server = new WebSocketServer({ server: http })
  onTestFinished(() => void server.close())
  const factory: SocketFactory = (url, options) => {
    const [near, far] = duplexPair()
    http.emit('connection', far)
    return new WebSocket(url, { ...options, createConnection: () => near as never })
  }
  return { server, factory }
}

const url = 'ws://127.0.0.1:1/'
const event = { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0 }

describe('ws over a stream.duplexPair', () => {
  it('echoes in one turn of the event loop', async () => {
    const { server, factory } = overStreams()
    server.on('connection', (peer) => peer.on('message', (data: RawData) => peer.send(data)))
    const socket = factory(url, {})
    await new Promise((resolve) => socket.once('open', resolve))
    let echoes = 0
    socket.on('message', () => (echoes += 1))
    for (let round = 1; round <= 5; round += 1) {
      socket.send('x')
      await settle(1)
      expect(echoes).toBe(round)
    }
    socket.terminate()
    await settle()
  })

  it('carries a whole connection, reconnect included, without a network', async () => {
    const { server, factory } = overStreams()
    const peers: WebSocket[] = []
    server.on('connection', (peer) => peers.push(peer))
    const clock = new SimulatedClock()
    const machine = connectionMachine.provide({
      actors: { socket: createSocketActor({ socketFactory: factory }) },
    })
    const input = { url, apiKey: new Secret(KEY), jitter: 'none' } as const
    const actor = createActor(machine, { input, clock })
    const deltas: string[] = []
    actor.on('response.output_text.delta', ({ delta }) => void deltas.push(delta))
    actor.start()
    actor.send({ type: 'connect' })
    await waitFor(actor, (snapshot) => snapshot.matches('open'))
    peers[0]?.send(JSON.stringify({ ...event, delta: 'one' }))
    await settle(2)
    peers[0]?.close(1012)
    await waitFor(actor, (snapshot) => snapshot.matches('reconnecting'))
    await clock.advance(1_000)
    await waitFor(actor, (snapshot) => snapshot.matches('open'))
    peers[1]?.send(JSON.stringify({ ...event, delta: 'two' }))
    await settle(2)
    expect(deltas).toEqual(['one', 'two'])
    actor.stop()
    await settle()
    expect(clock.pending()).toEqual([])
  })
})

describe('a socket that throws where it may not', () => {
  it.each(['ping', 'send', 'close'] as const)(
    'in %s: the line is lost, and nothing is left',
    async (method) => {
      const server = await startServer()
      const factory: SocketFactory = (target, options) => {
        const socket = new WebSocket(target, options)
        socket[method] = () => {
          throw new Error('a bug in ws')
        }
        return socket
      }
      const clock = new SimulatedClock()
      const machine = connectionMachine.provide({
        actors: { socket: createSocketActor({ socketFactory: factory }) },
      })
      const input = { url: server.url, apiKey: new Secret(KEY), maxRetries: 0 }
      const actor = createActor(machine, { input, clock }).start()
      actor.send({ type: 'connect' })
      await waitFor(actor, (snapshot) => snapshot.matches('open'))
      if (method === 'ping') await clock.advance(20_000)
      if (method === 'send')
        actor.send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'hi' } })
      if (method === 'close') actor.send({ type: 'close' })
      await waitFor(actor, (snapshot) => snapshot.matches({ closed: 'settled' }))
      await server.waitForClose()
      expect(actor.getSnapshot().status).toBe('active')
      expect(clock.pending()).toEqual([])
      actor.stop()
    },
  )

  it('in terminate, which its cleanup calls: the parent lives', async () => {
    const server = await startServer()
    const sockets: WebSocket[] = []
    const factory: SocketFactory = (target, options) => {
      const socket = new WebSocket(target, options)
      sockets.push(socket)
      socket.terminate = () => {
        throw new Error('a bug in ws')
      }
      return socket
    }
    const line = connectionMachine.provide({
      actors: { socket: createSocketActor({ socketFactory: factory }) },
    })
    const app = setup({ actors: { line } }).createMachine({
      initial: 'using',
      states: {
        using: {
          invoke: { id: 'line', src: 'line', input: { url: server.url, apiKey: new Secret(KEY) } },
          on: { leave: 'idle' },
        },
        idle: {},
      },
    })
    const actor = createActor(app).start()
    const child = actor.getSnapshot().children['line'] as AnyActorRef
    child.send({ type: 'connect' })
    await waitFor(child, (snapshot) => snapshot.matches('open'))
    actor.send({ type: 'leave' })
    expect(actor.getSnapshot()).toMatchObject({ value: 'idle', status: 'active' })
    for (const socket of sockets) WebSocket.prototype.terminate.call(socket)
    await server.waitForClose()
    actor.stop()
  })
})

describe('one simulated clock', () => {
  it('drives parent, child and the socket of the child', async () => {
    const server = await startServer({ upgrades: [{ status: 503, times: 3 }] })
    const clock = new SimulatedClock()
    const app = setup({ actors: { line: connectionMachine } }).createMachine({
      initial: 'early',
      invoke: {
        id: 'line',
        src: 'line',
        input: { url: server.url, apiKey: new Secret(KEY), jitter: 'none' },
      },
      states: { early: { after: { 7_000: 'late' } }, late: {} },
    })
    const actor = createActor(app, { clock }).start()
    const child = actor.getSnapshot().children['line'] as AnyActorRef
    child.send({ type: 'connect' })
    await clock.advance(6_999)
    expect([actor.getSnapshot().value, server.upgrades().length]).toEqual(['early', 3])
    await clock.advance(1)
    expect(actor.getSnapshot().value).toBe('late')
    await waitFor(child, (snapshot) => snapshot.matches('open'))
    expect(server.upgrades()).toHaveLength(4)
    actor.stop()
    await server.waitForClose()
    expect(clock.pending()).toEqual([])
  })
})

describe('what a server says', () => {
  it('never becomes the name of an event, and content notifies no subscriber', async () => {
    const server = await startServer({
      turns: [{ text: ['a', 'b', 'c'], faults: [{ at: 'created', do: 'unknown-event', event: 'new.kind' }] }],
    })
    const sent = new Set<string>()
    const actor = createActor(connectionMachine, {
      input: { url: server.url, apiKey: new Secret(KEY) },
      inspect: (inspected) => {
        if (inspected.type === '@xstate.event' && inspected.actorRef === actor) sent.add(inspected.event.type)
      },
    })
    const heard: string[] = []
    let snapshots = 0
    actor.on('*', ({ type }) => void heard.push(type))
    actor.start()
    actor.send({ type: 'connect' })
    await waitFor(actor, (snapshot) => snapshot.matches('open'))
    actor.subscribe(() => (snapshots += 1))
    actor.send({ type: 'send', event: { type: 'response.create', model: 'm', input: 'hi', store: false } })
    await waitFor(actor, ({ context }) => context.previousResponseId !== null)
    expect(heard).toContain('new.kind')
    expect(heard.filter((type) => type === 'response.output_text.delta')).toHaveLength(3)
    // `send`, and the one fact that the response was completed.
    expect(snapshots).toBe(2)
    expect([...sent]).toEqual(['xstate.init', 'connect', 'socket.opened', 'send', 'server.settled'])
    actor.stop()
  })
})
