import * as v from 'valibot'
import type { ProviderProfile } from '../providers.ts'
import type { ApiKey, Secret } from '../secret.ts'
import type { AuthOptions, ProxyOptions, TlsOptions } from '../transport.ts'
import { profileSchema } from './profile.ts'
import * as rule from './rules.ts'

/** Authentication, proxy and TLS of a request. `Text` is how secrets stand in it. */
export interface RequestOptions<Text extends string | Secret = string | Secret> {
  /** Further headers; they win over `headers`. Default: none. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined
  /** How the key is put on the request. Default: `{ mode: 'provider-default' }`, a bearer token. */
  readonly auth?: AuthOptions<Text> | undefined
  /** HTTP CONNECT or SOCKS proxy. Default: none, whatever the environment says. */
  readonly proxy?: ProxyOptions<Text> | undefined
  /** TLS of the connection, PEM texts. Default: the system's authorities, no client certificate. */
  readonly tls?: TlsOptions<Text> | undefined
  /** False refuses hosts that resolve to private, link-local or loopback addresses. Default: true. */
  readonly allowPrivateNetwork?: boolean | undefined
  /** For each address but the last of a host that has several, in ms; then the next is tried. Default: 2 500. */
  readonly addressTimeoutMs?: number | undefined
}

/** Where to dial, and with what. */
interface TransportFields<Text extends string | Secret> {
  /** The key, or a function that is asked before every attempt. Default: none; `connect` can bring it. */
  readonly apiKey?: ApiKey<Text> | undefined
  /** Facts about the endpoint. Default: `openai`. */
  readonly provider?: ProviderProfile | undefined
  /** A `ws:` or `wss:` URL. Default: the provider's. */
  readonly url?: string | Secret | undefined
  /** Further headers of the upgrade request. Default: none. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined
  readonly request?: RequestOptions<Text> | undefined
  /** True lets the key travel over `ws://` to another machine than this one. Default: false. */
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
interface RetryFields {
  /** Attempts after the first before the connection is given up; `Infinity` never gives up. Default: 5. */
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
  readonly random?: (() => number) | undefined
}

/** How long to wait for what. `false` switches a clock off. All in ms. */
interface TimeFields {
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
 * What a connection can be told: by an application, where secrets may stand plain, or as the input of
 * `connectionMachine`, where `Text` is `Secret`, because an input shows in inspection events.
 */
export interface EndpointOptions<Text extends string | Secret = string | Secret>
  extends TransportFields<Text>, RetryFields, TimeFields {}

/**
 * The input of `connectionMachine`. Everything is optional but a key, which may also come with `connect`.
 *
 * Secrets are given sealed (`new Secret(key)`), never as strings: an input shows in inspection events.
 */
export type ConnectionInput = EndpointOptions<Secret>

const SECOND = 1_000
const MINUTE = 60 * SECOND
const KIB = 1_024
const MIB = 1_024 * KIB

/** The defaults of a connection, in one place. Times in ms, sizes in bytes. */
export const CONNECTION_DEFAULTS = Object.freeze({
  maxRetries: 5,
  backoffDelaysMs: Object.freeze([1_000, 2_000, 4_000, 8_000, 16_000]),
  jitter: 'quarter' as const,
  minRetryDelayMs: 100,
  maxRetryAfterMs: MINUTE,
  connectTimeoutMs: 15 * SECOND,
  /** Room for one lost SYN, which is sent again after a second. */
  addressTimeoutMs: 2_500,
  closeTimeoutMs: 5 * SECOND,
  /** Proxies cut lines that are silent for 60 to 100 s. */
  pingIntervalMs: 20 * SECOND,
  /** Pongs can lag by ten seconds while the peer streams. */
  pongTimeoutMs: 25 * SECOND,
  stableAfterMs: 30 * SECOND,
  turnBudgetMs: 5 * MINUTE,
  expiryGraceMs: SECOND,
  maxPayloadBytes: 64 * MIB,
  maxBufferedBytes: 16 * MIB,
  /** Where the provider's limit is not known: the ceiling that was measured, 16 MiB. */
  maxFrameBytes: 16 * MIB,
  /** Kept below a provider's limit, because a frame at the limit ends the connection. */
  frameMarginBytes: 64 * KIB,
})

const DEFAULTS = CONNECTION_DEFAULTS

/** The schema of each option. Secrets come out plain: seal the whole at once. */
export function connectionEntries(form: rule.SecretForm) {
  return {
    apiKey: v.optional(rule.apiKey(form)),
    provider: v.optional(profileSchema),
    url: v.optional(rule.url(['ws:', 'wss:'], form)),
    headers: v.optional(rule.headers(form), {}),
    request: v.optional(
      v.strictObject({
        headers: v.optional(rule.headers(form), {}),
        auth: v.optional(rule.auth(form), { mode: 'provider-default' }),
        proxy: v.optional(rule.proxy(form)),
        tls: v.optional(rule.tls(form)),
        allowPrivateNetwork: v.optional(v.boolean(), true),
        addressTimeoutMs: v.optional(rule.milliseconds, DEFAULTS.addressTimeoutMs),
      }),
      {},
    ),
    allowInsecure: v.optional(v.boolean(), false),
    subprotocols: v.optional(v.array(rule.subprotocol)),
    perMessageDeflate: v.optional(v.boolean(), false),
    maxPayloadBytes: v.optional(rule.bytes, DEFAULTS.maxPayloadBytes),
    maxFrameBytes: v.optional(rule.bytes),
    maxBufferedBytes: v.optional(rule.bytes, DEFAULTS.maxBufferedBytes),
    maxRetries: v.optional(
      v.union([v.literal(Infinity), rule.count()], 'must be a whole number of at least 0, or Infinity'),
      DEFAULTS.maxRetries,
    ),
    backoffDelaysMs: v.optional(
      v.pipe(v.array(rule.milliseconds), v.minLength(1, 'must hold at least one delay'), v.readonly()),
      DEFAULTS.backoffDelaysMs as number[],
    ),
    jitter: v.optional(v.picklist(['quarter', 'none']), DEFAULTS.jitter),
    minRetryDelayMs: v.optional(rule.milliseconds, DEFAULTS.minRetryDelayMs),
    maxRetryAfterMs: v.optional(rule.milliseconds, DEFAULTS.maxRetryAfterMs),
    random: v.optional(
      v.custom<() => number>(
        (value) => typeof value === 'function',
        'must be a function that gives numbers in [0, 1)',
      ),
    ),
    connectTimeoutMs: v.optional(rule.milliseconds, DEFAULTS.connectTimeoutMs),
    closeTimeoutMs: v.optional(rule.milliseconds, DEFAULTS.closeTimeoutMs),
    pingIntervalMs: v.optional(rule.clock, DEFAULTS.pingIntervalMs),
    pongTimeoutMs: v.optional(rule.milliseconds, DEFAULTS.pongTimeoutMs),
    stableAfterMs: v.optional(rule.milliseconds, DEFAULTS.stableAfterMs),
    maxAgeMs: v.optional(rule.clock),
    turnBudgetMs: v.optional(rule.milliseconds),
    expiryGraceMs: v.optional(rule.milliseconds, DEFAULTS.expiryGraceMs),
  } satisfies { readonly [Name in keyof Required<EndpointOptions>]: v.GenericSchema }
}

/** Options that were checked, with their defaults, and with their secrets plain. */
export type CheckedOptions = v.InferOutput<
  ReturnType<typeof v.strictObject<ReturnType<typeof connectionEntries>, undefined>>
>
