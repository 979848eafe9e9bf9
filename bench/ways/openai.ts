import { once } from 'node:events'
import OpenAI from 'openai'
import { ResponsesWebSocketSession } from 'openai/lib/responses/responses-websocket-session'
import { ResponsesWS } from 'openai/resources/responses/ws'
import type { WebSocket } from 'ws'
import { CREATE, type Endpoint, type OpenTalker, Wait } from './talker.ts'

export function openaiClient({ baseURL }: Endpoint): OpenAI {
  return new OpenAI({ apiKey: 'sk-bench', baseURL, maxRetries: 0 })
}

export async function openSocket(to: Endpoint): Promise<ResponsesWS> {
  const socket = new ResponsesWS(openaiClient(to))
  await once(socket.socket as unknown as WebSocket, 'open')
  return socket
}

const LIMITS = { maxLanes: 32, maxBufferedEvents: 100_000, maxBufferedBytes: 256 * 1024 * 1024 }

export function openLane(socket: ResponsesWS, streamId?: string) {
  return new ResponsesWebSocketSession(socket, LIMITS).lane(streamId)
}

const { type: _, ...REQUEST } = CREATE
const request = { ...REQUEST, input: [...REQUEST.input] }

export const onOpenai: OpenTalker = async (to, heard) => {
  const end = new Wait()
  const socket = await openSocket(to)
  socket.on('response.output_text.delta', (event) => heard(event.delta))
  socket.on('response.completed', end.done)
  return {
    turn: () => end.begin(() => socket.send({ type: 'response.create', ...request })),
    close: () => socket.close(),
  }
}

export const openaiIterator: OpenTalker = async (to, heard) => {
  const socket = await openSocket(to)
  const stream = socket.stream()
  return {
    turn: async () => {
      socket.send({ type: 'response.create', ...request })
      for (;;) {
        const { value } = await stream.next()
        if (value?.type !== 'message') continue
        if (value.message.type === 'response.output_text.delta') heard(value.message.delta)
        else if (value.message.type === 'response.completed') return
      }
    },
    close: () => socket.close(),
  }
}

export const openaiLane: OpenTalker = async (to, heard) => {
  const socket = await openSocket(to)
  const lane = openLane(socket)
  return {
    turn: async () => {
      lane.create(request)
      for (;;) {
        const event = await lane.receive()
        if (event.type === 'response.output_text.delta') heard(String(event.delta))
        else if (event.type === 'response.completed') return
      }
    },
    close: () => socket.close(),
  }
}

export const openaiFinal: OpenTalker = async (to) => {
  const socket = await openSocket(to)
  const lane = openLane(socket)
  return {
    turn: async () => {
      lane.create(request)
      await lane.finalResponse()
    },
    close: () => socket.close(),
  }
}
