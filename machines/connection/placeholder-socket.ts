import { fromCallback } from 'xstate'
import { CloseCode } from '../../src/protocol/close-codes.ts'
import type { SocketCommand, SocketFact, SocketInput } from '../socket-contract.ts'

/**
 * Stands where the socket actor belongs, so that the bare chart runs without I/O. It ends every attempt with
 * `ERR_NO_SOCKET`; `connectionChart.provide({ actors: { socket } })` puts a real one in its place.
 */
export const placeholderSocket = fromCallback<SocketCommand, SocketInput>(({ sendBack, input }) => {
  sendBack({
    type: 'socket.lost',
    connectionId: input.connectionId,
    loss: {
      phase: 'dial',
      code: CloseCode.ABNORMAL,
      reason: 'the chart has no socket actor: use connectionMachine, or provide one as "socket"',
      errno: null,
      error: 'ERR_NO_SOCKET',
      heard: false,
    },
  } satisfies SocketFact)
})
