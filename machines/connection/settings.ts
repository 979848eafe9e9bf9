import type { BackoffPolicy } from '../backoff.ts'

/** The numbers that the chart's guards and delays read. Plain data; `null` means switched off. Times in ms. */
export interface ConnectionSettings {
  readonly maxRetries: number
  readonly backoff: BackoffPolicy
  readonly minRetryDelayMs: number
  readonly maxRetryAfterMs: number
  readonly connectTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly pingIntervalMs: number | null
  readonly pongTimeoutMs: number
  readonly stableAfterMs: number
  readonly ripeAfterMs: number | null
  readonly expiryGraceMs: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const KIB = 1_024
const MIB = 1_024 * KIB

/** Every default in one place. Times in ms, sizes in bytes. */
export const CONNECTION_DEFAULTS = Object.freeze({
  maxRetries: 5,
  backoffDelaysMs: Object.freeze([1_000, 2_000, 4_000, 8_000, 16_000]),
  jitter: 'quarter' as const,
  minRetryDelayMs: 100,
  maxRetryAfterMs: MINUTE,
  connectTimeoutMs: 15 * SECOND,
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
