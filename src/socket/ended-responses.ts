import type { ParsedServerEvent } from '../protocol/parse-server-event.ts'

/** Responses of a lane whose late events are known as such. A service repeats itself soon or not at all. */
const REMEMBERED = 128

/** The responses that ended last on one lane. A late event of one of them must change nothing, and reach nobody. */
export class EndedResponses {
  readonly #ids = new Set<string>()
  /** One that a turn has begun with again. */
  #reused: string | null = null

  add(responseId: string): void {
    this.#ids.add(responseId)
    const [oldest] = this.#ids
    if (this.#ids.size > REMEMBERED && oldest !== undefined) this.#ids.delete(oldest)
  }

  has(responseId: string): boolean {
    return this.#ids.has(responseId)
  }

  /**
   * Whether an event belongs to another response than the one that is being answered: it names one that has ended
   * here, or another one than `current`, which is null while the server has not named it.
   *
   * Some services give every response of a connection the same id. So a turn may begin with the id that the last
   * one has ended with, as long as no other id was seen; and if another one is created after all, that is the turn's.
   */
  isStale({ kind, responseId: id }: ParsedServerEvent, current: string | null): boolean {
    if (id === null || id === current) return false
    const isBeginning = kind === 'created'
    if (current !== null) return !(isBeginning && current === this.#reused && !this.#ids.has(id))
    if (!this.#ids.has(id)) return false
    if (!isBeginning || this.#ids.size > 1) return true
    this.#reused = id
    return false
  }
}
