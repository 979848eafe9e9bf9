import type { Duplex } from 'node:stream'
import type { ConnectionFault, Turn, UpgradeAnswer } from '../script/types.ts'
import type { TurnByHand } from './by-hand.ts'
import type { ServerConnection } from './server-connection.ts'
import type { RequestRecord, TranscriptEntry, UpgradeRecord } from './records.ts'
import type { WaitOptions } from './waiting.ts'

/** How long a helper that asserts absence looks. */
export interface AbsenceOptions {
  /** Wall-clock ms to wait first. Default 0: as many turns of the event loop as frames of this process need. */
  readonly forMs?: number | undefined
}

/** What to wait for: how many creates, counted from the server's start. */
export interface CreateWaitOptions extends WaitOptions {
  /** Default 1. */
  readonly count?: number | undefined
}

/** A running server. */
export interface ResponsesServer extends AsyncDisposable {
  readonly port: number
  /** `ws://127.0.0.1:PORT/v1/responses`; `wss:` with TLS. */
  readonly url: string
  /** `http://127.0.0.1:PORT/v1/responses`; `https:` with TLS. */
  readonly httpUrl: string
  /** `http://127.0.0.1:PORT/v1`, as clients of the API take it. */
  readonly baseUrl: string

  /** All connections, oldest first; of the closed ones the last `logLimit`. */
  connections(): readonly ServerConnection[]
  /** Every message of every connection and HTTP request. */
  transcript(): readonly TranscriptEntry[]
  /** Every attempt to open a WebSocket, and how it was answered. */
  upgrades(): readonly UpgradeRecord[]
  /** Every create, over either transport. */
  requests(): readonly RequestRecord[]
  /**
   * How often a logical turn was sent (see `turnKey`), refused creates included, warm-ups not. Without a key: all
   * turns together. Counts are kept for the last 100000 keys.
   */
  creates(key?: string): number
  /**
   * How often the model ran for a logical turn: more than once means work done twice. Warm-ups and successors after
   * steering are not counted.
   */
  runs(key?: string): number
  /** Entries of the script's `turns` that no request has used yet. */
  turnsLeft(): number
  /** Responses that run and that the script leaves to the test (`byHand`), oldest first. */
  turnsByHand(): readonly TurnByHand[]

  /** Adds turns to the end of the script. */
  enqueueTurns(...turns: readonly Turn[]): void
  /** Adds answers to the list for the next upgrades. */
  enqueueUpgrades(...answers: readonly UpgradeAnswer[]): void
  /** Refuses every upgrade with this status or answer until `acceptUpgrades`. */
  refuseUpgrades(answer: number | UpgradeAnswer): void
  /** Forgets all listed answers and accepts again. */
  acceptUpgrades(): void
  /** Changes the accepted keys; null accepts any. Open connections stay. */
  setKeys(keys: string | readonly string[] | null): void
  /** Makes something go wrong on every open connection. */
  strikeAll(fault: ConnectionFault): void
  /** Terminates every open connection without a close frame (1006); `reset` sends a TCP RST. */
  dropAll(options?: { readonly reset?: boolean | undefined }): void
  /** Forgets one stored response, or all of them. */
  forgetStored(id?: string): void

  /** The connection with this id (counted from 1); without one the newest that is open. */
  waitForConnection(id?: number, options?: WaitOptions): Promise<ServerConnection>
  /** Waits until a logical turn, or without a key any turn, was sent `count` times. Gives the last of them. */
  waitForCreate(key?: string, options?: CreateWaitOptions): Promise<RequestRecord>
  /** Waits until the connection with this id is closed; without an id the newest. */
  waitForClose(id?: number, options?: WaitOptions): Promise<ServerConnection>
  /** Waits until there were `count` attempts to open a WebSocket. Gives the last of them. */
  waitForUpgrade(count?: number, options?: WaitOptions): Promise<UpgradeRecord>
  /** Waits until `look` finds something; it is asked again whenever something happened. `what` is for the error. */
  waitFor<Found>(what: string, look: () => Found | undefined, options?: WaitOptions): Promise<Found>
  /** Rejects with `UnexpectedEventError` when a create (of this logical turn) arrives meanwhile. */
  expectNoCreate(key?: string, options?: AbsenceOptions): Promise<void>
  /** Rejects with `UnexpectedEventError` when an upgrade is tried meanwhile. */
  expectNoUpgrade(options?: AbsenceOptions): Promise<void>
  /** Rejects with `UnexpectedEventError` when a connection closes meanwhile. */
  expectNoClose(options?: AbsenceOptions): Promise<void>

  /**
   * Takes a stream as a connection, as Node's `http.Server` does with `emit('connection', stream)`: what comes over it
   * is served like what comes over a port, TLS included where the server has it. Once the server is closed, the
   * stream is destroyed. Of a `duplexPair`, destroy the one end when the other closes: Node does not.
   *
   * @example
   * ```ts
   * const [near, far] = duplexPair()
   * server.accept(far)
   * const headers = { authorization: 'Bearer any' }
   * const socket = new WebSocket(server.url, { headers, createConnection: () => near })
   * ```
   */
  accept(stream: Duplex): void

  /** Ends every connection (1001) and the server. Leaves no socket and no timer. Calling it again does nothing. */
  close(): Promise<void>
}
