import { createRequire } from 'node:module'
import { WebSocket } from 'ws'
import { type InspectionEvent, assign, createActor, fromCallback, setup } from 'xstate'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { describeChart } from '../../visualize/chart/describe.ts'
import { CHARTS } from '../../visualize/charts.ts'
import { toV4Config } from '../../visualize/xstate-inspect/v4-config.ts'
import { type XstateBridgeOptions, startXstateBridge } from '../../visualize/xstate-bridge.ts'
import { upgradeStatus } from './harness.ts'
import { waitFor } from '../support/wait-for.ts'

const workspace = createRequire(new URL('../../visualize/xstate-inspect/package.json', import.meta.url))
const v4 = workspace('xstate') as {
  createMachine(config: object): { initialState: { value: unknown; nextEvents: string[] } }
}

interface Received {
  readonly type: string
  readonly sessionId: string
  readonly id?: string
  readonly state?: { readonly value: unknown; readonly context: unknown }
  readonly event?: { readonly name: string }
  readonly machine?: { readonly id: string; readonly events: readonly string[] }
}

const machine = setup({
  types: {} as { context: { count: number; note: string }; events: { type: 'add' } | { type: 'end' } },
  actors: { worker: fromCallback(() => {}) },
}).createMachine({
  id: 'lamp',
  context: { count: 0, note: 'planted note' },
  initial: 'on',
  states: {
    on: {
      invoke: { src: 'worker', id: 'worker' },
      on: { add: { actions: assign({ count: ({ context }) => context.count + 1 }) }, end: 'off' },
      after: { 60_000: 'off' },
    },
    off: { type: 'final' },
  },
})

function start(inspect: (event: InspectionEvent) => void) {
  const actor = createActor(machine, { inspect }).start()
  onTestFinished(() => void actor.stop())
  return actor
}

async function bridge(options: XstateBridgeOptions = {}) {
  const started = await startXstateBridge(
    new URL('../../visualize/xstate-inspect/bridge.ts', import.meta.url),
    options,
  )
  onTestFinished(() => started.close())
  return started
}

/** The receiver of `@xstate/inspect` itself. It looks for a browser's WebSocket. */
function receive(url: string) {
  vi.stubGlobal('WebSocket', WebSocket)
  onTestFinished(() => void vi.unstubAllGlobals())
  const { createWebSocketReceiver } = workspace('@xstate/inspect') as {
    createWebSocketReceiver(options: { server: string }): {
      subscribe(next: (event: Received) => void): void
      send(event: object): void
    }
  }
  const receiver = createWebSocketReceiver({ server: url.replace('ws://', '') })
  const heard: Received[] = []
  receiver.subscribe((event) => void heard.push(event))
  return { receiver, heard }
}

/** What a receiver sends to have an actor handle `add`. */
function addFrom(actor: { readonly sessionId: string }): object {
  const event = {
    name: 'add',
    data: { type: 'add' },
    $$type: 'scxml',
    type: 'external',
    origin: actor.sessionId,
  }
  return { type: 'xstate.event', event: JSON.stringify(event) }
}

describe('the receiver of @xstate/inspect', () => {
  it('hears register, event, state, child actors and stop', async () => {
    const { url, inspect } = await bridge()
    const actor = start(inspect)
    const { heard } = receive(url)
    await waitFor(() => expect(heard.filter(({ type }) => type === 'service.register')).toHaveLength(2))
    const registered = heard.find(({ sessionId }) => sessionId === actor.sessionId)
    expect(registered?.machine?.id).toBe('lamp')
    expect(registered?.machine?.events).toEqual(expect.arrayContaining(['add', 'end']))
    expect(registered?.state?.value).toBe('on')
    actor.send({ type: 'add' })
    actor.send({ type: 'end' })
    await waitFor(() =>
      expect(heard).toContainEqual(
        expect.objectContaining({ type: 'service.stop', sessionId: actor.sessionId }),
      ),
    )
    const own = heard.filter(({ sessionId }) => sessionId === actor.sessionId)
    expect(own.flatMap(({ type, event }) => (type === 'service.event' ? [event?.name] : []))).toEqual([
      'add',
      'end',
    ])
    const states = own.flatMap(({ type, state }) => (type === 'service.state' ? [state] : []))
    expect(states.map((state) => [state?.value, Reflect.get(Object(state?.context), 'count')])).toEqual([
      ['on', 1],
      ['off', 1],
    ])
    expect(JSON.stringify(heard)).not.toContain('planted')
  })

  it('hears of actors that start later', async () => {
    const { url, inspect } = await bridge()
    const { heard } = receive(url)
    const hears = ({ sessionId }: { readonly sessionId: string }): Promise<void> =>
      waitFor(() =>
        expect(heard).toContainEqual(expect.objectContaining({ type: 'service.register', sessionId })),
      )
    await hears(start(inspect))
    const later = start(inspect)
    await hears(later)
    await hears(later.getSnapshot().children['worker']!)
  })

  it('can send events where that was allowed, and nowhere else', async () => {
    const shut = await bridge()
    const first = start(shut.inspect)
    const one = receive(shut.url)
    await waitFor(() => expect(one.heard.length).toBeGreaterThan(0))
    one.receiver.send(addFrom(first))
    const open = await bridge({ allowSend: true })
    const second = start(open.inspect)
    const two = receive(open.url)
    await waitFor(() => expect(two.heard.length).toBeGreaterThan(0))
    two.receiver.send(addFrom(second))
    await waitFor(() => expect(second.getSnapshot().context.count).toBe(1))
    await waitFor(() => expect(two.heard.filter(({ type }) => type === 'service.event')).toHaveLength(1))
    expect(first.getSnapshot().context.count).toBe(0)
  })
})

it('asks for the token, and refuses other origins and hosts', async () => {
  const { url } = await bridge()
  expect(await upgradeStatus(new URL(url))).toBe(101)
  expect(await upgradeStatus(new URL(url.replace(/token=.*/, 'token=x')))).toBe(401)
  expect(await upgradeStatus(new URL(url), { origin: 'https://evil.example' })).toBe(403)
  expect(await upgradeStatus(new URL(url), { host: 'evil.example' })).toBe(421)
})

it('survives receivers that send nonsense', async () => {
  const { url, inspect } = await bridge({ allowSend: true })
  const socket = new WebSocket(url)
  onTestFinished(() => socket.terminate())
  await new Promise((resolve) => {
    socket.once('open', resolve)
  })
  for (const text of [
    '',
    '{',
    'null',
    '{"type":"xstate.event"}',
    '{"type":"xstate.event","event":"{"}',
    '{"type":"xstate.event","event":"null"}',
  ]) {
    socket.send(text)
  }
  start(inspect)
  const { heard } = receive(url)
  await waitFor(() => expect(heard.length).toBeGreaterThan(0))
})

it('leaves the registry of other tools as it was', async () => {
  const other = { services: new Set() }
  vi.stubGlobal('__xstate__', other)
  onTestFinished(() => void vi.unstubAllGlobals())
  await bridge()
  expect(Reflect.get(globalThis, '__xstate__')).toBe(other)
})

it('says what to do where the workspace is not installed', async () => {
  await expect(startXstateBridge(new URL('file:///nowhere/bridge.js'))).rejects.toMatchObject({
    code: 'ERR_INSPECTOR',
    message: expect.stringContaining('npm ci'),
  })
})

it.each(Object.entries(CHARTS))('the chart %s is a machine of XState 4 too', (_name, chart) => {
  const { initialState } = v4.createMachine({
    ...toV4Config(describeChart(chart)),
    predictableActionArguments: true,
  })
  expect(initialState.value).toBeDefined()
})
