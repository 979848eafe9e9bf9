import { describe, expect, it, onTestFinished } from 'vitest'
import * as v from 'valibot'
import { assign, createActor, sendTo, setup, waitFor } from 'xstate'
import { connectionMachine } from '../../src/client/connection-machine.ts'
import {
  type EntryOf,
  type RecordingEntry,
  type RecordingKind,
  recordingEntrySchema,
} from '../../src/recording/format.ts'
import { Secret } from '../../src/protocol/secret.ts'
import { ActorObserver } from '../../src/recording/observe.ts'
import { SimulatedClock } from '../../src/testing/index.ts'
import { KEY, startServer } from '../client/harness.ts'

function observe() {
  const entries: RecordingEntry[] = []
  let at = 0
  const observer = new ActorObserver({ now: () => (at += 1), push: (entry) => entries.push(entry) })
  return {
    observer,
    entries,
    of: <Kind extends RecordingKind>(kind: Kind): EntryOf<Kind>[] =>
      entries.filter((entry): entry is EntryOf<Kind> => entry.kind === kind),
  }
}

async function watchedConnection() {
  const watch = observe()
  const server = await startServer()
  const clock = new SimulatedClock()
  const input = { url: server.url, apiKey: new Secret(KEY), jitter: 'none' as const }
  const actor = createActor(connectionMachine, { input, clock, inspect: watch.observer.inspect }).start()
  onTestFinished(() => void actor.stop())
  const reach = async (
    name: 'open' | 'reconnecting' | 'closed',
    command?: 'connect' | 'close',
  ): Promise<void> => {
    if (command !== undefined) actor.send({ type: command })
    await waitFor(actor, (snapshot) => snapshot.matches(name === 'closed' ? { closed: 'settled' } : name))
  }
  return { ...watch, server, clock, actor, reach }
}

describe('an observed connection', () => {
  it('gives entries that fit the format', async () => {
    const { actor, reach, server, clock, entries } = await watchedConnection()
    await reach('open', 'connect')
    server.dropAll()
    await reach('reconnecting')
    await clock.advance(1000)
    await reach('open')
    await reach('closed', 'close')
    actor.stop()
    for (const entry of entries) expect(v.safeParse(recordingEntrySchema, entry).issues).toBeUndefined()
    expect(new Set(entries.map(({ kind }) => kind))).toEqual(
      new Set(['actor', 'transition', 'timer', 'event']),
    )
  })

  it('names its actors by their place, and says when they go', async () => {
    const { actor, reach, of } = await watchedConnection()
    await reach('open', 'connect')
    await reach('closed', 'close')
    actor.stop()
    expect(of('actor').map((entry) => `${entry.actor} ${entry.change}`)).toEqual([
      'connection started',
      'connection/socket started',
      'connection/socket stopped',
      'connection stopped',
    ])
  })

  it('says which transition was taken, and which guard refused', async () => {
    const { reach, server, of } = await watchedConnection()
    await reach('open', 'connect')
    server.dropAll()
    await reach('reconnecting')
    const lost = of('transition').find(({ event }) => event.type === 'socket.lost')
    expect(lost).toMatchObject({
      source: 'connection/socket',
      from: { open: { health: 'probation' } },
      to: { reconnecting: { waiting: 'inFloor' } },
      taken: [
        { source: 'open', on: 'socket.lost', guard: 'isFresh' },
        { source: 'reconnecting.deciding', guard: 'mayRetry' },
      ],
    })
    expect(lost?.refused.map(({ source, guard }) => `${source} ${guard}`)).toEqual([
      'reconnecting.deciding mayDialAtOnce',
      'reconnecting.deciding isAsked',
      'reconnecting.deciding mayRenew',
    ])
    expect(lost?.actions).toContain('drawJitter')
    expect(lost?.changed).toContainEqual({ path: ['retry', 'attempt'], before: 0, after: 1 })
  })

  it('tells of each delay when it is set, cleared and due', async () => {
    const { reach, server, clock, of } = await watchedConnection()
    await reach('open', 'connect')
    server.dropAll()
    await reach('reconnecting')
    const backoff = of('timer').find(({ delay }) => delay === 'backoff')
    expect(backoff).toMatchObject({ change: 'set', delayMs: 1000, state: 'reconnecting.waiting' })
    expect(of('timer')).toContainEqual(
      expect.objectContaining({ change: 'cleared', id: expect.stringContaining('connectTimeout') }),
    )
    await clock.advance(1000)
    expect(of('timer')).toContainEqual(expect.objectContaining({ change: 'fired', id: backoff?.id }))
  })
})

describe('an observer', () => {
  it('tells of an actor that failed', () => {
    const { observer, of } = observe()
    const machine = setup({
      actions: {
        fail: () => {
          throw new Error('a bug')
        },
      },
    }).createMachine({ id: 'broken', on: { go: { actions: 'fail' } } })
    const actor = createActor(machine, { inspect: observer.inspect })
    actor.subscribe({ error: () => {} })
    actor.start()
    actor.send({ type: 'go' })
    observer.sweep()
    expect(of('actor').map(({ change }) => change)).toEqual(['started', 'failed'])
  })

  it('never throws into the app, and counts what it could not read', () => {
    const { observer } = observe()
    const actor = createActor(
      setup({ actions: { set: assign({ a: 1 }) } }).createMachine({
        context: {},
        on: { go: { actions: 'set' } },
      }),
      { inspect: observer.inspect },
    ).start()
    const trap = new Proxy({}, { get: () => fail('read'), ownKeys: () => fail('listed') })
    actor.send({ type: 'go', trap } as never)
    expect(actor.getSnapshot().context).toEqual({ a: 1 })
    observer.inspect(trap as never)
    expect(observer.failures).toBe(1)
  })

  it('tells what was sent to a busy actor apart from what it handles', () => {
    const { observer, of } = observe()
    const machine = setup({}).createMachine({
      id: 'busy',
      initial: 'a',
      states: {
        a: { on: { go: { target: 'b', actions: sendTo(({ self }) => self, { type: 'more' }) } } },
        b: { on: { more: 'c' } },
        c: {},
      },
    })
    createActor(machine, { inspect: observer.inspect }).start().send({ type: 'go' })
    expect(of('transition')).toMatchObject([
      { event: { type: 'go' }, from: 'a', to: 'b', taken: [{ source: 'a', on: 'go' }] },
      { event: { type: 'more' }, from: 'b', to: 'c', taken: [{ source: 'b', on: 'more' }] },
    ])
  })

  it('numbers the texts that it does not show, so that equal ones can be told', () => {
    const { observer, of } = observe()
    const machine = setup({}).createMachine({ id: 'm', context: { mine: 'Ada', his: 'Bob', hers: 'Ada' } })
    createActor(machine, { inspect: observer.inspect }).start()
    const [first, second] = [
      { $text: 3, same: 1 },
      { $text: 3, same: 2 },
    ]
    expect(of('actor')[0]?.context).toEqual({ mine: first, his: second, hers: first })
  })

  it('tells two roots of one machine apart, and uses a name again when it is free', () => {
    const { observer, of } = observe()
    const machine = setup({}).createMachine({ id: 'm' })
    const [first, second] = [0, 0].map(() => createActor(machine, { inspect: observer.inspect }).start())
    first?.stop()
    createActor(machine, { inspect: observer.inspect }).start()
    second?.stop()
    expect(of('actor').map((entry) => `${entry.actor} ${entry.change}`)).toEqual([
      'm started',
      'm#2 started',
      'm stopped',
      'm started',
      'm#2 stopped',
    ])
  })
})

function fail(what: string): never {
  throw new Error(what)
}
