import { once } from 'node:events'
import type { ClientOptions } from 'ws'
import { WebSocket } from 'ws'
import { settle } from '../../src/testing/index.ts'

/** An event as the client reads it; tests reach into it freely. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Event = Record<string, any> & { type: string }

/** A bare WebSocket that keeps what it receives. */
export class RawClient {
  readonly socket: WebSocket
  readonly events: Event[] = []
  readonly texts: string[] = []
  readonly binaries: Buffer[] = []
  pings = 0
  pongs = 0
  closed: { code: number; reason: string } | null = null

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, {
      headers: { authorization: 'Bearer sk-test' },
      perMessageDeflate: false,
      ...options,
    })
    this.socket.on('error', () => {})
    this.socket.on('ping', () => (this.pings += 1))
    this.socket.on('pong', () => (this.pongs += 1))
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }))
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) {
        this.binaries.push(data as Buffer)
        return
      }

      const text = (data as Buffer).toString()
      this.texts.push(text)
      try {
        this.events.push(JSON.parse(text) as Event)
      } catch {
        // Kept in `texts`.
      }
    })
  }

  static async open(url: string, options?: ClientOptions): Promise<RawClient> {
    const client = new RawClient(url, options)
    await once(client.socket, 'open')
    return client
  }

  send(event: unknown): void {
    this.socket.send(typeof event === 'string' ? event : JSON.stringify(event))
  }

  create(fields: Record<string, unknown> = {}): void {
    this.send({ type: 'response.create', model: 'm', input: 'hi', store: false, ...fields })
  }

  /** Creates, and gives the events up to and with the terminal one of its lane. */
  async turn(fields: Record<string, unknown> = {}): Promise<Event[]> {
    const start = this.events.length
    this.create(fields)
    const lane = fields['stream_id']
    const mine = (): Event[] => this.events.slice(start).filter((event) => event['stream_id'] === lane)
    await this.until(() => mine().some((event) => isTerminal(event)))
    return mine()
  }

  types(): string[] {
    return this.events.map((event) => event.type)
  }

  last(): Event {
    return this.events.at(-1) ?? { type: 'nothing' }
  }

  async until(done: () => boolean): Promise<void> {
    const giveUp = Date.now() + 2000
    while (!done()) {
      if (Date.now() > giveUp)
        throw new Error(`The client waited in vain. It has: ${this.types().join(', ')}`)
      await settle(1)
    }
  }

  async untilClosed(): Promise<{ code: number; reason: string }> {
    await this.until(() => this.closed !== null)
    return this.closed ?? { code: 0, reason: '' }
  }
}

/** The `response` of the last event. */
export function responseOf(events: readonly Event[]): Event {
  return events.at(-1)?.['response'] as Event
}

/** The text of the last event's response. */
export function textOf(events: readonly Event[]): string {
  return responseOf(events)['output'][0].content[0].text as string
}

/** What a promise rejects with; undefined when it resolves. */
export async function caught(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

export function isTerminal(event: Event): boolean {
  return /^(error|response\.(completed|incomplete|failed|done))$/.test(event.type)
}

/** The status, headers and body of a refused upgrade. */
export async function refusal(
  url: string,
  options: ClientOptions = { headers: { authorization: 'Bearer sk-test' } },
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const socket = new WebSocket(url, options)
  socket.on('error', () => {})
  return await new Promise((resolve, reject) => {
    socket.on('open', () => reject(new Error('The upgrade was accepted.')))
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
  })
}
