/** How many responses and lanes one connection carries at once. */
export interface LaneLimits {
  /** Responses in flight over all lanes, the default lane included. The server queues what is above it. */
  readonly inFlight: number
  /** Distinct `stream_id` values in the life of a connection. The default lane is not counted. */
  readonly names: number
}

/**
 * What is to be known about one endpoint, as plain data. Write your own for an endpoint that is not here.
 *
 * `null` means: nobody documents it, or there is no such limit.
 */
export interface ProviderProfile {
  /** Shown in error messages. */
  readonly name: string
  /** Where to dial, or null when the address holds the name of your own resource: then pass `url` yourself. */
  readonly url: string | null
  /** Null: one response at a time, no `stream_id`; send the next create after the terminal event. */
  readonly lanes: LaneLimits | null
  /** Whether `response.steer` is understood: by every model, by none, or by the models named. */
  readonly steering: boolean | readonly string[]
  /** Whether `generate: false` is understood. */
  readonly warmUp: boolean
  /** The age at which the server ends a connection, in ms. */
  readonly maxAgeMs: number | null
  /** The time without any frame, pings included, after which the server closes, in ms. */
  readonly idleTimeoutMs: number | null
  /** The size at which the server refuses a message with close code 1009, in bytes of UTF-8. */
  readonly maxFrameBytes: number | null
  /** True when the first `response.create` fixes the model for the life of the connection. */
  readonly oneModelPerConnection: boolean
  /** True when the server closes the connection after an `error` frame. */
  readonly closesOnError: boolean
  /** True when a chain cannot go on from before a `response.failed`: the next create needs the full history. */
  readonly failedEndsChain: boolean
  /** `Sec-WebSocket-Protocol` values to offer. */
  readonly subprotocols: readonly string[]
  /** Value of the `OpenAI-Beta` header, or null for no such header. */
  readonly betaHeader: string | null
}

const MINUTE_MS = 60_000
const MIB = 1_048_576

/**
 * `api.openai.com`. The numbers are the Responses WebSocket guide's, but for two: the frame limit was measured
 * on a sister route, and `failedEndsChain` is caution, because the guide speaks of 4xx and 5xx only.
 */
export const openai: ProviderProfile = profile({
  name: 'openai',
  url: 'wss://api.openai.com/v1/responses',
  lanes: { inFlight: 16, names: 32 },
  steering: ['gpt-6-astra'],
  warmUp: true,
  maxAgeMs: 60 * MINUTE_MS,
  idleTimeoutMs: null,
  maxFrameBytes: 16 * MIB,
  oneModelPerConnection: false,
  closesOnError: false,
  failedEndsChain: true,
  subprotocols: [],
  betaHeader: null,
})

/**
 * Azure OpenAI. Pass `url: 'wss://<resource>.openai.azure.com/openai/v1/responses'`; `model` is the name of
 * your deployment. The key, or an Entra token, goes as a bearer token.
 */
export const azure: ProviderProfile = profile({
  name: 'azure',
  url: null,
  lanes: null,
  steering: false,
  warmUp: true,
  maxAgeMs: 60 * MINUTE_MS,
  idleTimeoutMs: null,
  maxFrameBytes: null,
  oneModelPerConnection: false,
  closesOnError: false,
  failedEndsChain: true,
  subprotocols: [],
  betaHeader: null,
})

/** `api.x.ai`. The maximum age was observed, not documented. A pong can take 10 s while a response streams. */
export const xai: ProviderProfile = profile({
  name: 'xai',
  url: 'wss://api.x.ai/v1/responses',
  lanes: null,
  steering: false,
  warmUp: true,
  maxAgeMs: 25 * MINUTE_MS,
  idleTimeoutMs: null,
  maxFrameBytes: null,
  oneModelPerConnection: false,
  closesOnError: false,
  failedEndsChain: true,
  subprotocols: [],
  betaHeader: null,
})

/**
 * Vercel AI Gateway. `model` is `openai/<id>`. Send `service_tier`, if you use it, in every create. Out of
 * credits is close code 4402.
 */
export const vercel: ProviderProfile = profile({
  name: 'vercel',
  url: 'wss://ai-gateway.vercel.sh/v1/responses',
  lanes: null,
  steering: false,
  warmUp: false,
  maxAgeMs: 13 * MINUTE_MS,
  idleTimeoutMs: 5 * MINUTE_MS,
  maxFrameBytes: 4 * MIB,
  oneModelPerConnection: true,
  closesOnError: true,
  failedEndsChain: true,
  subprotocols: [],
  betaHeader: null,
})

/** A dated snapshot, as in `gpt-6-astra-2026-08-01`, is the model that it is a snapshot of. */
const SNAPSHOT_DATE = /-\d{4}-\d{2}-\d{2}$/

/** Whether `response.steer` may be sent to a response of this model. */
export function canSteer(provider: ProviderProfile, model: string): boolean {
  if (typeof provider.steering === 'boolean') return provider.steering
  return provider.steering.includes(model) || provider.steering.includes(model.replace(SNAPSHOT_DATE, ''))
}

/**
 * Whether a profile can be believed at this address: it is the provider's own, or the one that the profile was written
 * for. A profile without an address is for one that holds the name of a resource.
 */
export function isOwnAddress({ url: own }: ProviderProfile, url: string): boolean {
  return own === null || new URL(own).host === new URL(url).host
}

function profile(facts: ProviderProfile): ProviderProfile {
  Object.freeze(facts.lanes)
  Object.freeze(facts.steering)
  Object.freeze(facts.subprotocols)
  return Object.freeze(facts)
}
