import type { WebSocket } from 'ws'

/** One frame as the client's end of a socket saw it, or the end of that socket. */
export interface WireEntry {
  readonly socket: number
  readonly what: 'sent' | 'received' | 'closed'
  /** The event; empty for an end, and for what is no JSON object. */
  readonly event: Readonly<Record<string, unknown>>
}

/** What went over the client's ends of all sockets, in order. It knows nothing of the client's charts. */
export class WireLog {
  readonly entries: WireEntry[] = []
  #sockets = 0

  readonly tap = (socket: WebSocket): void => {
    this.#sockets += 1
    const id = this.#sockets
    const send = socket.send.bind(socket)
    socket.send = ((data: string, ...rest: never[]) => {
      this.entries.push({ socket: id, what: 'sent', event: objectOf(data) })
      send(data, ...rest)
    }) as typeof socket.send
    const close = socket.close.bind(socket)
    let listens = true
    // From here on the client hears nothing more on it, as RFC 6455 section 1.4 has it of an endpoint that closes.
    socket.close = (...args) => {
      listens = false
      close(...args)
    }
    socket.on('message', (data, isBinary) => {
      if (!listens) return
      const event = isBinary ? {} : objectOf((data as Buffer).toString())
      this.entries.push({ socket: id, what: 'received', event })
    })
    socket.on('close', () => this.entries.push({ socket: id, what: 'closed', event: {} }))
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
