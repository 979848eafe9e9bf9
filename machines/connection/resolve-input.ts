import * as v from 'valibot'
import { BadOptionError } from '../../src/protocol/errors.ts'
import { type ProviderProfile, openai } from '../../src/protocol/providers.ts'
import { type Credential, Secret } from '../../src/protocol/secret.ts'
import type { AuthOptions, ProxyOptions, TlsOptions, TransportOptions } from '../../src/protocol/transport.ts'
import type { RandomSource } from '../backoff.ts'
import type { ConnectionInput, SealedAuth, SealedProxy, SealedTls } from './input.ts'
import * as schema from './option-schemas.ts'
import { CONNECTION_DEFAULTS as DEFAULTS, type ConnectionSettings } from './settings.ts'

/** Where the key comes from: nowhere yet, fixed, or asked for before every attempt. */
export type CredentialKind = 'none' | 'fixed' | 'provider'

/** An input with every default filled in, and everything that may hold a secret sealed. */
export interface ResolvedInput {
  readonly settings: ConnectionSettings
  readonly transport: Secret<TransportOptions>
  readonly credentialKind: CredentialKind
  /** The URL without user, password, query: what may be shown. */
  readonly endpoint: string
  readonly random: RandomSource | null
}

const providerSchema = v.custom<ProviderProfile>(
  (value) => typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string',
  'must be a provider profile',
)

const apiKeySchema = v.custom<Credential>(
  (value) => typeof value === 'function' || v.is(schema.sealedKey, value),
  'must be a Secret that holds a key without line breaks, or a function that gives one',
)

const inputSchema = v.strictObject({
  apiKey: v.optional(apiKeySchema),
  provider: v.optional(providerSchema),
  url: v.optional(schema.urlSchema(['ws:', 'wss:'])),
  headers: v.optional(schema.headersSchema('must-be-sealed')),
  auth: v.optional(schema.authSchema(schema.sealedSecret)),
  proxy: v.optional(schema.proxySchema(schema.sealedSecret)),
  tls: v.optional(schema.tlsSchema(schema.sealedSecret)),
  allowPrivateNetwork: v.optional(v.boolean()),
  allowInsecure: v.optional(v.boolean()),
  subprotocols: v.optional(v.array(schema.subprotocol)),
  perMessageDeflate: v.optional(v.boolean()),
  maxPayloadBytes: v.optional(schema.bytes),
  maxFrameBytes: v.optional(schema.bytes),
  maxBufferedBytes: v.optional(schema.bytes),
  maxRetries: v.optional(schema.count),
  backoffDelaysMs: v.optional(
    v.pipe(v.array(schema.milliseconds), v.minLength(1, 'must hold at least one delay')),
  ),
  jitter: v.optional(v.picklist(['quarter', 'none'])),
  minRetryDelayMs: v.optional(schema.milliseconds),
  maxRetryAfterMs: v.optional(schema.milliseconds),
  random: v.optional(
    v.custom<RandomSource>(
      (value) => typeof value === 'function',
      'must be a function that gives numbers in [0, 1)',
    ),
  ),
  connectTimeoutMs: v.optional(schema.milliseconds),
  closeTimeoutMs: v.optional(schema.milliseconds),
  pingIntervalMs: v.optional(schema.clock),
  pongTimeoutMs: v.optional(schema.milliseconds),
  stableAfterMs: v.optional(schema.milliseconds),
  maxAgeMs: v.optional(schema.clock),
  turnBudgetMs: v.optional(schema.milliseconds),
  expiryGraceMs: v.optional(schema.milliseconds),
})

const resolved = new WeakMap<ConnectionInput, ResolvedInput>()

/**
 * Checks an input and fills in the defaults. A frozen input is resolved once: the class checks it at construction, and
 * each of its connections is made with it.
 *
 * @throws {BadOptionError} with the option's path, and the type of what stood there, never its value.
 */
export function resolveInput(input: ConnectionInput): ResolvedInput {
  const known = resolved.get(input) ?? resolve(input)
  if (Object.isFrozen(input)) resolved.set(input, known)
  return known
}

function resolve(input: ConnectionInput): ResolvedInput {
  const checked: ConnectionInput = parseOptions(inputSchema, input)
  const provider = checked.provider ?? openai
  const url = plain(checked.url) ?? provider.url
  if (url === null) {
    throw new BadOptionError('url', `is required for the provider "${provider.name}", which has no fixed URL`)
  }
  refusePlainUserInfo('url', checked.url)
  if (checked.proxy?.mode === 'explicit-proxy') refusePlainUserInfo('proxy.url', checked.proxy.url)
  return {
    settings: settingsOf(checked, provider),
    transport: new Secret(transportOf(checked, provider, url)),
    credentialKind: credentialKindOf(checked.apiKey ?? null),
    endpoint: endpointOf(url),
    random: checked.random ?? null,
  }
}

/** Parses options; the first problem becomes a `BadOptionError`. `value` types are named, values never. */
export function parseOptions<S extends v.GenericSchema>(schemaOf: S, options: unknown): v.InferOutput<S> {
  const result = v.safeParse(schemaOf, options, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = v.getDotPath(issue) ?? 'options'
  throw new BadOptionError(path, `${problemOf(issue)} (got ${typeName(issue)})`)
}

export function credentialKindOf(credential: Credential | null): CredentialKind {
  if (credential === null) return 'none'
  return typeof credential === 'function' ? 'provider' : 'fixed'
}

function settingsOf(input: ConnectionInput, provider: ProviderProfile): ConnectionSettings {
  return {
    maxRetries: input.maxRetries ?? DEFAULTS.maxRetries,
    backoff: {
      delaysMs: input.backoffDelaysMs ?? DEFAULTS.backoffDelaysMs,
      jitter: input.jitter ?? DEFAULTS.jitter,
    },
    minRetryDelayMs: input.minRetryDelayMs ?? DEFAULTS.minRetryDelayMs,
    maxRetryAfterMs: input.maxRetryAfterMs ?? DEFAULTS.maxRetryAfterMs,
    connectTimeoutMs: input.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
    closeTimeoutMs: input.closeTimeoutMs ?? DEFAULTS.closeTimeoutMs,
    pingIntervalMs: clockOf(input.pingIntervalMs ?? DEFAULTS.pingIntervalMs),
    pongTimeoutMs: input.pongTimeoutMs ?? DEFAULTS.pongTimeoutMs,
    stableAfterMs: input.stableAfterMs ?? DEFAULTS.stableAfterMs,
    ripeAfterMs: ripeAfter(clockOf(input.maxAgeMs ?? provider.maxAgeMs ?? false), input.turnBudgetMs),
    expiryGraceMs: input.expiryGraceMs ?? DEFAULTS.expiryGraceMs,
  }
}

/** The maximum age less the budget of a turn; the default budget gives way on lines that live shortly. */
function ripeAfter(maxAgeMs: number | null, turnBudgetMs: number | undefined): number | null {
  if (maxAgeMs === null) return null
  if (turnBudgetMs === undefined) return maxAgeMs - Math.min(DEFAULTS.turnBudgetMs, maxAgeMs / 2)
  if (turnBudgetMs >= maxAgeMs) {
    throw new BadOptionError('turnBudgetMs', `must be shorter than maxAgeMs (${maxAgeMs} ms)`)
  }
  return maxAgeMs - turnBudgetMs
}

function transportOf(input: ConnectionInput, provider: ProviderProfile, url: string): TransportOptions {
  const limit = provider.maxFrameBytes ?? DEFAULTS.maxFrameBytes
  return {
    url,
    headers: {
      ...(provider.betaHeader === null ? {} : { 'OpenAI-Beta': provider.betaHeader }),
      ...Object.fromEntries(
        Object.entries(input.headers ?? {}).map(([name, value]) => [name, plain(value) ?? '']),
      ),
    },
    credential: input.apiKey ?? null,
    auth: openAuth(input.auth),
    proxy: openProxy(input.proxy),
    tls: openTls(input.tls),
    allowPrivateNetwork: input.allowPrivateNetwork ?? true,
    allowInsecure: input.allowInsecure ?? false,
    subprotocols: input.subprotocols ?? provider.subprotocols,
    perMessageDeflate: input.perMessageDeflate ?? false,
    maxPayloadBytes: input.maxPayloadBytes ?? DEFAULTS.maxPayloadBytes,
    maxFrameBytes: input.maxFrameBytes ?? limit - DEFAULTS.frameMarginBytes,
    maxBufferedBytes: input.maxBufferedBytes ?? DEFAULTS.maxBufferedBytes,
  }
}

// Each part is opened only to be sealed again as a whole: the plain options live inside one Secret.

function openAuth(auth: SealedAuth | undefined): AuthOptions {
  if (auth === undefined || auth.mode === 'provider-default') return { mode: 'provider-default' }
  if (auth.mode === 'authorization-bearer') return { ...auth, token: Secret.reveal(auth.token) }
  return { ...auth, value: Secret.reveal(auth.value) }
}

function openTls(tls: SealedTls | undefined): TlsOptions | null {
  return tls === undefined ? null : { ...tls, key: plain(tls.key), passphrase: plain(tls.passphrase) }
}

function openProxy(proxy: SealedProxy | undefined): ProxyOptions | null {
  if (proxy === undefined) return null
  const tls = openTls(proxy.tls) ?? undefined
  if (proxy.mode === 'env-proxy') return { mode: 'env-proxy', tls }
  return { mode: 'explicit-proxy', url: Secret.is(proxy.url) ? Secret.reveal(proxy.url) : proxy.url, tls }
}

function plain(value: string | Secret | undefined): string | undefined {
  return Secret.is(value) ? Secret.reveal(value) : value
}

function refusePlainUserInfo(path: string, url: string | Secret | undefined): void {
  if (typeof url !== 'string') return
  const { username, password } = new URL(url)
  if (username === '' && password === '') return
  throw new BadOptionError(path, 'holds a user or a password and must be a Secret')
}

function endpointOf(url: string): string {
  const { origin, protocol, host, pathname } = new URL(url)
  return origin === 'null' ? `${protocol}//${host}${pathname}` : `${origin}${pathname}`
}

function clockOf(value: number | false): number | null {
  return value === false ? null : value
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not a known option'
  // valibot's own messages quote what they received; ours do not.
  if (issue.received === 'undefined' && issue.expected?.startsWith('"') === true) return 'is required'
  if (issue.message.startsWith('Invalid ')) return `must be ${kindOf(issue.expected)}`
  return issue.message
}

/** valibot's name of what it expected, in words. */
function kindOf(expected: string | null): string {
  if (expected === null) return 'of another type'
  if (expected.startsWith('(')) return `one of ${expected.slice(1, -1).replaceAll(' |', ',')}`
  return `${/^[AEIOU]/i.test(expected) ? 'an' : 'a'} ${expected.toLowerCase()}`
}

function typeName({ input }: v.BaseIssue<unknown>): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'an array'
  if (typeof input === 'number' && !Number.isFinite(input)) return String(input)
  return typeof input === 'object' ? 'an object' : typeof input
}
