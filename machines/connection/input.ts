import type { AuthOptions, ProxyOptions, TlsOptions } from '../../src/protocol/transport.ts'
import type { Credential, Secret } from '../../src/protocol/secret.ts'
import type { ProviderProfile } from '../../src/protocol/providers.ts'
import type { RandomSource } from '../backoff.ts'

/** A place where a secret may stand: sealed, or plain where there is none. */
type Sealable = string | Secret

/** `AuthOptions` with its secrets sealed. */
export type SealedAuth =
  | Extract<AuthOptions, { mode: 'provider-default' }>
  | (Omit<Extract<AuthOptions, { mode: 'authorization-bearer' }>, 'token'> & { readonly token: Secret })
  | (Omit<Extract<AuthOptions, { mode: 'header' }>, 'value'> & { readonly value: Secret })

/** `TlsOptions` with its secrets sealed. */
export type SealedTls = Omit<TlsOptions, 'key' | 'passphrase'> & {
  readonly key?: Secret | undefined
  readonly passphrase?: Secret | undefined
}

/** `ProxyOptions` with its secrets sealed. A URL with a user or a password in it must be sealed. */
export type SealedProxy =
  | (Omit<Extract<ProxyOptions, { mode: 'env-proxy' }>, 'tls'> & { readonly tls?: SealedTls | undefined })
  | (Omit<Extract<ProxyOptions, { mode: 'explicit-proxy' }>, 'url' | 'tls'> & {
      readonly url: Sealable
      readonly tls?: SealedTls | undefined
    })

/** Where to dial, and with what. */
export interface TransportInput {
  /** The key, sealed, or a function that gives one for each attempt. `connect` may bring one instead. */
  readonly apiKey?: Credential | undefined
  /** Facts about the endpoint. Default: `openai`. */
  readonly provider?: ProviderProfile | undefined
  /** A `ws:` or `wss:` URL. Default: the provider's. Seal it if it holds a user, a password or a query. */
  readonly url?: Sealable | undefined
  /** Further headers of the upgrade request. Headers that carry credentials must be sealed. Default: none. */
  readonly headers?: Readonly<Record<string, Sealable>> | undefined
  /** How the key is put on the upgrade request. Default: `{ mode: 'provider-default' }`. */
  readonly auth?: SealedAuth | undefined
  /** HTTP CONNECT proxy. Default: none, whatever the environment says. */
  readonly proxy?: SealedProxy | undefined
  /** TLS options of the connection. Default: the system's authorities. */
  readonly tls?: SealedTls | undefined
  /** False refuses hosts that resolve to private, link-local or loopback addresses. Default: true. */
  readonly allowPrivateNetwork?: boolean | undefined
  /** True lets the credential travel over `ws://` to another machine than this one. Default: false. */
  readonly allowInsecure?: boolean | undefined
  /** `Sec-WebSocket-Protocol` values to offer. Default: the provider's, for most none. */
  readonly subprotocols?: readonly string[] | undefined
  /** Offers permessage-deflate (RFC 7692). Default: false. */
  readonly perMessageDeflate?: boolean | undefined
  /** Largest inbound message in bytes; a larger one ends the connection with 1009. Default: 64 MiB. */
  readonly maxPayloadBytes?: number | undefined
  /** Largest outbound message in bytes; a larger one is refused. Default: the provider's limit less 64 KiB. */
  readonly maxFrameBytes?: number | undefined
  /** Bytes that may wait to be sent before `send` refuses. Default: 16 MiB. */
  readonly maxBufferedBytes?: number | undefined
}

/** How often and how soon to try again. */
export interface RetryInput {
  /** Attempts after the first before the connection is given up. Default: 5. */
  readonly maxRetries?: number | undefined
  /** Waits in ms before retry 1, 2, …; the last serves all later ones. Default: 1000, 2000, 4000, 8000, 16000. */
  readonly backoffDelaysMs?: readonly number[] | undefined
  /** `quarter` takes up to a quarter off each wait; `none` keeps the table. Default: `quarter`. */
  readonly jitter?: 'quarter' | 'none' | undefined
  /** The shortest time in ms between attempts. Only the first redial after a stable line is exempt. Default: 100. */
  readonly minRetryDelayMs?: number | undefined
  /** The most of a server's `Retry-After` that is honoured, in ms. Default: 60 000. */
  readonly maxRetryAfterMs?: number | undefined
  /** The source of jitter: a function that gives numbers in [0, 1). Default: `Math.random`. */
  readonly random?: RandomSource | undefined
}

/** How long to wait for what. `false` switches a clock off. All in ms. */
export interface TimeInput {
  /** From the start of an attempt (credential included) to an open connection. Default: 15 000. */
  readonly connectTimeoutMs?: number | undefined
  /** For the close handshake, before the socket is terminated. Default: 5 000. */
  readonly closeTimeoutMs?: number | undefined
  /** Between one sign of life and the next ping. Default: 20 000. */
  readonly pingIntervalMs?: number | false | undefined
  /** For any inbound frame after a ping, before the line counts as half-open. Default: 25 000. */
  readonly pongTimeoutMs?: number | undefined
  /** Uptime after which a line counts as healthy and the retry budget comes back. Default: 30 000. */
  readonly stableAfterMs?: number | undefined
  /** The provider's age limit for a connection. Default: the provider's, 60 minutes for OpenAI. */
  readonly maxAgeMs?: number | false | undefined
  /** What the longest turn is expected to take: the line is ripe this long before its age limit. Default: 300 000. */
  readonly turnBudgetMs?: number | undefined
  /** From the server's notice that the age limit is reached to our own redial. Default: 1 000. */
  readonly expiryGraceMs?: number | undefined
}

/**
 * The input of `connectionMachine`. Everything is optional but a key, which may also come with `connect`.
 *
 * Secrets are given sealed (`new Secret(key)`), never as strings: an input shows in inspection events.
 */
export interface ConnectionInput extends TransportInput, RetryInput, TimeInput {}
