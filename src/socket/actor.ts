import { type CallbackActorLogic, fromCallback } from 'xstate'
import { type ClientOptions, WebSocket } from 'ws'
import type { SocketCommand, SocketFact, SocketInput } from '../../machines/socket-contract.ts'
import { ownLoss } from '../dial/failure.ts'
import { type SocketFactory, SocketSession } from './session.ts'

/** The logic that the chart's `socket` actor is provided with. */
export type SocketLogic = CallbackActorLogic<SocketCommand, SocketInput>

export interface SocketActorOptions {
  /**
   * Makes the WebSocket. Default: `new WebSocket(url, options)` of the `ws` package. For a test, or for a
   * transport of your own; it must take `options.protocols`, `headers` and the rest as `ws` does.
   */
  readonly socketFactory?: SocketFactory
}

/**
 * The actor that owns exactly one `ws`: it resolves the credential, dials, and ends with one `socket.refused`
 * or one `socket.lost`. In between it reports what changes a state as facts, and emits every server event as
 * its owner. It has no clock and never reconnects; both are the chart's.
 */
export function createSocketActor(options: SocketActorOptions = {}): SocketLogic {
  const factory = options.socketFactory ?? dialWithWs
  return fromCallback<SocketCommand, SocketInput>(({ input, self, system, sendBack, receive, emit }) => {
    try {
      const session = new SocketSession({ input, self, system, sendBack, emit }, factory)
      receive((event) => session.receive(event))
      session.start()
      return () => session.stop()
    } catch (error) {
      // Only input that is none of ours gets here; an actor that throws would take the chart with it.
      const loss = ownLoss('credential', error)
      return sendBack({ type: 'socket.lost', connectionId: input.connectionId, loss } satisfies SocketFact)
    }
  })
}

/** `createSocketActor()` with its defaults. */
export const socketActor: SocketLogic = createSocketActor()

function dialWithWs(url: string, options: ClientOptions): WebSocket {
  return new WebSocket(url, options)
}
