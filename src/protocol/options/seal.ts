import * as v from 'valibot'
import { BadOptionError } from '../errors.ts'
import { type ProviderProfile, openai } from '../providers.ts'
import { type Credential, Secret } from '../secret.ts'
import type { TransportOptions } from '../transport.ts'
import {
  type CheckedOptions,
  CONNECTION_DEFAULTS as DEFAULTS,
  type ConnectionInput,
  type EndpointOptions,
  connectionEntries,
} from './connection-options.ts'
import { parseOptions } from './parse.ts'

/** Where the key comes from: nowhere yet, fixed, or asked for before every attempt. */
export type CredentialKind = 'none' | 'fixed' | 'provider'

/** What a connection is made with: numbers for the chart, and all that may be secret under one seal. */
export interface SealedInput {
  readonly settings: ConnectionSettings
  readonly transport: Secret<TransportOptions>
  readonly credentialKind: CredentialKind
  readonly provider: ProviderProfile
  /** The URL without user, password, query: what may be shown. */
  readonly endpoint: string
  readonly random: (() => number) | null
}

/** The numbers that the chart's guards and delays read. Plain data; `false` means switched off. Times in ms. */
export type ConnectionSettings = Readonly<ReturnType<typeof settingsOf>>

const plainSchema = v.strictObject(connectionEntries('plain'))
const sealedSchema = v.strictObject(connectionEntries('sealed'))

/**
 * Checks the options of an application, fills in the defaults, and seals what is secret: the only way from an option
 * to a chart.
 *
 * @throws {BadOptionError} with the option's path, and the type of what stood there, never its value
 */
export function sealOptions(options: EndpointOptions): SealedInput {
  return seal(parseOptions(plainSchema, options))
}

/**
 * The same for the input of a machine, in which nothing secret may stand plain. What was sealed already stays.
 *
 * @throws {BadOptionError} as `sealOptions` does, also for a secret that is not sealed
 */
export function sealedInput(input: ConnectionInput | SealedInput = {}): SealedInput {
  return 'transport' in input ? input : seal(parseOptions(sealedSchema, input))
}

/**
 * What another key changes, for the attempts to come. After a snapshot went through JSON there is no seal that could
 * take it: such a transport is left, and refused where it is dialed with.
 */
export function withCredential(
  { transport }: Pick<SealedInput, 'transport'>,
  credential: Credential,
): Partial<SealedInput> {
  if (!Secret.is(transport)) return {}
  return {
    transport: new Secret({ ...Secret.reveal(transport), credential }),
    credentialKind: kindOf(credential),
  }
}

function seal(options: CheckedOptions): SealedInput {
  const { provider = openai, random, apiKey } = options
  const url = options.url ?? provider.url
  if (url === null) {
    throw new BadOptionError('url', `is required for the provider "${provider.name}", which has no fixed URL`)
  }
  return Object.freeze({
    settings: settingsOf(options, provider),
    transport: new Secret(transportOf(options, provider, url)),
    credentialKind: kindOf(apiKey ?? null),
    provider,
    endpoint: endpointOf(url),
    random: random ?? null,
  })
}

function kindOf(credential: unknown): CredentialKind {
  if (credential === null) return 'none'
  return typeof credential === 'function' ? 'provider' : 'fixed'
}

function settingsOf(options: CheckedOptions, provider: ProviderProfile) {
  const {
    apiKey,
    provider: _profile,
    url,
    headers,
    request,
    allowInsecure,
    subprotocols,
    perMessageDeflate,
    maxPayloadBytes,
    maxFrameBytes,
    maxBufferedBytes,
    random,
    maxAgeMs = provider.maxAgeMs ?? false,
    turnBudgetMs,
    ...settings
  } = options
  const { closesOnError } = provider
  return { ...settings, ripeAfterMs: ripeAfter(maxAgeMs, turnBudgetMs), closesOnError }
}

/** The maximum age less the budget of a turn; the default budget gives way on lines that live shortly. */
function ripeAfter(maxAgeMs: number | false, turnBudgetMs: number | undefined): number | false {
  if (maxAgeMs === false) return false
  if (turnBudgetMs === undefined) return maxAgeMs - Math.min(DEFAULTS.turnBudgetMs, maxAgeMs / 2)
  if (turnBudgetMs >= maxAgeMs) {
    throw new BadOptionError('turnBudgetMs', `must be shorter than maxAgeMs (${maxAgeMs} ms)`)
  }
  return maxAgeMs - turnBudgetMs
}

function transportOf(options: CheckedOptions, provider: ProviderProfile, url: string): TransportOptions {
  const { request } = options
  const beta = provider.betaHeader === null ? {} : { 'OpenAI-Beta': provider.betaHeader }
  const limit = provider.maxFrameBytes ?? DEFAULTS.maxFrameBytes
  return {
    url,
    headers: { ...beta, ...options.headers, ...request.headers },
    credential: options.apiKey ?? null,
    auth: request.auth,
    proxy: request.proxy ?? null,
    tls: request.tls ?? null,
    allowPrivateNetwork: request.allowPrivateNetwork,
    addressTimeoutMs: Math.max(request.addressTimeoutMs, 1),
    allowInsecure: options.allowInsecure,
    subprotocols: options.subprotocols ?? provider.subprotocols,
    perMessageDeflate: options.perMessageDeflate,
    maxPayloadBytes: options.maxPayloadBytes,
    maxFrameBytes: options.maxFrameBytes ?? limit - DEFAULTS.frameMarginBytes,
    maxBufferedBytes: options.maxBufferedBytes,
  }
}

function endpointOf(url: string): string {
  const { origin, protocol, host, pathname } = new URL(url)
  return origin === 'null' ? `${protocol}//${host}${pathname}` : `${origin}${pathname}`
}
