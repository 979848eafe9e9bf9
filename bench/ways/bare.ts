import { EventEmitter, once } from 'node:events'
import { WebSocket } from 'ws'
import { CREATE_TEXT, type Frame, type OpenTalker, Wait } from './talker.ts'

/** An open socket of the `ws` package, each of whose frames is parsed. */
export async function bareSocket(url: string, onFrame: (frame: Frame) => void): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('error', () => {})
  socket.on('message', (data) => onFrame(JSON.parse((data as Buffer).toString()) as Frame))
  await once(socket, 'open')
  return socket
}

/** What no client can do without: `ws` and `JSON.parse`. */
export const bare: OpenTalker = async ({ url }, heard) => {
  const end = new Wait()
  const socket = await bareSocket(url, (frame) => {
    if (frame.type === 'response.output_text.delta') heard(frame.delta)
    else if (frame.type === 'response.completed') end.done()
  })
  return { turn: () => end.begin(() => socket.send(CREATE_TEXT)), close: () => socket.terminate() }
}

/** The smallest manager that people write: an `EventEmitter` around the socket. */
class SmallManager extends EventEmitter {
  readonly #url: string
  #socket: WebSocket | undefined

  constructor(url: string) {
    super()
    this.#url = url
  }

  async connect(): Promise<void> {
    this.#socket = await bareSocket(this.#url, (frame) => {
      this.emit('message', frame)
      this.emit(frame.type, frame)
    })
    this.#socket.on('close', (code) => this.emit('close', code))
  }

  send(event: unknown): void {
    this.#socket?.send(JSON.stringify(event))
  }

  close(): void {
    this.#socket?.terminate()
  }
}

export const emitter: OpenTalker = async ({ url }, heard) => {
  const end = new Wait()
  const manager = new SmallManager(url)
  manager.on('response.output_text.delta', (frame: Frame) => heard(frame.delta))
  manager.on('response.completed', end.done)
  await manager.connect()
  return {
    turn: () => end.begin(() => manager.send(JSON.parse(CREATE_TEXT))),
    close: () => manager.close(),
  }
}
