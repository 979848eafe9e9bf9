import * as v from 'valibot'
import type { ActorOptions } from 'xstate'
import type { ConnectionChart } from '../../machines/index.ts'
import type { FallbackSettings } from '../../machines/line/types.ts'
import type { EndpointOptions } from '../protocol/options/connection-options.ts'
import { secureContext } from '../dial/tls.ts'
import { parseOptions } from '../protocol/options/parse.ts'
import * as rule from '../protocol/options/rules.ts'
import { type SealedInput, sealOptions } from '../protocol/options/seal.ts'
import { openai } from '../protocol/providers.ts'
import { type ApiKey, type Credential, Secret } from '../protocol/secret.ts'
import type { SocketFactory } from '../socket/index.ts'

/** Options of `ResponsesConnection`. */
export interface ConnectionOptions extends EndpointOptions {
  /**
   * When turns of conversations go over HTTP instead, because a WebSocket cannot be had. `true` takes the defaults:
   * after 2 failed attempts, for 300 000 ms until the next trial. Default: false, turns wait or are refused.
   */
  readonly httpFallback?:
    | boolean
    | {
        readonly afterAttempts?: number | undefined
        readonly coolDownMs?: number | undefined
        /** Whether a 403 on the upgrade counts as an endpoint without a WebSocket. Default: true. */
        readonly onForbidden?: boolean | undefined
      }
    | undefined
  /** Makes the WebSocket, for tests. Default: `new WebSocket(url, options)` of the `ws` package. */
  readonly socketFactory?: SocketFactory | undefined
  /** Hears every inspection event of the connection's actors. Default: nobody does. */
  readonly inspect?: ActorOptions<ConnectionChart>['inspect'] | undefined
  /** What all delays run on. Default: Node's timers. */
  readonly clock?: ActorOptions<ConnectionChart>['clock'] | undefined
}

const functionSchema = (what: string) =>
  v.custom<never>((value) => typeof value === 'function', `must be ${what}`)

/** What the class adds to the options of an endpoint. */
const ownEntries = {
  httpFallback: v.optional(
    v.union(
      [
        v.boolean(),
        v.strictObject({
          afterAttempts: v.optional(rule.count(1)),
          coolDownMs: v.optional(rule.milliseconds),
          onForbidden: v.optional(v.boolean()),
        }),
      ],
      'must be true, false, or { afterAttempts, coolDownMs, onForbidden }',
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
}

const ownSchema = v.looseObject(ownEntries)

/**
 * Turns an application's options into what its connections are made with. This is the door at which strings are sealed.
 *
 * @throws {BadOptionError} with the option's path, and the type of what stood there
 */
export function connectionInput(options: ConnectionOptions): SealedInput {
  parseOptions(ownSchema, options)
  const { httpFallback, socketFactory, inspect, clock, ...endpoint } = options
  checkTls(endpoint.request)
  return sealOptions({ ...endpoint, apiKey: endpoint.apiKey ?? keyFromEnvironment(endpoint) })
}

/** What cannot be used is said before anything is dialed, and not by the first handshake. */
function checkTls(request: EndpointOptions['request']): void {
  if (request?.tls === undefined && request?.proxy?.tls === undefined) return
  const { tls, proxy } = Secret.reveal(sealOptions({ request }).transport)
  if (tls !== null) secureContext(tls, 'request.tls')
  if (proxy?.tls !== undefined) secureContext(proxy.tls, 'request.proxy.tls')
}

/**
 * `OPENAI_API_KEY`, for the endpoint that it is a key of and for no other: a key is never sent to a URL that it was not
 * meant for. Not where the options authenticate in another way.
 */
function keyFromEnvironment({
  url,
  provider = openai,
  headers,
  request,
}: EndpointOptions): ApiKey | undefined {
  const target = url === undefined ? provider.url : Secret.is(url) ? Secret.reveal(url) : url
  if (target === null || !URL.canParse(target) || new URL(target).host !== OPENAI_HOST) return undefined
  if (request?.auth !== undefined && request.auth.mode !== 'provider-default') return undefined
  const names = Object.keys({ ...headers, ...request?.headers })
  if (names.some((name) => name.toLowerCase() === 'authorization')) return undefined
  return process.env['OPENAI_API_KEY']?.trim() || undefined
}

const OPENAI_HOST = new URL(openai.url ?? '').host

/** Failed attempts before HTTP, and ms until the next trial: what mature clients use. */
export const FALLBACK_DEFAULTS: Required<FallbackSettings> = Object.freeze({
  afterAttempts: 2,
  coolDownMs: 300_000,
  onForbidden: true,
})

export function toFallback({ httpFallback = false }: ConnectionOptions): FallbackSettings | null {
  if (httpFallback === false) return null
  if (httpFallback === true) return FALLBACK_DEFAULTS
  const { afterAttempts, coolDownMs, onForbidden } = FALLBACK_DEFAULTS
  return {
    afterAttempts: httpFallback.afterAttempts ?? afterAttempts,
    coolDownMs: httpFallback.coolDownMs ?? coolDownMs,
    onForbidden: httpFallback.onForbidden ?? onForbidden,
  }
}

/** Seals the key that `connect` brings: it goes into an event, which an inspector sees. */
export function sealKey(apiKey: ApiKey): Credential {
  const key = parseOptions(connectSchema, { apiKey }).apiKey
  if (apiKey instanceof Secret) return apiKey
  return typeof key === 'function' ? (key as Credential) : new Secret(key)
}

const connectSchema = v.object({ apiKey: rule.apiKey('plain') })
