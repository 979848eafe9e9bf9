import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerMessage } from '../../visualize/view/messages.ts'
import { type Inspector, type InspectorOptions, startInspector } from '../../visualize/inspector.ts'

/** An inspector that is closed when the test ends. It prints nowhere. */
export async function inspector(options: InspectorOptions = {}): Promise<Inspector> {
  const started = await startInspector({ print: () => {}, ...options })
  onTestFinished(() => started.close())
  return started
}

/** The address of a socket of the inspector, with its token. */
export function socketUrl(url: string, path = '/socket'): URL {
  const address = new URL(url)
  address.protocol = 'ws:'
  address.pathname = path
  return address
}

/** A viewer as the page is one: keeps everything that it is told. */
export async function view(url: string, path?: string) {
  const socket = new WebSocket(socketUrl(url, path))
  onTestFinished(() => socket.terminate())
  const texts: string[] = []
  socket.on('message', (data: Buffer) => texts.push(data.toString()))
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return {
    socket,
    texts,
    messages: (): ServerMessage[] => texts.map((text) => JSON.parse(text) as ServerMessage),
    /** All entries it was sent, the first ones of `hello` included. */
    entries: () =>
      texts
        .map((text) => JSON.parse(text) as ServerMessage)
        .flatMap((message) =>
          message.type === 'entries' ? message.entries : message.type === 'hello' ? message.base : [],
        ),
  }
}

/** The status with which an upgrade was refused; 101 where it was not. */
export async function upgradeStatus(url: URL, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(url, { headers })
  onTestFinished(() => socket.terminate())
  return await new Promise((resolve) => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.once('error', () => {})
  })
}
