import { once } from 'node:events'
import { createActor, waitFor } from 'xstate'
import { WebSocket } from 'ws'
import { ResponsesConnection, Secret, connectionMachine } from '../../src/index.ts'
import { openSocket } from './openai.ts'
import type { Endpoint } from './talker.ts'

/** Opens one connection with a keepalive, if the way has one; gives what must be kept, and how to end it. */
export type OpenIdle = (to: Endpoint, pingMs: number) => Promise<() => void>

/** What people write who know that a half-open line says nothing. */
export const bareWithPing: OpenIdle = async ({ url }, pingMs) => {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('error', () => {})
  await once(socket, 'open')
  const timer = setInterval(() => socket.ping(), pingMs)
  return () => {
    clearInterval(timer)
    socket.terminate()
  }
}

export const machine: OpenIdle = async ({ url }, pingIntervalMs) => {
  const input = { url, apiKey: new Secret('sk-bench'), pingIntervalMs }
  const actor = createActor(connectionMachine, { input }).start()
  actor.send({ type: 'connect' })
  await waitFor(actor, (snapshot) => snapshot.matches('open'))
  return () => void actor.stop()
}

export const connectionClass: OpenIdle = async ({ url }, pingIntervalMs) => {
  const connection = new ResponsesConnection({ url, apiKey: 'sk-bench', pingIntervalMs })
  await connection.connect()
  return () => connection.stop()
}

/** Has no keepalive. */
export const openaiSocket: OpenIdle = async (to) => {
  const socket = await openSocket(to)
  return () => socket.close()
}

/** Opens many, so many at a time. */
export async function openMany(count: number, atOnce: number, open: () => Promise<() => void>) {
  const opened: (() => void)[] = []
  let left = count
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      opened.push(await open())
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return opened
}
