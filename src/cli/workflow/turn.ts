import type { TurnLost } from '../../../machines/index.ts'
import type { ResponsesConnection } from '../../client/connection.ts'
import { isHoldlineError } from '../../protocol/errors.ts'
import {
  type OutputItem,
  type ResponseCreateEvent,
  type ServerEvent,
  type Settlement,
  getOpenAIWebSocketErrorDetails,
  isTerminalEvent,
  settlementOf,
} from '../../protocol/index.ts'

/** What became of one `response.create`. */
export type TurnEnd =
  /** The server ended the response; `items` are its output, as it belongs into a history. */
  | { readonly kind: 'settled'; readonly settlement: Settlement; readonly items: readonly OutputItem[] }
  /** The server answered with an `error` frame. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** The socket ended first. `lost.progress` says how far the server had come. */
  | { readonly kind: 'lost'; readonly lost: TurnLost }
  /** The line was already ending: nothing was sent. */
  | { readonly kind: 'unsent' }
  /** The connection was closed for good. */
  | { readonly kind: 'closed' }

/** The notice that a connection has reached its maximum age. It can come while a response runs, and is not its end. */
const AGE_NOTICE = 'websocket_connection_limit_reached'

/**
 * Sends one `response.create` on the default lane, and waits for what becomes of it. The words of the answer go past
 * this function: whoever shows them listens to the connection.
 *
 * @throws {HoldlineError} when the event cannot be sent as it is
 */
export async function runTurn(
  connection: ResponsesConnection,
  request: ResponseCreateEvent,
): Promise<TurnEnd> {
  const listeners: (() => void)[] = []
  const items: OutputItem[] = []
  let begun = false
  try {
    return await new Promise<TurnEnd>((resolve, reject) => {
      listeners.push(
        connection.onMessage((event) => {
          if (event.type === 'response.output_item.done') items.push(event.item)
          const end = endOf(event, items, begun)
          if (end !== null) resolve(end)
          begun = true
        }),
        connection.on('turn.lost', (lost) => resolve({ kind: 'lost', lost })),
        connection.on('connection.closed', () => resolve({ kind: 'closed' })),
      )
      try {
        connection.send(request)
      } catch (error) {
        if (isHoldlineError(error) && error.code === 'ERR_NOT_OPEN') resolve({ kind: 'unsent' })
        else reject(error)
      }
    })
  } finally {
    for (const stop of listeners) stop()
  }
}

function endOf(event: ServerEvent, streamed: readonly OutputItem[], begun: boolean): TurnEnd | null {
  if (isTerminalEvent(event)) {
    const settlement = settlementOf(event)
    const output = settlement.response?.output ?? []
    // Some servers leave the output of a terminal event empty, although they streamed it.
    return { kind: 'settled', settlement, items: output.length > 0 ? output : [...streamed] }
  }
  if (event.type !== 'error') return null
  const { code, type, message } = getOpenAIWebSocketErrorDetails(event)
  if (code === AGE_NOTICE && begun) return null
  return { kind: 'refused', code: code ?? type ?? 'error', message: message ?? 'The server gave no reason.' }
}
