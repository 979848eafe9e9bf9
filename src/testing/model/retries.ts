import type { ModelSettings } from './options.ts'

/** The retry budget, and how long is waited. */
export class Retries {
  /** Used so far. */
  attempt = 0
  delayMs = 0
  /** The floor before the next attempt; null: none. */
  #owedMs: number | null = null
  readonly #settings: ModelSettings

  constructor(settings: ModelSettings) {
    this.#settings = settings
  }

  get isSpent(): boolean {
    return this.attempt >= this.#settings.maxRetries
  }

  /** Nothing was tried yet, or the last line has proved itself. */
  get owesNothing(): boolean {
    return this.#owedMs === null && this.attempt === 0
  }

  /** A line has proved itself. */
  reset(): void {
    this.attempt = 0
    this.delayMs = 0
    this.#owedMs = null
  }

  /** An attempt begins. */
  dialed(): void {
    this.#owedMs = this.#settings.minRetryDelayMs
  }

  /** The application asks for a connection again, and nothing speaks against trying soon. Gives the floor. */
  again(hasNewKey: boolean): { readonly floorMs: number } {
    if (hasNewKey) this.attempt = 0
    this.delayMs = this.#owedMs ?? 0
    return { floorMs: this.delayMs }
  }

  /**
   * One more is used. Gives the floor, which the application cannot skip.
   *
   * @param isRenewal a renewed key is no worse for being tried soon
   */
  use(isRenewal: boolean, retryAfterMs: number): { readonly floorMs: number } {
    const { backoffDelaysMs, jitter, minRetryDelayMs, maxRetryAfterMs } = this.#settings
    const before = this.attempt
    this.attempt = Math.min(before + 1, Math.max(this.#settings.maxRetries, 1))
    const floorMs = isRenewal ? minRetryDelayMs : (this.#owedMs ?? 0)
    const row = backoffDelaysMs[Math.min(before + 1, backoffDelaysMs.length) - 1] ?? 0
    const wait = Math.max(
      Math.round(row - (row / 4) * jitter),
      floorMs,
      Math.min(retryAfterMs, maxRetryAfterMs),
    )
    this.delayMs = isRenewal ? minRetryDelayMs : wait
    return { floorMs }
  }
}
