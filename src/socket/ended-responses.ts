/** Responses of a lane whose late events are known as such. A service repeats itself soon or not at all. */
const REMEMBERED = 32

/** The responses that ended last on one lane. A second terminal event of one of them must end nothing else. */
export class EndedResponses {
  readonly #ids = new Set<string>()

  add(responseId: string): void {
    this.#ids.add(responseId)
    const [oldest] = this.#ids
    if (this.#ids.size > REMEMBERED && oldest !== undefined) this.#ids.delete(oldest)
  }

  has(responseId: string): boolean {
    return this.#ids.has(responseId)
  }
}
