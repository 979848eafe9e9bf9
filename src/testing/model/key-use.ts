import { TEST_KEY } from './options.ts'

/** Which key is used for which dial. */
export class KeyUse {
  /** The key is asked for before every attempt. */
  asks: boolean
  /** The application was asked for a new one, and no line has opened since. */
  renewed = false
  /** How often it was asked for a new one. */
  renewals = 0
  #next = TEST_KEY
  #last: string | null = null

  constructor(asks: boolean) {
    this.asks = asks
  }

  /** The key of the last dial. */
  get dialedWith(): string | null {
    return this.#last
  }

  /** The application gave one with its command. */
  take(key: string): void {
    this.#next = key
    this.asks = false
  }

  /** A dial begins; a 401 came before it or not. */
  use(isAfter401: boolean): void {
    if (isAfter401 && this.renewed && this.asks) this.renewals += 1
    this.#last = this.#next
  }
}
