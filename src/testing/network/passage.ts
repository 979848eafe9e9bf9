import type { Duplex } from 'node:stream'

/** What one end has to say to the other. */
type Said = Buffer | 'end'

/** Which end's words are held back: both ends', or only the client's. */
export type Frozen = 'both' | 'client'

/**
 * One line through a gate, from a client to a server: held back until it is let through, then carried byte for byte,
 * frozen and cut on demand.
 */
export class Passage {
  readonly client: Duplex
  readonly #connect: () => Duplex
  readonly #changed: () => void
  #server: Duplex | null = null
  #frozen: Frozen | null = null
  /** What the client said while it was held back, or while the line was frozen. */
  readonly #toServer: Said[] = []
  readonly #toClient: Said[] = []
  /** Bytes carried in both directions. */
  bytes = 0
  /** The first that the client said: its upgrade request. */
  hello = ''

  /** @param changed called whenever anything happens on the line */
  constructor(client: Duplex, connect: () => Duplex, changed: () => void) {
    this.client = client
    this.#connect = connect
    this.#changed = changed
    this.#listen(client, this.#toServer, () => (this.#frozen === null ? this.#server : null))
    client.on('end', () => {
      // A client that gives a frozen line up is gone, and nobody is left to thaw it for.
      if (this.frozen) this.cut()
    })
    client.on('close', () => {
      this.#server?.destroy()
      changed()
    })
  }

  /** True while the client has its end of the line. */
  get live(): boolean {
    return !this.client.destroyed && !this.client.readableEnded
  }

  /** True until the line is let through or cut. */
  get held(): boolean {
    return this.#server === null && this.live
  }

  /** True while the server's words are held back. */
  get frozen(): boolean {
    return this.#frozen === 'both'
  }

  /** Connects to the server, and hands it what the client has said. Does nothing a second time. */
  letThrough(): void {
    if (!this.held) return
    const server = this.#connect()
    this.#server = server
    this.#listen(server, this.#toClient, () => (this.frozen ? null : this.client))
    server.on('close', () => {
      // A server that resets the line ends without an end of its stream.
      if (!this.frozen && !server.readableEnded) this.client.destroy()
      this.#changed()
    })
    this.#flush()
  }

  /** Ends the line without a word to either side. */
  cut(): void {
    if ('resetAndDestroy' in this.client && this.held)
      (this.client as { resetAndDestroy(): void }).resetAndDestroy()
    else this.client.destroy()
    this.#server?.destroy()
  }

  freeze(whose: Frozen = 'both'): void {
    this.#frozen = whose
  }

  thaw(): void {
    this.#frozen = null
    this.#flush()
  }

  #listen(from: Duplex, queue: Said[], to: () => Duplex | null): void {
    const say = (said: Said): void => {
      this.#changed()
      queue.push(said)
      if (to() !== null) this.#flush()
    }
    from.on('data', (chunk: Buffer) => {
      if (from === this.client && this.hello === '') this.hello = chunk.toString('latin1')
      say(chunk)
    })
    from.on('end', () => say('end'))
    // A reset shows as the close that follows.
    from.on('error', () => {})
  }

  #flush(): void {
    if (this.#server === null || this.frozen) return
    if (this.#frozen === null) this.#deliver(this.#toServer, this.#server)
    this.#deliver(this.#toClient, this.client)
  }

  #deliver(queue: Said[], to: Duplex): void {
    for (const said of queue.splice(0)) {
      if (to.destroyed || to.writableEnded) return
      if (said === 'end') to.end()
      else {
        this.bytes += said.length
        to.write(said)
      }
    }
  }
}
