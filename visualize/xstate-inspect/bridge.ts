import { EventEmitter } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import { inspect } from '@xstate/inspect/lib/server.js'
import { type WebSocket, WebSocketServer } from 'ws'
import { type ActorLike, Facade } from './facade.ts'
import { withRegistry } from './registry.ts'
import type { Chart } from './v4-config.ts'

/** What the bridge is given by whoever starts it: everything that needs XState 5 or Holdline. */
export interface BridgeOptions {
  readonly port: number
  readonly allowSend: boolean
  /** Why a request is refused, or null. Asked for every upgrade. */
  readonly refuse: (
    request: IncomingMessage,
    port: number,
  ) => { readonly status: number; readonly message: string } | null
  /** The chart of an actor, or null. */
  readonly chartOf: (actor: ActorLike) => Chart | null
  readonly snapshotOf: (actor: ActorLike) => unknown
  /** A context as it may be shown. */
  readonly redact: (value: unknown) => unknown
  readonly redactEvent: (event: unknown) => { type: string }
}

/** The part of XState 5's inspection events that is used. */
interface Inspected {
  readonly type: string
  readonly actorRef: unknown
  readonly event?: unknown
  readonly snapshot?: unknown
}

/** Bytes of one message of a receiver. */
const MAX_MESSAGE = 64 * 1024

/**
 * Feeds actors of XState 5 to the server of `@xstate/inspect` 0.8: its `createWebSocketReceiver` gets register,
 * event, state and stop of each. Listens on 127.0.0.1.
 */
export async function startBridge(options: BridgeOptions) {
  const http = createServer((_request, response) => {
    response
      .writeHead(404, { 'content-type': 'text/plain' })
      .end('This port is for receivers of @xstate/inspect.\n')
  })
  http.unref()
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port, '127.0.0.1', resolve)
  })
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false })
  http.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    const refusal = options.refuse(request, port)
    if (refusal !== null) return stream.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\n\r\n`)
    return sockets.handleUpgrade(request, stream, head, (socket) =>
      sockets.emit('connection', socket, request),
    )
  })

  const server = checkedServer(sockets, options.allowSend)
  const registry = withRegistry(() => void inspect({ server: server as never }))

  const facades = new Map<string, Facade>()
  let isClosed = false
  return {
    port,
    inspect: (event: Inspected): void => {
      if (isClosed) return
      try {
        take(event, facades, options, (facade) => registry.register(facade))
      } catch {
        // A receiver that misses something is better than an app that does.
      }
    },
    close: async (): Promise<void> => {
      isClosed = true
      for (const facade of facades.values()) facade.stop()
      facades.clear()
      for (const socket of sockets.clients) socket.terminate()
      server.emit('close')
      registry.end()
      sockets.close()
      await new Promise((resolve) => {
        http.close(resolve)
        http.closeAllConnections()
      })
    },
  }
}

function take(
  { type, actorRef, event, snapshot }: Inspected,
  facades: Map<string, Facade>,
  options: BridgeOptions,
  register: (facade: Facade) => void,
): void {
  const actor = actorRef as ActorLike
  const known = facades.get(actor.sessionId)
  const shown = (value: unknown): unknown => ({
    status: readField(value, 'status'),
    value: readField(value, 'value'),
    context: options.redact(readField(value, 'context')),
  })
  if (type === '@xstate.event') {
    const redacted = options.redactEvent(event)
    if (known !== undefined) return known.report(redacted)
    // Not earlier: an actor that was only created has no snapshot yet.
    const { allowSend } = options
    const facade = new Facade(
      { actor, chart: options.chartOf(actor), allowSend },
      shown(options.snapshotOf(actor)),
      redacted,
    )
    facades.set(actor.sessionId, facade)
    return register(facade)
  }
  if (type !== '@xstate.snapshot' || known === undefined) return
  known.update(shown(snapshot), options.redactEvent(event))
  if (readField(snapshot, 'status') === 'active') return
  facades.delete(actor.sessionId)
  known.stop()
}

/** The package parses what receivers send without a look at it, and would throw into the app. */
function checkedServer(sockets: WebSocketServer, allowSend: boolean) {
  const server = Object.assign(new EventEmitter(), { clients: sockets.clients, close: () => sockets.close() })
  sockets.on('connection', (socket: WebSocket) => {
    socket.on('error', () => socket.terminate())
    const client = new EventEmitter()
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary && isCommand(data.toString(), allowSend)) client.emit('message', data, false)
    })
    server.emit('connection', client)
  })
  return server
}

function isCommand(text: string, allowSend: boolean): boolean {
  try {
    const message: unknown = JSON.parse(text)
    const type = readField(message, 'type')
    if (type === 'xstate.inspecting') return true
    return (
      allowSend &&
      type === 'xstate.event' &&
      typeof JSON.parse(String(readField(message, 'event'))) === 'object'
    )
  } catch {
    return false
  }
}

function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
