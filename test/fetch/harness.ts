import { openai } from '../../src/protocol/index.ts'
import { onTestFinished } from 'vitest'
import { ResponsesConnection } from '../../src/client/connection.ts'
import type { ConnectionOptions } from '../../src/client/options.ts'
import { type ResponsesFetchOptions, responsesFetch } from '../../src/fetch/index.ts'
import { type ResponsesServer, type ServerOptions, createResponsesServer } from '../../src/testing/index.ts'

export const KEY = 'sk-planted-0123456789abcdef'

/** A request as it reached the server. */
export interface Sent {
  readonly transport: 'websocket' | 'http'
  readonly body: Readonly<Record<string, any>>
}

/** A local server, a connection to it, and the adapter on top. All of it goes when the test ends. */
export async function adapter(
  script: ServerOptions = {},
  options: ResponsesFetchOptions = {},
  connecting: ConnectionOptions = {},
) {
  const server = await createResponsesServer({ keepFrames: true, ...script })
  onTestFinished(() => server.close())
  const connection = new ResponsesConnection({
    url: server.url,
    provider: { ...openai, url: server.url },
    apiKey: KEY,
    jitter: 'none',
    ...connecting,
  })
  onTestFinished(() => connection.stop())
  const fetch = responsesFetch(connection, options)
  const post = (body: unknown, init: RequestInit = {}) =>
    fetch(server.httpUrl, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
      headers: { authorization: `Bearer ${KEY}`, ...(init.headers as Record<string, string>) },
    })
  return { server, connection, fetch, post, sent: () => sentTo(server) }
}

/** What reached the server, in order, by which way. */
export function sentTo(server: ResponsesServer): Sent[] {
  return server
    .transcript()
    .filter(({ direction, type }) => direction === 'in' && type === 'response.create')
    .map(({ text, connection }) => ({
      transport: connection === null ? 'http' : 'websocket',
      body: JSON.parse(String(text)) as Sent['body'],
    }))
}

/** The events of a streamed answer. */
export function eventsOf(text: string): Record<string, any>[] {
  return text
    .split('\n\n')
    .flatMap((block) => block.split('\n').filter((line) => line.startsWith('data: ')))
    .map((line) => JSON.parse(line.slice(6)) as Record<string, any>)
}
