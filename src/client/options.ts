import * as v from 'valibot'
import type { ActorOptions } from 'xstate'
import type { ConnectionChart } from '../../machines/index.ts'
import type { FallbackSettings } from '../../machines/line/types.ts'
import type { EndpointOptions } from '../protocol/options/connection-options.ts'
import { parseOptions } from '../protocol/options/parse.ts'
import * as rule from '../protocol/options/rules.ts'
import { type SealedInput, sealOptions } from '../protocol/options/seal.ts'
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
    | { readonly afterAttempts?: number | undefined; readonly coolDownMs?: number | undefined }
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
  return sealOptions(endpoint)
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

/** Seals the key that `connect` brings: it goes into an event, which an inspector sees. */
export function sealKey(apiKey: ApiKey): Credential {
  const key = parseOptions(connectSchema, { apiKey }).apiKey
  if (apiKey instanceof Secret) return apiKey
  return typeof key === 'function' ? (key as Credential) : new Secret(key)
}

const connectSchema = v.object({ apiKey: rule.apiKey('plain') })
