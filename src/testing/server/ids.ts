/**
 * Makes ids that count up: `resp_1`, `msg_1`, `call_1`, … A run of the same script gives the same ids, so that they
 * can stand in an assertion.
 */
export class Ids {
  readonly #last = new Map<string, number>()

  next(prefix: string): string {
    const number = (this.#last.get(prefix) ?? 0) + 1
    this.#last.set(prefix, number)
    return `${prefix}_${number}`
  }
}
