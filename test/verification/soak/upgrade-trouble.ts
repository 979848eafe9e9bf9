import { UPGRADE_FAULTS, faultedUpgrade } from '../../../src/testing/model/upgrade-faults.ts'
import type { UpgradeAnswer } from '../../../src/testing/script/types.ts'
import type { ResponsesServer } from '../../../src/testing/server/api.ts'
import type { UpgradeRecord } from '../../../src/testing/server/records.ts'
import type { Ledger } from './ledger.ts'

/** One thing that can go wrong with an upgrade. */
type Kind = readonly [kind: string, answer: UpgradeAnswer]

export const UPGRADE_TROUBLE: readonly Kind[] = [
  ...[429, 500, 503, 401, 426].map((status): Kind => [`upgrade refused: ${status}`, { status }]),
  ['upgrade: stall', { stall: true }],
  ['upgrade: reset', { reset: true }],
  // An error frame right after the upgrade would be taken for the answer to the first turn, which is sent by then.
  ...UPGRADE_FAULTS.filter((kind) => kind !== 'error').map((kind): Kind => [
    `after an upgrade: ${kind}`,
    { faults: [...faultedUpgrade(kind).faults] },
  ]),
]

/** Hands the server answers to upgrades, and counts each when an upgrade gets it. */
export class UpgradeTrouble {
  readonly #server: ResponsesServer
  readonly #ledger: Ledger
  readonly #waiting: string[] = []
  readonly #seen = new WeakSet<UpgradeRecord>()

  constructor(server: ResponsesServer, ledger: Ledger) {
    this.#server = server
    this.#ledger = ledger
  }

  get waiting(): number {
    return this.#waiting.length
  }

  enqueue([kind, answer]: Kind): void {
    this.count()
    this.#waiting.push(kind)
    this.#server.enqueueUpgrades(answer)
  }

  /** Counts those that were used up. Every upgrade takes the first that waits. */
  count(): void {
    for (const record of this.#server.upgrades()) {
      if (this.#seen.has(record)) continue
      this.#seen.add(record)
      const kind = this.#waiting.shift()
      if (kind !== undefined) this.#ledger.fault(kind)
    }
  }
}
