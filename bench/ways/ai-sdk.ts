import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { createOpenAI } from '@ai-sdk/openai'
import { createWebSocketFetch } from '@vercel/ai-sdk-openai-websocket-fetch'
import { stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'
import { responsesFetch } from '../../src/fetch/index.ts'
import { openConnection } from './holdline.ts'
import type { Endpoint } from './talker.ts'

/** A `fetch` for a client of the benchmark's server, by what is under it. */
export const FETCHES: Readonly<Record<string, (to: Endpoint) => Promise<typeof fetch>>> = {
  'plain HTTP': async () => fetch,
  '`@vercel/ai-sdk-openai-websocket-fetch`': async ({ url }) => createWebSocketFetch({ url }) as typeof fetch,
  '`holdline/fetch`': async ({ url }) => responsesFetch(await openConnection(url)),
}

const OUTPUT = 'export const answer = 42\n'.repeat(164)

/** A loop of the AI SDK: so many tool calls, one after the other, each answered with 4 KB. Gives how many ran. */
export async function aiSdkLoop(
  baseURL: string,
  fetchUnder: typeof fetch,
  history: string,
  steps: number,
): Promise<number> {
  let calls = 0
  const readFile = tool({
    description: 'Reads a file.',
    inputSchema: z.object({ path: z.string() }),
    execute: () => {
      calls += 1
      return OUTPUT
    },
  })
  const result = streamText({
    model: createOpenAI({ apiKey: 'sk-bench', baseURL, fetch: fetchUnder }).responses('gpt-5'),
    prompt: history,
    tools: { read_file: readFile },
    stopWhen: stepCountIs(steps + 1),
    maxRetries: 0,
    onError: ({ error }) => {
      throw error
    },
  })
  await result.consumeStream()
  return calls
}

const sockets = new Set<Socket>()
let gone = 0

/** Bytes that this process has written to sockets, since this was called first. */
export function bytesWritten(): number {
  if (gone === 0 && sockets.size === 0) subscribe('net.client.socket', watch)
  return gone + [...sockets].reduce((sum, { bytesWritten: bytes }) => sum + bytes, 0)
}

function watch(message: unknown): void {
  const { socket } = message as { readonly socket: Socket }
  sockets.add(socket)
  socket.once('close', () => {
    sockets.delete(socket)
    gone += socket.bytesWritten
  })
}
