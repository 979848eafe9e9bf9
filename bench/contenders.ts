import { once } from 'node:events'
import OpenAI from 'openai'
import { ResponsesWS } from 'openai/resources/responses/ws'
import { createActor, emit, fromCallback, setup, waitFor } from 'xstate'
import { WebSocket } from 'ws'
import { ResponsesConnection, Secret, connectionMachine } from '../src/index.ts'

/** One way to receive a streamed response, on a connection that is open already. */
export interface Contender {
  readonly name: string
  /** Asks for one response, and resolves when all of it was heard. */
  round(): Promise<void>
  close(): void
}

/** Opens a connection; `heard` is called with the text of every delta. */
export type OpenContender = (url: string, heard: (delta: string) => void) => Promise<Contender>

const create = { type: 'response.create', model: 'm', input: 'hi', store: false } as const
const request = JSON.stringify(create)

interface Frame {
  readonly type: string
  readonly delta: string
}

/** Resolves the promise of the round under way. */
class Rounds {
  #done: () => void = () => {}

  readonly done = (): void => this.#done()

  begin(ask: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve
      ask()
    })
  }
}

async function rawSocket(url: string, onFrame: (frame: Frame) => void): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('message', (data) => onFrame(JSON.parse((data as Buffer).toString()) as Frame))
  await once(socket, 'open')
  return socket
}

const raw: OpenContender = async (url, heard) => {
  const rounds = new Rounds()
  const socket = await rawSocket(url, (frame) => {
    if (frame.type === 'response.output_text.delta') heard(frame.delta)
    else if (frame.type === 'response.completed') rounds.done()
  })
  return {
    name: 'raw `ws` and `JSON.parse`',
    round: () => rounds.begin(() => socket.send(request)),
    close: () => socket.terminate(),
  }
}

const viaClass: OpenContender = async (url, heard) => {
  const rounds = new Rounds()
  const connection = new ResponsesConnection({ url, apiKey: 'sk-bench' })
  connection.on('response.output_text.delta', (event) => heard(event.delta))
  connection.on('response.completed', rounds.done)
  await connection.connect()
  return {
    name: '`ResponsesConnection.on()`',
    round: () => rounds.begin(() => connection.send(create)),
    close: () => void connection[Symbol.asyncDispose](),
  }
}

const viaActor: OpenContender = async (url, heard) => {
  const rounds = new Rounds()
  const actor = createActor(connectionMachine, { input: { url, apiKey: new Secret('sk-bench') } })
  actor.on('response.output_text.delta', (event) => heard(event.delta))
  actor.on('response.completed', rounds.done)
  actor.start()
  actor.send({ type: 'connect' })
  await waitFor(actor, (snapshot) => snapshot.matches('open'))
  return {
    name: '`actor.on()` of `connectionMachine`',
    round: () => rounds.begin(() => actor.send({ type: 'send', event: create })),
    close: () => {
      actor.stop()
    },
  }
}

/** What Holdline does not do: each frame is an event of a machine, which emits it. */
const viaTransitions: OpenContender = async (url, heard) => {
  const rounds = new Rounds()
  const ready = new Rounds()
  let socket: WebSocket | undefined
  const machine = setup({
    types: {} as {
      events: { type: 'server.event'; frame: Frame }
      emitted: { type: 'delta'; frame: Frame } | { type: 'completed' }
    },
    actors: {
      socket: fromCallback(({ sendBack }) => {
        const open = async (): Promise<void> => {
          socket = await rawSocket(url, (frame) => sendBack({ type: 'server.event', frame }))
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
  actor.on('completed', rounds.done)
  await ready.begin(() => void actor.start())
  return {
    name: 'every frame through a transition',
    round: () => rounds.begin(() => socket?.send(request)),
    close: () => {
      actor.stop()
    },
  }
}

const officialSdk: OpenContender = async (url, heard) => {
  const rounds = new Rounds()
  const baseURL = url.replace(/^ws/, 'http').replace(/\/responses$/, '')
  const socket = new ResponsesWS(new OpenAI({ apiKey: 'sk-bench', baseURL, maxRetries: 0 }))
  socket.on('response.output_text.delta', (event) => heard(event.delta))
  socket.on('response.completed', rounds.done)
  await once(socket.socket as unknown as WebSocket, 'open')
  return {
    name: '`openai` SDK, `ResponsesWS.on()`',
    round: () => rounds.begin(() => socket.send(create)),
    close: () => socket.close(),
  }
}

/** The first is what the others are compared with. */
export const contenders: readonly OpenContender[] = [raw, viaClass, viaActor, officialSdk, viaTransitions]
