import type { SocketLoss } from '../../machines/socket-contract.ts'
import { CloseCode } from '../protocol/close-codes.ts'
import { errnoOf } from '../dial/failure.ts'

/** Errors with which `ws` ends a connection itself, and the close code that it sends for each. */
const PROTOCOL_FAULTS: Readonly<Record<string, readonly [code: number, reason: string]>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: [
    CloseCode.MESSAGE_TOO_BIG,
    'The server sent a message larger than maxPayloadBytes.',
  ],
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: [
    CloseCode.MESSAGE_TOO_BIG,
    'The server sent a message larger than maxPayloadBytes.',
  ],
  WS_ERR_TOO_MANY_BUFFERED_PARTS: [
    CloseCode.POLICY_VIOLATION,
    'The server sent a message in too many parts.',
  ],
  WS_ERR_INVALID_UTF8: [CloseCode.INVALID_PAYLOAD, 'The server sent text that is not UTF-8.'],
}

/** A close that came before anything was dialed. */
export function undialedLoss(): SocketLoss {
  const reason = 'Closed before a connection was dialed.'
  return { phase: 'closing', code: CloseCode.ABNORMAL, reason, errno: null, error: null, heard: false }
}

/** What the close event of `ws` says, and what was learned on the way there. */
interface CloseReport {
  readonly phase: 'open' | 'closing'
  readonly code: number
  readonly reason: string
  /** The first error of the WebSocket or of the TCP socket under it, or null. */
  readonly error: unknown
  readonly heard: boolean
}

/** A loss of a connection that was open. */
export function closeLoss({ phase, code, reason, error, heard }: CloseReport): SocketLoss {
  const errno = errnoOf(error)
  const base = { phase, errno, error: null, heard }
  // `ws` reports 1006 for connections that it ended itself; the peer got the fitting code.
  const fault = code === CloseCode.ABNORMAL && errno?.startsWith('WS_ERR_') ? protocolFault(errno) : null
  if (fault !== null) return { ...base, code: fault[0], reason: fault[1] }
  if (reason !== '' || code !== CloseCode.ABNORMAL) return { ...base, code, reason }
  const how = errno === null ? '' : ` (${errno})`
  return { ...base, code, reason: `The connection ended without a close frame${how}.` }
}

function protocolFault(errno: string): readonly [code: number, reason: string] {
  return (
    PROTOCOL_FAULTS[errno] ?? [
      CloseCode.PROTOCOL_ERROR,
      `The server broke the WebSocket protocol (${errno}).`,
    ]
  )
}
