import { createWebSocketInspector, createWebSocketReceiver } from '@statelyai/inspect'
import { assign, createActor, fromCallback, setup } from 'xstate'
import { expect, it, onTestFinished } from 'vitest'
import { inspector, socketUrl, view } from './harness.ts'
import { waitFor } from '../support/wait-for.ts'

const machine = setup({
  types: {} as { context: { count: number }; events: { type: 'add' } | { type: 'end' } },
  actors: { worker: fromCallback(() => {}) },
}).createMachine({
  id: 'guest',
  context: { count: 0 },
  initial: 'working',
  states: {
    working: {
      invoke: { src: 'worker', id: 'worker' },
      on: { add: { actions: assign({ count: ({ context }) => context.count + 1 }) }, end: 'ended' },
    },
    ended: { type: 'final' },
  },
})

it("Stately's own receiver hears actors, events and snapshots, of those that were there before too", async () => {
  const { url, inspect } = await inspector()
  const actor = createActor(machine, { inspect }).start()
  const heard: { type: string; name?: string; sessionId: string; definition?: string; snapshot?: unknown }[] =
    []
  createWebSocketReceiver({ server: socketUrl(url, '/stately').href }).subscribe(
    (event) => void heard.push(event as never),
  )
  await waitFor(() => expect(heard.map(({ name }) => name)).toEqual(['guest', 'worker']))
  expect(JSON.parse(heard[0]?.definition ?? '')).toMatchObject({
    id: 'guest',
    states: { working: { on: { end: 'ended' } } },
  })
  actor.send({ type: 'add' })
  actor.send({ type: 'end' })
  await waitFor(() =>
    expect(heard).toContainEqual(
      expect.objectContaining({
        type: '@xstate.snapshot',
        sessionId: actor.sessionId,
        snapshot: expect.objectContaining({ status: 'done', value: 'ended', context: { count: 1 } }),
      }),
    ),
  )
  expect(heard).toContainEqual(expect.objectContaining({ type: '@xstate.event', event: { type: 'add' } }))
})

it('what another app sends with Stately’s inspector stands on our page', async () => {
  const { url } = await inspector()
  const page = await view(url)
  const remote = createWebSocketInspector({ url: socketUrl(url, '/stately').href })
  onTestFinished(() => remote.stop())
  const actor = createActor(machine, { inspect: remote.inspect }).start()
  actor.send({ type: 'add' })
  actor.send({ type: 'end' })
  await waitFor(() =>
    expect(page.entries()).toContainEqual(
      expect.objectContaining({
        kind: 'transition',
        actor: 'remote:guest',
        event: { type: 'end' },
        from: 'working',
        to: 'ended',
      }),
    ),
  )
  expect(page.entries()).toContainEqual(
    expect.objectContaining({ kind: 'actor', actor: 'remote:guest', change: 'done' }),
  )
  await waitFor(() =>
    expect(page.messages()).toContainEqual(
      expect.objectContaining({ type: 'chart', chart: 'remote:guest', layouts: expect.anything() }),
    ),
  )
})

it('a sender that sends nonsense changes nothing', async () => {
  const { url } = await inspector()
  const { socket } = await view(url, '/stately')
  const page = await view(url)
  for (const text of [
    '',
    'null',
    '{"type":"@xstate.actor"}',
    '{"type":"@xstate.snapshot","sessionId":"x:1"}',
    '{"type":"@xstate.actor","sessionId":"x:1","definition":"{"}',
  ]) {
    socket.send(text)
  }
  await waitFor(() =>
    expect(page.entries()).toContainEqual(expect.objectContaining({ kind: 'actor', chart: null })),
  )
})
