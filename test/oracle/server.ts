import { Buffer } from 'node:buffer'
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net'
import { keyOf } from './context.ts'
import { FrameDecoder, Opcode, acceptOf, encodeFrame } from './frames.ts'
import { answerOverHttp } from './http-exchange.ts'
import { Peer, type Time } from './peer.ts'
import type { CreateRecord, Item, Report } from './records.ts'
import { ACCEPT, ANSWER, type DialPlan, type EndName, type Schedule } from './schedule.ts'
import { type Endpoint, Session } from './session.ts'

const HEAD_END = '\r\n\r\n'

/**
 * An endpoint of the Responses API from raw bytes, which shares no code with the client or with the local server: it
 * has its own idea of what ran, its own memory, and counts what it is asked.
 */
export class OracleServer {
  readonly creates: CreateRecord[] = []
  readonly dials: { readonly at: number; readonly kind: 'upgrade' | 'http' }[] = []
  readonly #server: Server
  readonly #peers: Peer[] = []
  readonly #sessions: Session[] = []
  readonly #schedule: Schedule
  readonly #endpoint: Endpoint
  readonly #time: Time
  readonly #problems: string[] = []
  #upgrades = 0

  constructor(schedule: Schedule, time: Time) {
    this.#schedule = schedule
    this.#time = time
    let answers = 0
    let ids = 0
    this.#endpoint = {
      dialect: schedule.dialect,
      time,
      stored: new Map(),
      nextPlan: () => schedule.answers[answers++] ?? ANSWER,
      freshId: () => `resp_${(ids += 1)}`,
    }
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/responses`
  }

  /** What the client broke of RFC 6455 or of JSON. */
  get problems(): readonly string[] {
    return this.#problems
  }

  /** Connections whose client has not ended them. */
  get open(): number {
    return this.#peers.filter((peer) => !peer.isGone).length
  }

  get isQuiet(): boolean {
    return this.#sessions.every((session) => session.isQuiet)
  }

  /** Ends every connection that is open. */
  cut(how: EndName, code?: number): void {
    for (const peer of this.#peers) peer.end(how, code ?? null)
  }

  notice(): void {
    for (const session of this.#live()) session.notice()
  }

  /** Only while nobody is owed an answer: else nobody could tell. */
  stray(): void {
    if (this.isQuiet) for (const session of this.#live()) session.stray()
  }

  ping(): void {
    for (const { peer } of this.#live()) peer.push(encodeFrame(Opcode.ping, Buffer.from('oracle')))
  }

  /** Half-open connections are read again, so that their end is seen. */
  wake(): void {
    for (const peer of this.#peers) peer.wake()
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  report(): Pick<Report, 'creates' | 'dials'> {
    return { creates: this.creates, dials: this.dials }
  }

  #live(): Session[] {
    return this.#sessions.filter(({ peer }) => peer.ended === null)
  }

  #accept(socket: Socket): void {
    const peer = new Peer(this.#peers.length + 1, socket, this.#time)
    this.#peers.push(peer)
    let bytes = Buffer.alloc(0)
    const onData = (data: Buffer): void => {
      bytes = Buffer.concat([bytes, data])
      const end = bytes.indexOf(HEAD_END)
      if (end < 0) return
      const head = bytes.subarray(0, end).toString('latin1')
      const rest = bytes.subarray(end + HEAD_END.length)
      const length = Number(headerOf(head, 'content-length') ?? 0)
      if (head.startsWith('GET ')) {
        socket.off('data', onData)
        return this.#upgrade(peer, head, rest)
      }
      if (rest.length < length) return
      socket.off('data', onData)
      socket.resume()
      this.#post(peer, rest.toString('utf8'))
    }
    socket.on('data', onData)
  }

  #post(peer: Peer, text: string): void {
    this.dials.push({ at: this.#time.now(), kind: 'http' })
    const body = JSON.parse(text) as Item
    answerOverHttp(peer, this.#endpoint, this.#record(body, null), body)
  }

  #upgrade(peer: Peer, head: string, rest: Buffer): void {
    this.dials.push({ at: this.#time.now(), kind: 'upgrade' })
    const plan = this.#schedule.dials[this.#upgrades++] ?? ACCEPT
    const afterMs = plan.afterMs ?? 0
    const accept = acceptOf(headerOf(head, 'sec-websocket-key') ?? '')
    if (plan.kind !== 'accept' && plan.kind !== 'close-at-once') {
      peer.socket.resume()
      return refuseUpgrade(peer, plan, accept)
    }
    peer.push(switching(accept), afterMs)
    if (plan.kind === 'close-at-once') {
      peer.socket.resume()
      return peer.push(Buffer.alloc(0), 1, () => peer.end('close', plan.code ?? 1008))
    }
    const session = new Session(peer, this.#endpoint)
    this.#sessions.push(session)
    this.#read(session, rest)
  }

  #read(session: Session, rest: Buffer): void {
    const decoder = new FrameDecoder()
    const { peer } = session
    const onData = (data: Buffer): void => {
      // What a half-open connection is read for at the end is its end alone.
      if (peer.ended !== null) return
      for (const { opcode, payload } of decoder.take(data)) {
        if (opcode === Opcode.ping) peer.push(encodeFrame(Opcode.pong, payload))
        if (opcode === Opcode.close) this.#shakeHands(peer, payload)
        if (opcode === Opcode.text) this.#event(session, payload.toString('utf8'))
      }
    }
    peer.socket.on('data', onData)
    if (rest.length > 0) onData(rest)
  }

  #shakeHands(peer: Peer, payload: Buffer): void {
    if (peer.ended === null) peer.end('close', payload.length >= 2 ? payload.readUInt16BE(0) : null)
  }

  #event(session: Session, text: string): void {
    const event = JSON.parse(text) as Item
    if (event['type'] !== 'response.create') return void this.#problems.push(`sent ${String(event['type'])}`)
    session.take(this.#record(event, session.peer), event)
  }

  #record(event: Item, peer: Peer | null): CreateRecord {
    const input = (event['input'] ?? []) as Item[]
    const create: CreateRecord = {
      n: this.creates.length + 1,
      at: this.#time.now(),
      peer: peer?.id ?? null,
      lane: (event['stream_id'] as string | undefined) ?? null,
      key: keyOf(input),
      isWarmUp: event['generate'] === false,
      previousId: (event['previous_response_id'] as string | undefined) ?? null,
      input,
      context: null,
      problem: null,
      fate: 'waiting',
      events: [],
      output: null,
      outcome: null,
    }
    this.creates.push(create)
    return create
  }
}

function headerOf(head: string, name: string): string | null {
  const line = head.split('\r\n').find((one) => one.toLowerCase().startsWith(`${name}:`))
  return line === undefined ? null : line.slice(name.length + 1).trim()
}

function switching(accept: string): Buffer {
  return Buffer.from(
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
      `sec-websocket-accept: ${accept}\r\n\r\n`,
  )
}

function refuseUpgrade(peer: Peer, { kind, status = 503, afterMs = 0 }: DialPlan, accept: string): void {
  if (kind === 'hang') return
  if (kind === 'fin' || kind === 'rst') return peer.push(Buffer.alloc(0), afterMs || 1, () => peer.end(kind))
  if (kind === 'garbage')
    return peer.push(Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), afterMs, () => peer.end('fin'))
  if (kind === 'wrong-accept') return peer.push(switching(`${accept.slice(0, -2)}X=`), afterMs)
  const body = JSON.stringify({ error: { message: `refused with ${status}`, code: null, type: 'refused' } })
  const stalls = kind === 'stalled-refusal'
  const length = Buffer.byteLength(body) + (stalls ? 100 : 0)
  const head =
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n` +
    `${status === 429 || status === 503 ? 'retry-after: 2\r\n' : ''}\r\n`
  peer.push(Buffer.from(head + body), afterMs, () => {
    if (!stalls) peer.end('fin')
  })
}
