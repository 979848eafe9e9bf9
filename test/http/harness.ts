import { type RequestListener, createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import {
  type HttpStreamEvent,
  type StreamRequest,
  compactResponse,
  streamResponse,
} from '../../src/http/index.ts'
import { Secret } from '../../src/protocol/secret.ts'
import type { TransportOptions } from '../../src/protocol/transport.ts'
import {
  type ResponsesServer,
  type ServerOptions as Script,
  createResponsesServer,
} from '../../src/testing/index.ts'
import { transport } from '../socket/harness.ts'
import { listen } from '../socket/server.ts'

export { KEY, deferred, networkSettled } from '../socket/harness.ts'

type Options = Partial<TransportOptions> & { url: string }

/** Starts a stream and records its events. */
export function stream(options: Options, how: Partial<Omit<StreamRequest, 'transport' | 'signal'>> = {}) {
  const abort = new AbortController()
  const events: HttpStreamEvent[] = []
  const waiting = new Set<() => void>()
  const result = streamResponse({
    transport: new Secret(transport(options)),
    body: { model: 'm', input: 'hi' },
    signal: abort.signal,
    ...how,
    onEvent: (event, read, bytes) => {
      events.push(event)
      waiting.forEach((check) => check())
      return how.onEvent?.(event, read, bytes)
    },
  })
  // A test that looks at the rejection does so later.
  result.catch(() => {})
  return {
    result,
    events,
    abort: (reason?: unknown) => abort.abort(reason),
    types: () => events.map((event) => event.type),
    /** Resolves with the first event of this type. */
    heard: (type: string) =>
      new Promise<HttpStreamEvent>((resolve) => {
        const check = () => {
          const found = events.find((event) => event.type === type)
          if (found !== undefined) resolve(found)
        }
        waiting.add(check)
        check()
      }),
  }
}

export function compact(options: Options, input: string = 'hi', signal = new AbortController().signal) {
  const result = compactResponse({
    transport: new Secret(transport(options)),
    body: { model: 'm', input },
    signal,
  })
  result.catch(() => {})
  return result
}

/** What a promise rejects with. Fails when it resolves. */
export async function errorOf(result: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  const outcome = await result.then(
    () => null,
    (error: unknown) => ({ error }),
  )
  if (outcome === null) throw new Error('resolved, and was to reject')
  return outcome.error as Error & Record<string, unknown>
}

/** The local Responses server, until the test ends. */
export async function responses(script: Script = {}): Promise<ResponsesServer> {
  const server = await createResponsesServer(script)
  onTestFinished(() => server.close())
  return server
}

/** A server that answers as the listener says. `sockets` holds the connections that are open. */
export async function serve(listener: RequestListener, tls?: ServerOptions) {
  const sockets = new Set<Socket>()
  const server = tls ? createTlsServer(tls, listener) : createServer(listener)
  server.on('tlsClientError', () => {})
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const port = await listen(server)
  return { port, sockets, url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/v1/responses` }
}

/** A server that answers every request with these bytes as an event stream, and ends it. */
export async function serveStream(...chunks: readonly (string | Buffer)[]) {
  return serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of chunks) response.write(chunk)
    response.end()
  })
}

export const sse = (event: object) => `data: ${JSON.stringify(event)}\n\n`
export const CREATED = { type: 'response.created', response: { id: 'resp_1', output: [] } }
export const DELTA = {
  type: 'response.output_text.delta',
  item_id: 'i',
  output_index: 0,
  content_index: 0,
  delta: 'Zür',
}
export const COMPLETED = {
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed', output: [] },
}
