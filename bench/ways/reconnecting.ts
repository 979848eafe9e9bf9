import { WebSocket as PartySocket } from 'partysocket'
import ReconnectingWebSocket from 'reconnecting-websocket'
import { WebSocket } from 'ws'
import { CREATE_TEXT, type Frame, type OpenTalker, Wait } from './talker.ts'

// Both know nothing of the Responses API: what they have over the bare socket is that they come back.

/** What both have of a browser's WebSocket. */
interface Reconnecting {
  addEventListener(type: 'open' | 'close', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  send(text: string): void
  close(): void
}

/** Comes back at once, as far as it lets itself be told. */
const AT_ONCE = { WebSocket, minReconnectionDelay: 0, maxReconnectionDelay: 0 }

export const makeParty = (url: string): Reconnecting =>
  new PartySocket(url, undefined, AT_ONCE as never) as unknown as Reconnecting
export const makeReconnecting = (url: string): Reconnecting =>
  new (ReconnectingWebSocket as unknown as typeof ReconnectingWebSocket.default)(
    url,
    undefined,
    AT_ONCE,
  ) as unknown as Reconnecting

const talk =
  (make: (url: string) => Reconnecting): OpenTalker =>
  async ({ url }, heard) => {
    const end = new Wait()
    const socket = make(url)
    socket.addEventListener('message', ({ data }) => {
      const frame = JSON.parse(String(data)) as Frame
      if (frame.type === 'response.output_text.delta') heard(frame.delta)
      else if (frame.type === 'response.completed') end.done()
    })
    await new Promise<void>((resolve) => socket.addEventListener('open', resolve))
    return { turn: () => end.begin(() => socket.send(CREATE_TEXT)), close: () => socket.close() }
  }

export const party = talk(makeParty)
export const reconnecting = talk(makeReconnecting)
