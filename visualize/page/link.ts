import type { PageMessage, ServerMessage } from '../view/messages.ts'

const RETRY_MS = 1000

type Listener = (message: ServerMessage | { readonly type: 'lost' }) => void

/** The socket to the app that is watched. Lost, it is opened again; an app that was started anew has another token. */
export class Link {
  readonly #listener: Listener
  #socket: WebSocket | null = null
  #closed = false

  constructor(listener: Listener) {
    this.#listener = listener
    this.#open()
  }

  send(message: PageMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  close(): void {
    this.#closed = true
    this.#socket?.close()
  }

  #open(): void {
    const url = new URL('/socket', location.href)
    url.protocol = 'ws:'
    url.search = location.search
    const socket = new WebSocket(url)
    this.#socket = socket
    socket.addEventListener('message', ({ data }) =>
      this.#listener(JSON.parse(String(data)) as ServerMessage),
    )
    socket.addEventListener('close', () => {
      if (this.#closed) return
      this.#listener({ type: 'lost' })
      setTimeout(() => this.#open(), RETRY_MS)
    })
  }
}
