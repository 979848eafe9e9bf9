import type { ErrorForm, Script } from '../script/types.ts'

/** Every knob of a running server, with the mode's defaults filled in. */
export interface Settings {
  readonly authHeader: string
  readonly authPrefix: string
  readonly models: readonly string[]
  readonly responseIds: 'response' | 'connection' | 'event'
  readonly handshake: { readonly headers: Readonly<Record<string, string>>; readonly frameLimit: boolean }
  readonly limits: {
    readonly lanes: boolean | 'ignored'
    readonly memory: 'lane' | 'connection'
    readonly inFlight: number
    readonly laneNames: number
    readonly queued: number
    readonly maxFrameBytes: number
    readonly maxBodyBytes: number
    readonly maxBufferedBytes: number
    readonly connections: number
    readonly stored: number
    readonly closesOnError: boolean
    readonly oneModel: boolean
    readonly idleMs: number | null
    readonly failedEvicts: boolean
  }
  readonly age: {
    readonly maxMs: number | null
    readonly announce: 'idle' | 'next-create' | 'both' | 'none'
    readonly graceMs: number
    readonly closeCode: number
    readonly running: 'finish' | 'cut'
  }
  readonly ping: { readonly everyMs: number | null; readonly pongDeadlineMs: number }
  readonly warmup: { readonly created: boolean }
  readonly steering: {
    readonly enabled: boolean
    readonly models: readonly string[]
    readonly maxPending: number
    readonly path: 'interrupt' | 'late'
    readonly failWith: string | null
    readonly successorFails: boolean
  }
  readonly errors: ErrorForm
}

const MINUTE_MS = 60_000
const MIB = 1024 * 1024

/** What api.openai.com does since August 2026: lanes, 16 responses in flight, steering. */
const openai: Settings = {
  authHeader: 'authorization',
  authPrefix: 'Bearer ',
  models: ['gpt-5.4', 'gpt-6-astra'],
  responseIds: 'response',
  handshake: { headers: {}, frameLimit: false },
  limits: {
    lanes: true,
    memory: 'lane',
    inFlight: 16,
    laneNames: 32,
    queued: 1024,
    maxFrameBytes: 16 * MIB - 1,
    maxBodyBytes: 64 * MIB,
    maxBufferedBytes: 64 * MIB,
    connections: 1024,
    stored: 10_000,
    closesOnError: false,
    oneModel: false,
    idleMs: null,
    failedEvicts: true,
  },
  age: { maxMs: 60 * MINUTE_MS, announce: 'both', graceMs: 1000, closeCode: 1000, running: 'finish' },
  ping: { everyMs: null, pongDeadlineMs: 20_000 },
  warmup: { created: false },
  steering: {
    enabled: true,
    models: ['gpt-6-astra'],
    maxPending: 8,
    path: 'interrupt',
    failWith: null,
    successorFails: false,
  },
  errors: {},
}

/** One response at a time, no lanes, no steering: api.openai.com until July 2026, Azure and xAI today. */
const generation1: Settings = {
  ...openai,
  limits: { ...openai.limits, lanes: false, memory: 'connection', inFlight: 1 },
  steering: { ...openai.steering, enabled: false },
}

/** The Vercel AI Gateway: closes after each error, idle and age limits, 4 MiB, one model per connection. */
const vercel: Settings = {
  ...generation1,
  limits: {
    ...generation1.limits,
    maxFrameBytes: 4 * MIB,
    closesOnError: true,
    oneModel: true,
    idleMs: 5 * MINUTE_MS,
  },
  age: { maxMs: 13 * MINUTE_MS, announce: 'none', graceMs: 0, closeCode: 1001, running: 'finish' },
}

const modes = { openai, 'generation-1': generation1, vercel } as const

/** The mode's knobs with the script's own on top. */
export function settingsOf(script: Script): Settings {
  const base = modes[script.mode ?? 'openai']
  return {
    authHeader: script.authHeader ?? base.authHeader,
    authPrefix: script.authPrefix ?? base.authPrefix,
    models: script.models ?? base.models,
    responseIds: script.responseIds ?? base.responseIds,
    handshake: overlay(base.handshake, script.handshake),
    limits: overlay(base.limits, script.limits),
    age: overlay(base.age, script.age),
    ping: overlay(base.ping, script.ping),
    warmup: overlay(base.warmup, script.warmup),
    steering: overlay(base.steering, script.steering),
    errors: overlay(base.errors, script.errors),
  }
}

/** `undefined` counts as not given, so that `{ ...options }` with absent values changes nothing. */
function overlay<T extends object>(
  base: T,
  over: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  const given = Object.entries(over ?? {}).filter(([, value]) => value !== undefined)
  return { ...base, ...Object.fromEntries(given) }
}
