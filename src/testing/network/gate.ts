import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { Passage } from './passage.ts'

/** Where a gate leads to. */
export interface GateTarget {
  readonly port: number
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined
}

/** Options of {@link createGate}. */
export interface GateOptions {
  /** True lets every line through as it comes. Default: false, each waits for `letThrough`. */
  readonly standsOpen?: boolean | undefined
}

/**
 * The network between a client and a server of this machine: a TCP proxy that holds every new line back until it is
 * let through, and that freezes and cuts lines on demand. It knows nothing of HTTP and WebSocket.
 */
export class Gate {
  readonly passages: Passage[] = []
  /** Grows with everything that happens on any line. */
  activity = 0
  readonly #target: GateTarget
  readonly #standsOpen: boolean
  readonly #server: Server

  constructor(target: GateTarget, { standsOpen = false }: GateOptions = {}) {
    this.#target = target
    this.#standsOpen = standsOpen
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      client.setNoDelay(true)
      this.admit(client, this.#connect)
    })
  }

  /** `ws://127.0.0.1:PORT/v1/responses`; the target's own port where the gate does not listen. */
  get url(): string {
    const address = this.#server.address() as AddressInfo | null
    return `ws://127.0.0.1:${address?.port ?? this.#target.port}/v1/responses`
  }

  /** The newest line, those of plain HTTP requests aside. */
  get newest(): Passage | undefined {
    return this.passages.findLast(({ hello }) => !hello.startsWith('POST '))
  }

  /** Lines whose client has not let go. */
  get live(): number {
    return this.passages.filter((passage) => passage.live).length
  }

  /** How the server is reached. */
  readonly #connect = (): Duplex => {
    const { port, host = '127.0.0.1' } = this.#target
    const upstream = connect({ port, host, allowHalfOpen: true })
    upstream.setNoDelay(true)
    return upstream
  }

  /** Takes a line that did not come over TCP. `connectToServer` makes the other half when it is let through. */
  admit(client: Duplex, connectToServer: () => Duplex): Passage {
    const passage = new Passage(client, connectToServer, () => (this.activity += 1))
    this.activity += 1
    this.passages.push(passage)
    if (this.#standsOpen) passage.letThrough()
    return passage
  }

  /** Resolves when the gate listens, on a free port of 127.0.0.1. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', resolve)
    })
  }

  /** Cuts every line, and resolves when nothing is left. */
  async close(): Promise<void> {
    for (const passage of this.passages) passage.cut()
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }
}

/** A gate that listens. Close it when it has served. */
export async function createGate(target: GateTarget, options: GateOptions = {}): Promise<Gate> {
  const gate = new Gate(target, options)
  await gate.listen()
  return gate
}
