/** What Holdline promises, in the words of the report. */
export const PROMISES = {
  oneSocket: 'at most one live socket per connection',
  noStaleFact: 'no fact of an earlier socket changes anything',
  reaches: 'at least half of the turns reach the server',
  settlesOnce: 'every turn settles exactly once',
  noResend: 'no turn is sent again but as its policy says',
  history: 'at rest a history is what the server answered from',
  budget: 'the retries stop with the budget, and attempts keep the floor between them',
  noCredential: 'no credential in snapshots, events and errors',
  nothingLeft: 'nothing is left after close and stop',
  clearRefusal: 'what cannot be sent is refused with a clear error',
} as const

export type PromiseName = keyof typeof PROMISES

export const PROMISE_NAMES = Object.keys(PROMISES) as PromiseName[]

/** One test of a promise. */
export interface Judgement {
  readonly promise: PromiseName
  readonly holds: boolean
  /** What was seen instead. Made only where it was broken. */
  readonly what: () => string
}

/** Broken promises that are kept word for word; all are counted. */
const KEPT = 20

/** Counts how often each promise was put to the test, how often it was broken, and which faults there were. */
export class Ledger {
  readonly #checks = new Map<PromiseName, number>()
  readonly #broken = new Map<PromiseName, number>()
  readonly #faults = new Map<string, number>()
  readonly failures: string[] = []

  judge({ promise, holds, what }: Judgement): void {
    this.#checks.set(promise, this.checks(promise) + 1)
    if (holds) return
    this.#broken.set(promise, this.broken(promise) + 1)
    if (this.failures.length < KEPT) this.failures.push(`${PROMISES[promise]}: ${what()}`)
  }

  /** A fault struck. */
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
