import { type AnyActorRef, assign, createActor, setup, waitFor } from 'xstate'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { WebSocket } from 'ws'
import { type ConnectionActorRef, connectionMachine } from '../../src/client/connection-machine.ts'
import { ResponsesConnection } from '../../src/client/connection.ts'
import { makeSafe } from '../../src/client/make-safe.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { SimulatedClock, settle } from '../../src/testing/clock.ts'
import { accept } from '../socket/server.ts'

const PLANTED = 'sk-planted-0123456789'

/** A server whose connections the test holds. */
async function server() {
  const peers: WebSocket[] = []
  const { url } = await accept((peer) => peers.push(peer))
  return {
    url,
    peers,
    /** Connections that are open on the server's side. */
    get open(): number {
      return peers.filter((peer) => peer.readyState === peer.OPEN).length
    },
    async gone(): Promise<void> {
      while (peers.some((peer) => peer.readyState !== peer.CLOSED)) await settle(1)
    },
  }
}

const inputFor = (url: string) => ({ url, apiKey: new Secret(PLANTED), jitter: 'none' as const })

const isOpen = (snapshot: { matches(value: 'open'): boolean }): boolean => snapshot.matches('open')

/** An app's machine with one connection as an invoked child, and one as a spawned child on request. */
function appMachine(url: string) {
  return setup({
    types: {} as {
      events: { type: 'err' } | { type: 'spawn' } | { type: 'hang up' }
      context: { spawned: AnyActorRef | null }
    },
    actors: { connection: connectionMachine },
    actions: {
      err: () => {
        throw new Error('a bug of the app')
      },
    },
  }).createMachine({
    context: { spawned: null },
    initial: 'using',
    states: {
      using: {
        invoke: { id: 'line', src: 'connection', input: inputFor(url) },
        on: {
          err: { actions: 'err' },
          'hang up': 'idle',
          spawn: {
            actions: assign({
              spawned: ({ spawn }) => spawn('connection', { id: 'second', input: inputFor(url) }),
            }),
          },
        },
      },
      idle: {},
    },
  })
}

function lineOf(app: AnyActorRef, id = 'line'): ConnectionActorRef {
  return app.getSnapshot().children[id] as ConnectionActorRef
}

describe('the connection machine', () => {
  it('runs as a root actor, and stop() leaves no socket', async () => {
    const { url, gone } = await server()
    const actor = createActor(connectionMachine, { input: inputFor(url) }).start()
    actor.send({ type: 'connect' })
    await waitFor(actor, isOpen)
    actor.stop()
    await gone()
  })

  it('runs invoked: leaving the state ends it', async () => {
    const { url, gone } = await server()
    const app = createActor(appMachine(url)).start()
    lineOf(app).send({ type: 'connect' })
    await waitFor(lineOf(app), isOpen)
    app.send({ type: 'hang up' })
    await gone()
    app.stop()
  })

  it('runs spawned, beside others', async () => {
    const { url, peers, gone } = await server()
    const app = createActor(appMachine(url)).start()
    app.send({ type: 'spawn' })
    for (const id of ['line', 'second']) {
      lineOf(app, id).send({ type: 'connect' })
      await waitFor(lineOf(app, id), isOpen)
    }
    expect(peers).toHaveLength(2)
    app.stop()
    await gone()
  })

  it('ends when a parent that was made safe errs', async () => {
    const { url, gone } = await server()
    const app = createActor(makeSafe(appMachine(url)))
    const errors: unknown[] = []
    app.subscribe({ error: (error) => errors.push(error) })
    app.start()
    const line = lineOf(app)
    line.send({ type: 'connect' })
    await waitFor(line, isOpen)
    app.send({ type: 'err' })
    expect(errors).toEqual([new Error('a bug of the app')])
    expect(line.getSnapshot().status).toBe('stopped')
    await gone()
  })

  it('outlives the error of a parent that was not: this is what makeSafe is for', async () => {
    const held = await server()
    const app = createActor(appMachine(held.url))
    app.subscribe({ error: () => {} })
    app.start()
    const line = lineOf(app)
    onTestFinished(() => void line.send({ type: 'close' }))
    line.send({ type: 'connect' })
    await waitFor(line, isOpen)
    app.send({ type: 'err' })
    app.stop()
    expect(line.getSnapshot().status).toBe('active')
    expect(held.open).toBe(1)
  })

  it('closes its socket when a guard or an action of its own throws', async () => {
    const { url, peers, gone } = await server()
    const broken = connectionMachine.provide({
      actions: {
        rememberResponse: () => {
          throw new Error('a bug in what was provided')
        },
      },
    })
    const clock = new SimulatedClock()
    const actor = createActor(broken, { input: inputFor(url), clock })
    const errors: unknown[] = []
    actor.subscribe({ error: (error) => errors.push(error) })
    actor.start()
    actor.send({ type: 'connect' })
    await waitFor(actor, isOpen)
    peers[0]?.once('message', () => peers[0]?.send(COMPLETED))
    actor.send({ type: 'send', event: { type: 'response.create' } })
    await gone()
    expect(errors).toEqual([new Error('a bug in what was provided')])
    expect(actor.getSnapshot().status).toBe('error')
  })

  it('does not change the machine that it is given', () => {
    const machine = appMachine('ws://127.0.0.1:1/')
    const { transition } = machine
    expect(makeSafe(machine)).not.toBe(machine)
    expect(machine.transition).toBe(transition)
  })
})

describe('one clock', () => {
  it('drives parent and child, and nothing is pending after stop', async () => {
    const { url } = await server()
    const clock = new SimulatedClock()
    const app = createActor(appMachine(url), { clock }).start()
    lineOf(app).send({ type: 'connect' })
    await waitFor(lineOf(app), isOpen)
    expect(clock.pending().length).toBeGreaterThan(0)
    app.stop()
    expect(clock.pending()).toEqual([])
  })
})

describe('restored from a snapshot', () => {
  it('dials anew, and what was not stored is forgotten', async () => {
    const { url, peers } = await server()
    const first = createActor(appMachine(url)).start()
    lineOf(first).send({ type: 'connect' })
    await waitFor(lineOf(first), isOpen)
    peers[0]?.once('message', () => peers[0]?.send(COMPLETED))
    lineOf(first).send({ type: 'send', event: { type: 'response.create' } })
    await waitFor(lineOf(first), ({ context }) => context.previousResponseId === 'resp_1')
    const snapshot = first.getPersistedSnapshot()
    first.stop()

    const second = createActor(appMachine(url), { snapshot }).start()
    expect(lineOf(second).getSnapshot().matches('connecting')).toBe(true)
    await waitFor(lineOf(second), isOpen)
    expect(peers).toHaveLength(2)
    expect(lineOf(second).getSnapshot().context.previousResponseId).toBeNull()
    second.stop()
  })

  it('does not hang in reconnecting, though its timers are gone', async () => {
    const { url, peers } = await server()
    const first = createActor(appMachine(url)).start()
    lineOf(first).send({ type: 'connect' })
    await waitFor(lineOf(first), isOpen)
    peers[0]?.terminate()
    await waitFor(lineOf(first), (state) => state.matches('reconnecting'))
    const snapshot = first.getPersistedSnapshot()
    first.stop()

    const second = createActor(appMachine(url), { snapshot }).start()
    await waitFor(lineOf(second), isOpen)
    expect(peers).toHaveLength(2)
    second.stop()
  })

  it.each(['idle', 'closed'] as const)('stays %s', async (name) => {
    const { url, peers } = await server()
    const first = createActor(appMachine(url)).start()
    if (name === 'closed') lineOf(first).send({ type: 'close' })
    const snapshot = first.getPersistedSnapshot()
    first.stop()
    const second = createActor(appMachine(url), { snapshot }).start()
    expect(lineOf(second).getSnapshot().matches(name)).toBe(true)
    await settle()
    expect(peers).toEqual([])
    second.stop()
  })

  it('from JSON has no credential any more, and says so', async () => {
    const { url, peers } = await server()
    const first = createActor(appMachine(url)).start()
    lineOf(first).send({ type: 'connect' })
    await waitFor(lineOf(first), isOpen)
    const json = JSON.stringify(first.getPersistedSnapshot())
    first.stop()
    expect(json).not.toContain(PLANTED)

    const second = createActor(appMachine(url), { snapshot: JSON.parse(json) as never }).start()
    const { value, context } = lineOf(second).getSnapshot()
    expect(value).toEqual({ closed: 'settled' })
    expect(context.closedBecause).toBe('ERR_CREDENTIAL_MISSING')
    await settle()
    expect(peers).toHaveLength(1)
    second.stop()
  })
})

describe('server events', () => {
  it('are heard on the actor across reconnects, without a transition for a delta', async () => {
    const { url, peers } = await server()
    const clock = new SimulatedClock()
    let snapshots = 0
    const actor = createActor(connectionMachine, { input: inputFor(url), clock })
    const deltas: string[] = []
    actor.on('response.output_text.delta', (event) => {
      deltas.push(event.delta)
    })
    actor.start()
    actor.send({ type: 'connect' })
    await waitFor(actor, isOpen)
    actor.subscribe(() => (snapshots += 1))
    const say = (delta: string): void =>
      peers.at(-1)?.send(JSON.stringify({ ...DELTA, delta, sequence_number: 1 }))
    for (let i = 0; i < 100; i += 1) say('a')
    // An unknown type for each frame: none may become a type of the machine's events.
    for (let i = 0; i < 100; i += 1) peers[0]?.send(JSON.stringify({ type: `new.event.${i}` }))
    while (deltas.length < 100) await settle(1)
    await settle()
    expect(snapshots).toBe(0)

    peers[0]?.terminate()
    await waitFor(actor, (state) => state.matches('reconnecting'))
    await clock.advance(1_000)
    await waitFor(actor, isOpen)
    say('b')
    while (deltas.length < 101) await settle(1)
    expect(deltas.at(-1)).toBe('b')
    actor.stop()
  })
})

describe.each([
  'authorization',
  'cookie',
  'api-key',
  'x-api-key',
  'x-auth-token',
  'openai-api-key',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
  'x-secret',
])('a header that carries a credential: %s', (name) => {
  it('is refused where it stands plain in an input', () => {
    const actor = createActor(connectionMachine, { input: { headers: { [name]: PLANTED } } })
    expect(actor.getSnapshot()).toMatchObject({ status: 'error', error: { path: `headers.${name}` } })
  })

  it.each(['headers', 'request.headers'])('is seen nowhere when it is given to the class: %s', (where) => {
    const seen: unknown[] = []
    const headers = { [name]: PLANTED }
    const connection = new ResponsesConnection({
      ...(where === 'headers' ? { headers } : { request: { headers } }),
      inspect: (event) => seen.push(event),
    })
    seen.push(connection.actor.getSnapshot(), connection.line.getPersistedSnapshot())
    connection.stop()
    expect(seen.length).toBeGreaterThan(2)
    expect(textsIn(seen).filter((text) => text.includes(PLANTED))).toEqual([])
    expect(textsIn([{ deep: { [PLANTED]: new Map([[1, PLANTED]]) } }])).toEqual(['deep', PLANTED, PLANTED])
  })
})

describe('a planted key', () => {
  it('is in no inspection event, snapshot, emitted event or persisted state', async () => {
    const { url, peers } = await server()
    const seen: unknown[] = []
    const actor = createActor(connectionMachine, {
      input: {
        ...inputFor(url),
        headers: { 'x-extra': new Secret(PLANTED) },
        request: { tls: { passphrase: new Secret(PLANTED) } },
      },
      inspect: (event) => seen.push(event),
    })
    actor.on('*', (event) => void seen.push(event))
    actor.start()
    actor.send({ type: 'connect', apiKey: new Secret(PLANTED) })
    await waitFor(actor, isOpen)
    peers[0]?.terminate()
    await waitFor(actor, (state) => state.matches('reconnecting'))
    seen.push(actor.getSnapshot(), actor.getPersistedSnapshot())
    actor.stop()
    expect(seen.length).toBeGreaterThan(10)
    // Actor references print the whole system; what they hold is looked at through the snapshots.
    const parts = seen.flatMap((one) => Object.values(one as object)).filter((part) => !isActorRef(part))
    const printed = parts.map((part) => inspect(part, { depth: 4, showHidden: true })).join('\n')
    expect(printed).toContain('[redacted]')
    expect(printed).not.toContain(PLANTED)
    expect(JSON.stringify(seen, withoutCycles())).not.toContain(PLANTED)
  })
})

/** Every text and name of a field that can be reached, however deep. Each object is looked at once. */
function textsIn(root: unknown): string[] {
  const texts: string[] = []
  const seen = new Set<unknown>()
  const rest = [root]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value === 'string') texts.push(value)
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    if (value instanceof Error) rest.push(value.message, value.stack, value.cause)
    if (value instanceof Map) rest.push(...value.keys(), ...value.values())
    if (value instanceof Set) rest.push(...value)
    if (!Array.isArray(value)) texts.push(...Object.keys(value))
    rest.push(...Object.values(value))
  }
  return texts
}

function isActorRef(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'getSnapshot' in value
}

function withoutCycles() {
  const above = new Set<unknown>()
  return (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (above.has(value)) return undefined
    above.add(value)
    return value
  }
}

const DELTA = {
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  logprobs: [],
}

const COMPLETED = JSON.stringify({
  type: 'response.completed',
  response: { id: 'resp_1', object: 'response', status: 'completed', output: [], created_at: 0, model: 'm' },
})
