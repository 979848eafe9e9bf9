/** The key that subjects of the model start with. It opens nothing but a local server. */
export const TEST_KEY = 'sk-local-test'

/** The options that the model knows: those of a connection, with times in ms, and two facts in place of a key. */
export interface ConnectionModelOptions {
  /** What the key is: one string, or a function that is asked before every attempt. Default: `fixed`. */
  readonly credential?: 'fixed' | 'provider'
  /** Every number that the source of jitter gives, in [0, 1). Default: 0, which takes nothing off. */
  readonly jitter?: number
  readonly maxRetries?: number
  readonly backoffDelaysMs?: readonly number[]
  readonly minRetryDelayMs?: number
  readonly maxRetryAfterMs?: number
  readonly connectTimeoutMs?: number
  readonly closeTimeoutMs?: number
  readonly pingIntervalMs?: number | false
  readonly pongTimeoutMs?: number
  readonly stableAfterMs?: number
  readonly maxAgeMs?: number | false
  readonly turnBudgetMs?: number
  readonly expiryGraceMs?: number
  readonly maxPayloadBytes?: number
  /** The server closes after an `error` frame. */
  readonly closesOnError?: boolean
}

/** The documented defaults. */
export const MODEL_DEFAULTS = {
  credential: 'fixed',
  jitter: 0,
  maxRetries: 5,
  backoffDelaysMs: [1_000, 2_000, 4_000, 8_000, 16_000],
  minRetryDelayMs: 100,
  maxRetryAfterMs: 60_000,
  connectTimeoutMs: 15_000,
  closeTimeoutMs: 5_000,
  pingIntervalMs: 20_000,
  pongTimeoutMs: 25_000,
  stableAfterMs: 30_000,
  maxAgeMs: 3_600_000,
  turnBudgetMs: undefined,
  expiryGraceMs: 1_000,
  maxPayloadBytes: 64 * 1024 * 1024,
  closesOnError: false,
} as const

export type ModelSettings = Required<Omit<ConnectionModelOptions, 'turnBudgetMs'>> & {
  readonly turnBudgetMs: number | undefined
}

/** The options with the documented defaults filled in. */
export function modelSettings(options: ConnectionModelOptions): ModelSettings {
  return { ...MODEL_DEFAULTS, ...options }
}

/** The budget of a turn where none is given, at most half the life of a line. */
const TURN_BUDGET_MS = 300_000

/** How old a line is when no further turn should start on it, or null for never. */
export function ripeAgeMs({ maxAgeMs, turnBudgetMs }: ModelSettings): number | null {
  if (maxAgeMs === false) return null
  return maxAgeMs - (turnBudgetMs ?? Math.min(TURN_BUDGET_MS, maxAgeMs / 2))
}
