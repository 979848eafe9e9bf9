import type { ModelSettings } from './options.ts'

/** The retry budget, and how long is waited. */
export class Retries {
  /** Used so far. */
  attempt = 0
  delayMs = 0
  readonly #settings: ModelSettings

  constructor(settings: ModelSettings) {
    this.#settings = settings
  }

  get isSpent(): boolean {
    return this.attempt >= this.#settings.maxRetries
  }

  /** A line has proved itself, or the application starts over. */
  reset(): void {
    this.attempt = 0
    this.delayMs = 0
  }

  /**
   * One more is used. Gives the floor, which the application cannot skip.
   *
   * @param isRenewal a renewed key is no worse for being tried soon
   */
  use(isRenewal: boolean, wasHealthy: boolean, retryAfterMs: number): { readonly floorMs: number } {
    const { backoffDelaysMs, jitter, minRetryDelayMs, maxRetryAfterMs } = this.#settings
    this.attempt += 1
    const floorMs = wasHealthy ? 0 : minRetryDelayMs
    const row = backoffDelaysMs[Math.min(this.attempt, backoffDelaysMs.length) - 1] ?? 0
    const wait = Math.max(
      Math.round(row - (row / 4) * jitter),
      floorMs,
      Math.min(retryAfterMs, maxRetryAfterMs),
    )
    this.delayMs = isRenewal ? minRetryDelayMs : wait
    return { floorMs }
  }
}
