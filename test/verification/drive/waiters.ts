/** Promises of `connect` and `close`: each must settle as soon as what it waits for has come. */
export class Waiters {
  readonly #pending = new Map<Promise<unknown>, 'connect' | 'close'>()

  wait(what: 'connect' | 'close', promise: Promise<unknown>): void {
    const settled = (): void => void this.#pending.delete(promise)
    this.#pending.set(promise, what)
    promise.then(settled, settled)
  }

  /** Those that still wait although the connection has come to where they wait for. */
  complaints(state: string, canSend: boolean, live: number): string[] {
    const isSettled = state === 'closed' && live === 0
    const found: string[] = []
    for (const what of this.#pending.values()) {
      const over = what === 'connect' ? canSend || isSettled : state !== 'closed' || isSettled
      if (over) found.push(`a ${what}() call still waits in ${state}`)
    }
    return found
  }
}
