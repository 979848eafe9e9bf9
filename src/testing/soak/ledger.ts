/** What Holdline promises, in the words of the report. */
export const PROMISES = {
  oneSocket: 'at most one live socket per connection',
  noStaleFact: 'no fact of an earlier socket changes anything',
  settlesOnce: 'every turn settles exactly once',
  noResend: 'no create is sent again by itself',
  budget: 'the retries stop with the budget, and attempts keep the floor between them',
  noCredential: 'no credential in snapshots, events and errors',
  nothingLeft: 'nothing is left after close and stop',
  clearRefusal: 'what cannot be sent is refused with a clear error',
} as const

export type PromiseName = keyof typeof PROMISES

/** Broken promises that are kept word for word; all are counted. */
const KEPT = 20

/** Counts how often each promise was put to the test, how often it was broken, and which faults there were. */
export class Ledger {
  readonly #checks = new Map<PromiseName, number>()
  readonly #broken = new Map<PromiseName, number>()
  readonly #faults = new Map<string, number>()
  readonly failures: string[] = []

  /** One test of a promise. `what` is made only where it was broken. */
  check(promise: PromiseName, holds: boolean, what: () => string): void {
    this.#checks.set(promise, this.checks(promise) + 1)
    if (holds) return
    this.#broken.set(promise, this.broken(promise) + 1)
    if (this.failures.length < KEPT) this.failures.push(`${PROMISES[promise]}: ${what()}`)
  }

  fault(kind: string): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  checks(promise: PromiseName): number {
    return this.#checks.get(promise) ?? 0
  }

  broken(promise: PromiseName): number {
    return this.#broken.get(promise) ?? 0
  }

  /** Faults by kind, the most frequent first. */
  faults(): [kind: string, count: number][] {
    return [...this.#faults].toSorted(([, a], [, b]) => b - a)
  }
}
