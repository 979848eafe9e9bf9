import { createActor, emit, fromCallback, setup } from 'xstate'
import type { WebSocket } from 'ws'
import { bareSocket } from './bare.ts'
import { CREATE_TEXT, type Frame, type OpenTalker, Wait } from './talker.ts'

/** What Holdline does not do: each frame is an event of a machine, which emits it. */
export const naiveChart: OpenTalker = async ({ url }, heard) => {
  const end = new Wait()
  const ready = new Wait()
  let socket: WebSocket | undefined
  const machine = setup({
    types: {} as {
      events: { type: 'server.event'; frame: Frame }
      emitted: { type: 'delta'; frame: Frame } | { type: 'completed' }
    },
    actors: {
      socket: fromCallback(({ sendBack }) => {
        const open = async (): Promise<void> => {
          socket = await bareSocket(url, (frame) => sendBack({ type: 'server.event', frame }))
          ready.done()
        }
        void open()
        return () => socket?.terminate()
      }),
    },
    guards: {
      isDelta: ({ event }) => event.frame.type === 'response.output_text.delta',
      isCompleted: ({ event }) => event.frame.type === 'response.completed',
    },
  }).createMachine({
    invoke: { src: 'socket' },
    on: {
      'server.event': [
        { guard: 'isDelta', actions: emit(({ event }) => ({ type: 'delta' as const, frame: event.frame })) },
        { guard: 'isCompleted', actions: emit({ type: 'completed' }) },
      ],
    },
  })
  const actor = createActor(machine)
  actor.on('delta', ({ frame }) => heard(frame.delta))
  actor.on('completed', end.done)
  await ready.begin(() => void actor.start())
  return {
    turn: () => end.begin(() => socket?.send(CREATE_TEXT)),
    close: () => void actor.stop(),
  }
}
