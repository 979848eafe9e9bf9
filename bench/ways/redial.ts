import { once } from 'node:events'
import OpenAI from 'openai'
import { ResponsesWS } from 'openai/resources/responses/ws'
import { WebSocket } from 'ws'
import { ResponsesConnection } from '../../src/index.ts'
import { DROP } from '../server/spec.ts'
import { makeParty, makeReconnecting } from './reconnecting.ts'
import { CREATE, CREATE_TEXT, type Endpoint, Wait } from './talker.ts'

/**
 * A client that comes back by itself, at once. `cycle` runs one turn, has the server drop the connection, and asks
 * again as soon as it may; it gives the time from asking for the drop to the first event of the second turn, in ms.
 */
export type OpenRedialer = (to: Endpoint) => Promise<{ cycle(): Promise<number> }>

const DROP_EVENT = { ...CREATE, model: DROP }

/** Waits for events of the turn that was asked for last. */
class Waiting {
  #seen = new Set<string>()
  readonly #wait = new Wait()
  #type = ''

  see(type: string): void {
    this.#seen.add(type)
    if (type === this.#type) this.#wait.done()
  }

  ask(send: () => void): void {
    this.#seen.clear()
    send()
  }

  async until(type: string): Promise<void> {
    if (this.#seen.has(type)) return
    await this.#wait.begin(() => (this.#type = type))
  }
}

/** The rest of a cycle, for clients that only carry frames. */
async function cycleOf(waiting: Waiting, send: (text: string) => void, drop: () => Promise<void>) {
  waiting.ask(() => send(CREATE_TEXT))
  await waiting.until('response.completed')
  const start = performance.now()
  await drop()
  waiting.ask(() => send(CREATE_TEXT))
  await waiting.until('response.created')
  const time = performance.now() - start
  await waiting.until('response.completed')
  return time
}

/** Twenty lines that people write: dial again when the socket closes. */
export const handWritten: OpenRedialer = async ({ url }) => {
  const waiting = new Waiting()
  let socket: WebSocket | undefined
  const open = new Wait()
  const dial = (): void => {
    socket = new WebSocket(url, { perMessageDeflate: false })
    socket.on('error', () => {})
    socket.on('message', (data) =>
      waiting.see((JSON.parse((data as Buffer).toString()) as { type: string }).type),
    )
    socket.on('open', open.done)
    socket.on('close', dial)
  }
  await open.begin(dial)
  const send = (text: string): void => socket?.send(text)
  return {
    cycle: () => cycleOf(waiting, send, () => open.begin(() => send(JSON.stringify(DROP_EVENT)))),
  }
}

const reconnects =
  (make: typeof makeParty): OpenRedialer =>
  async ({ url }) => {
    const waiting = new Waiting()
    const socket = make(url)
    const open = new Wait()
    socket.addEventListener('open', open.done)
    socket.addEventListener('message', ({ data }) =>
      waiting.see((JSON.parse(String(data)) as { type: string }).type),
    )
    await open.begin(() => {})
    const drop = (): Promise<void> => open.begin(() => socket.send(JSON.stringify(DROP_EVENT)))
    return { cycle: () => cycleOf(waiting, (text) => socket.send(text), drop) }
  }

export const partyRedial = reconnects(makeParty)
export const reconnectingRedial = reconnects(makeReconnecting)

export const openaiRedial: OpenRedialer = async ({ baseURL }) => {
  const waiting = new Waiting()
  const client = new OpenAI({ apiKey: 'sk-bench', baseURL, maxRetries: 0 })
  const socket = new ResponsesWS(client, {
    reconnect: { onReconnecting: () => {}, maxRetries: 1_000_000, initialDelay: 0, maxDelay: 0 },
  })
  const open = new Wait()
  socket.on('event', (event) => waiting.see(event.type))
  socket.on('error', () => {})
  socket.on('reconnected', open.done)
  await once(socket.socket as unknown as WebSocket, 'open')
  const drop = (): Promise<void> => open.begin(() => socket.sendRaw(JSON.stringify(DROP_EVENT)))
  return { cycle: () => cycleOf(waiting, (text) => socket.sendRaw(text), drop) }
}

/** A conversation; its turn waits for the connection by itself. */
export const holdlineRedial: OpenRedialer = async ({ url }) => {
  const connection = new ResponsesConnection({
    url,
    apiKey: 'sk-bench',
    backoffDelaysMs: [0],
    jitter: 'none',
  })
  await connection.connect()
  const lost = new Wait()
  connection.on('connection.lost', lost.done)
  return {
    async cycle() {
      const conversation = connection.conversation({ model: 'm' })
      await conversation.respond('Go on.').response
      const start = performance.now()
      await lost.begin(() => connection.send(DROP_EVENT))
      const turn = conversation.respond('Go on.')
      await turn[Symbol.asyncIterator]().next()
      const time = performance.now() - start
      await turn.response
      conversation.close()
      return time
    },
  }
}
