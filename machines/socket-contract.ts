import type { AnyActorRef } from 'xstate'
import type { ClientEvent } from '../src/protocol/index.ts'
import type { HoldlineErrorCode } from '../src/protocol/errors.ts'
import type { Secret } from '../src/protocol/secret.ts'
import type { ServerSaid } from '../src/protocol/server-said.ts'
import type { TransportOptions } from '../src/protocol/transport.ts'

/** What the connection chart hands to the socket actor that it spawns for one attempt. */
export interface SocketInput {
  /** Counts the attempts of one connection actor from 1. Every fact carries it back. */
  readonly connectionId: number
  /** The connection actor. The socket emits server events as this actor, so listeners outlive the socket. */
  readonly owner: AnyActorRef
  readonly transport: Secret<TransportOptions>
  /** True when the last attempt was answered with 401: the credential provider is asked for a new one. */
  readonly renew: boolean
}

/** What the chart tells the socket actor. Imperative. */
export type SocketCommand =
  /** Ping, and report the first inbound frame from now on, pong included, as `socket.heard`. */
  | { readonly type: 'probe' }
  /** No such frame has come: report `socket.heard` if bytes have moved since, as those of a large message. */
  | { readonly type: 'check' }
  /** Put one event on the wire, or emit `send.refused` as the owner. */
  | { readonly type: 'send'; readonly event: ClientEvent }
  /** Start the close handshake (RFC 6455 section 7.1.2). No server event is emitted from here on. */
  | { readonly type: 'close'; readonly code: number; readonly reason: string }

/** How far the connection had come when it was lost. */
export type LossPhase =
  /** The credential provider was being asked, or the options forbade the dial. */
  | 'credential'
  /** DNS, TCP, TLS or the upgrade was under way. */
  | 'dial'
  | 'open'
  /** The close handshake was under way. */
  | 'closing'

/** An upgrade that was answered with an HTTP status other than 101. */
export interface UpgradeRefusal {
  readonly status: number
  /** `error.code` (or `error.type`) of a JSON body, at most 64 characters, or null. */
  readonly code: string | null
  /** From `retry-after-ms`, else `retry-after`, in ms, or null. */
  readonly retryAfterMs: number | null
  /** What the answer says, for whoever is told of it. No guard reads it. Absent: nothing. */
  readonly said?: ServerSaid | undefined
}

/** Every other way in which a socket ends. */
export interface SocketLoss {
  readonly phase: LossPhase
  /** RFC 6455 close code; 1006 where there was no close frame. */
  readonly code: number
  /** The close frame's reason, or one sentence of ours. */
  readonly reason: string
  /** Node's error code (`ECONNREFUSED`, `ERR_TLS_CERT_ALTNAME_INVALID`, …), or null. */
  readonly errno: string | null
  /** Set where the socket actor knows better than the close code: a refused dial, a failed provider, … */
  readonly error: HoldlineErrorCode | null
  /** False when no message at all was received on this socket. */
  readonly heard: boolean
}

/**
 * What the socket actor tells the chart. Past tense. A fact carries ids, codes and what guards read; never a
 * frame, and never a `type` that the server chose.
 */
export type SocketFact =
  | { readonly type: 'socket.opened'; readonly connectionId: number }
  | { readonly type: 'socket.refused'; readonly connectionId: number; readonly refusal: UpgradeRefusal }
  | { readonly type: 'socket.lost'; readonly connectionId: number; readonly loss: SocketLoss }
  /** The first inbound frame after `probe`, or bytes that have moved by `check`. */
  | { readonly type: 'socket.heard'; readonly connectionId: number }
  /** A response reached its terminal event. `lane` is its `stream_id`, null on the default lane. */
  | {
      readonly type: 'server.settled'
      readonly connectionId: number
      readonly lane: string | null
      readonly responseId: string
      readonly outcome: 'completed' | 'incomplete' | 'failed'
      /** True only when the terminal response says `store: true`. */
      readonly stored: boolean
    }
  /** An `error` frame, in either of its shapes. */
  | {
      readonly type: 'server.errored'
      readonly connectionId: number
      readonly lane: string | null
      readonly status: number | null
      readonly code: string | null
    }
