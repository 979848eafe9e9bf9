/** Options of the helpers that wait. */
export interface WaitOptions {
  /** How long to wait before giving up, in ms of wall-clock time, whatever the server's clock is. Default 2000. */
  readonly timeoutMs?: number | undefined
}

/** What was waited for did not happen in time. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError'
  readonly code = 'ERR_WAIT_TIMEOUT'

  constructor(what: string, timeoutMs: number, seen: string) {
    super(`Waited ${timeoutMs} ms for ${what}, which did not happen. ${seen}`)
  }
}

/** Something happened that was not to happen. */
export class UnexpectedEventError extends Error {
  override readonly name = 'UnexpectedEventError'
  readonly code = 'ERR_UNEXPECTED_EVENT'
}

const DEFAULT_TIMEOUT_MS = 2000

/** Waiters that look again whenever something changed. */
export class Waiting {
  readonly #waiters = new Set<{ look: () => void; stop: (reason: Error) => void }>()

  /** Something changed. */
  readonly changed = (): void => {
    for (const waiter of this.#waiters) waiter.look()
  }

  /**
   * Resolves with what `look` finds, at once or as soon as it does.
   *
   * @param seen says what there was instead, for the error
   * @throws WaitTimeoutError after `timeoutMs`
   */
  async until<Found>(
    what: string,
    look: () => Found | undefined,
    seen: () => string,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: WaitOptions = {},
  ): Promise<Found> {
    const already = look()
    if (already !== undefined) return already
    return await new Promise<Found>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
      }
      const stop = (reason: Error): void => {
        end()
        reject(reason)
      }
      const waiter = {
        stop,
        look: () => {
          const found = look()
          if (found === undefined) return
          end()
          resolve(found)
        },
      }
      const timer = setTimeout(() => stop(new WaitTimeoutError(what, timeoutMs, seen())), timeoutMs)
      this.#waiters.add(waiter)
    })
  }

  /** Rejects everyone who still waits. */
  stop(reason: Error): void {
    for (const waiter of this.#waiters) waiter.stop(reason)
  }
}
