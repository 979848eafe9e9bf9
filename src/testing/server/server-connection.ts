import type { IncomingHttpHeaders } from 'node:http'
import type { ConnectionFault } from '../script/types.ts'
import type { Frame } from './wire.ts'

/** One WebSocket of the server, seen from a test. */
export interface ServerConnection {
  /** Counts the server's connections from 1. */
  readonly id: number
  readonly open: boolean
  /** The upgrade request's headers; those that may hold a credential read `[redacted]`. */
  readonly headers: Readonly<IncomingHttpHeaders>
  /** Milliseconds of the server's clock. */
  readonly createdAt: number
  readonly closedAt: number | null
  /** Messages from the client. */
  readonly received: number
  /** Messages to the client. */
  readonly sent: number
  /** Close code as the server saw it (1005: none given, 1006: no close frame); null while open. */
  readonly closeCode: number | null
  readonly closeReason: string | null
  /** True when no response runs or waits. */
  readonly idle: boolean
  /** Makes something go wrong now. A `delay` does nothing here. Throws `BadOptionError` for a bad fault. */
  strike(fault: ConnectionFault): void
  /** Sends any event, as if the server had thought of it. */
  send(event: Frame): void
  /** Lets the connection reach its maximum age now. */
  expire(): void
  /** Forgets the latest responses, so that a continuation without `store` is not found. */
  forget(): void
}
