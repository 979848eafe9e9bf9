import * as v from 'valibot'
import type { ActorOptions } from 'xstate'
import type { ConnectionInput, RetryInput, TimeInput } from '../../machines/index.ts'
import * as schema from '../../machines/connection/option-schemas.ts'
import { parseOptions, resolveInput } from '../../machines/connection/resolve-input.ts'
import type { FallbackSettings } from '../../machines/line/types.ts'
import type { ProviderProfile } from '../protocol/providers.ts'
import { type Credential, type CredentialRequest, Secret } from '../protocol/secret.ts'
import type { AuthOptions, ProxyOptions, TlsOptions } from '../protocol/transport.ts'
import type { SocketFactory } from '../socket/index.ts'
import type { ConnectionChart } from '../../machines/index.ts'

/** A key as applications have it: a string, a sealed one, or a function asked before every attempt. */
export type ApiKey =
  | string
  | Secret
  | ((request: CredentialRequest) => string | Secret | Promise<string | Secret>)

/** Authentication, proxy and TLS of the upgrade request. */
export interface RequestOptions {
  /** Further headers; they win over `headers`. Default: none. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined
  /** How the key is put on the request. Default: `{ mode: 'provider-default' }`, a bearer token. */
  readonly auth?: AuthOptions | undefined
  /** HTTP CONNECT proxy. Default: none, whatever the environment says. */
  readonly proxy?: ProxyOptions | undefined
  /** TLS of the connection, PEM texts. Default: the system's authorities, no client certificate. */
  readonly tls?: TlsOptions | undefined
  /** False refuses hosts that resolve to private, link-local or loopback addresses. Default: true. */
  readonly allowPrivateNetwork?: boolean | undefined
}

/** Options of `ResponsesConnection`. */
export interface ConnectionOptions extends RetryInput, TimeInput {
  /** The key. Default: none; `connect` can bring it. */
  readonly apiKey?: ApiKey | undefined
  /** Facts about the endpoint. Default: `openai`. */
  readonly provider?: ProviderProfile | undefined
  /** A `ws:` or `wss:` URL. Default: the provider's. */
  readonly url?: string | Secret | undefined
  /** Further headers of the upgrade request. Default: none. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined
  readonly request?: RequestOptions | undefined
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
  /**
   * When turns of conversations go over HTTP instead, because a WebSocket cannot be had. `true` takes the defaults:
   * after 2 failed attempts, for 300 000 ms until the next trial. Default: false, turns wait or are refused.
   */
  readonly httpFallback?:
    | boolean
    | { readonly afterAttempts?: number | undefined; readonly coolDownMs?: number | undefined }
    | undefined
  /** Makes the WebSocket, for tests. Default: `new WebSocket(url, options)` of the `ws` package. */
  readonly socketFactory?: SocketFactory | undefined
  /** Hears every inspection event of the connection's actors. Default: nobody does. */
  readonly inspect?: ActorOptions<ConnectionChart>['inspect'] | undefined
  /** What all delays run on. Default: Node's timers. */
  readonly clock?: ActorOptions<ConnectionChart>['clock'] | undefined
}

const apiKeySchema = v.custom<ApiKey>(
  (value) =>
    typeof value === 'function' ||
    v.is(schema.sealedKey, typeof value === 'string' ? new Secret(value) : value),
  'must be a key without line breaks (a string or a Secret), or a function that gives one',
)

const functionSchema = (what: string) =>
  v.custom<never>((value) => typeof value === 'function', `must be ${what}`)

/** What the class adds to the machine's input, or takes in another form. The machine checks the rest. */
const ownSchema = v.object({
  apiKey: v.optional(apiKeySchema),
  url: v.optional(schema.urlSchema(['ws:', 'wss:'])),
  headers: v.optional(schema.headersSchema('may-be-plain')),
  request: v.optional(
    v.strictObject({
      headers: v.optional(schema.headersSchema('may-be-plain')),
      auth: v.optional(schema.authSchema(schema.sealingSecret)),
      proxy: v.optional(schema.proxySchema(schema.sealingSecret)),
      tls: v.optional(schema.tlsSchema(schema.sealingSecret)),
      allowPrivateNetwork: v.optional(v.boolean()),
    }),
  ),
  httpFallback: v.optional(
    v.union(
      [
        v.boolean(),
        v.strictObject({
          afterAttempts: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
          coolDownMs: v.optional(schema.milliseconds),
        }),
      ],
      'must be true, false, or { afterAttempts, coolDownMs }',
    ),
  ),
  socketFactory: v.optional(functionSchema('a function that makes a WebSocket')),
  inspect: v.optional(
    v.custom<never>(
      (value) =>
        typeof value === 'function' || (typeof value === 'object' && value !== null && !Array.isArray(value)),
      'must be an observer, or a function that takes inspection events',
    ),
  ),
  clock: v.optional(
    v.custom<never>(
      (value) =>
        typeof value === 'object' && value !== null && 'setTimeout' in value && 'clearTimeout' in value,
      'must have setTimeout and clearTimeout',
    ),
  ),
})

/**
 * Turns an application's options into the machine's input. This is the door at which strings are sealed.
 *
 * @throws {BadOptionError} with the option's path, and the type of what stood there
 */
export function toConnectionInput(options: ConnectionOptions): ConnectionInput {
  const own = parseOptions(ownSchema, options)
  const { apiKey, url, headers, request, httpFallback, socketFactory, inspect, clock, ...rest } = options
  const input: ConnectionInput = Object.freeze({
    ...rest,
    apiKey: apiKey === undefined ? undefined : toCredential(apiKey),
    url: typeof url === 'string' ? new Secret(url) : url,
    headers: sealHeaders({ ...own.headers, ...own.request?.headers }),
    auth: own.request?.auth,
    proxy: sealProxy(own.request?.proxy),
    tls: own.request?.tls,
    allowPrivateNetwork: own.request?.allowPrivateNetwork,
  })
  resolveInput(input)
  return input
}

/** Failed attempts before HTTP, and ms until the next trial: what mature clients use. */
export const FALLBACK_DEFAULTS: FallbackSettings = Object.freeze({ afterAttempts: 2, coolDownMs: 300_000 })

export function toFallback({ httpFallback = false }: ConnectionOptions): FallbackSettings | null {
  if (httpFallback === false) return null
  const { afterAttempts, coolDownMs } = httpFallback === true ? {} : httpFallback
  return {
    afterAttempts: afterAttempts ?? FALLBACK_DEFAULTS.afterAttempts,
    coolDownMs: coolDownMs ?? FALLBACK_DEFAULTS.coolDownMs,
  }
}

/** Seals a key, and what a function gives as a key. */
export function toCredential(apiKey: ApiKey): Credential {
  if (typeof apiKey !== 'function') return seal(apiKey)
  return async (request) => seal(await apiKey(request))
}

function seal(value: string | Secret): Secret {
  return Secret.is(value) ? value : new Secret(value)
}

function sealHeaders(headers: Record<string, string | Secret>): Record<string, Secret> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, seal(value)]))
}

function sealProxy(proxy: ConnectionInput['proxy']): ConnectionInput['proxy'] {
  if (proxy?.mode !== 'explicit-proxy') return proxy
  return { ...proxy, url: seal(proxy.url) }
}
