import type { Gate } from '../../../src/testing/network/gate.ts'
import { pick } from '../model/random.ts'
import { UPGRADE_FAULTS, faultedUpgrade } from '../../../src/testing/model/upgrade-faults.ts'
import type { ConnectionFault } from '../../../src/testing/script/types.ts'
import type { ResponsesServer } from '../../../src/testing/server/api.ts'
import type { Ledger } from './ledger.ts'
import { UPGRADE_TROUBLE, UpgradeTrouble } from './upgrade-trouble.ts'

const CLOSE_CODES = [1000, 1001, 1008, 1011, 1012, 1013]

const STRIKES: readonly (readonly [kind: string, fault: ConnectionFault])[] = [
  ...CLOSE_CODES.map((code) => [`server closes: ${code}`, { do: 'close', code }] as const),
  // An error frame in answer to nothing would be taken for the answer to a turn that was just sent, and still runs.
  ...UPGRADE_FAULTS.filter((kind) => kind !== 'error').flatMap((kind) => {
    const { faults } = faultedUpgrade(kind)
    // A delay is no fault where nothing is under way.
    return faults.length === 1 ? faults.map((fault) => [`on the line: ${kind}`, fault] as const) : []
  }),
  ['on the line: reset', { do: 'terminate', reset: true }],
  ['on the line: stop reading', { do: 'stop-reading', ms: 200 }],
]

/** Makes things go wrong on the network, at dials and on open lines, and counts them when they strike. */
export class Trouble {
  readonly #server: ResponsesServer
  readonly #gates: readonly Gate[]
  readonly #ledger: Ledger
  readonly #random: () => number
  readonly #upgrades: UpgradeTrouble

  constructor(server: ResponsesServer, gates: readonly Gate[], ledger: Ledger, random: () => number) {
    this.#server = server
    this.#gates = gates
    this.#ledger = ledger
    this.#random = random
    this.#upgrades = new UpgradeTrouble(server, ledger)
  }

  /** One random thing goes wrong, or soon will. */
  make(): void {
    const roll = this.#random()
    if (roll < 0.4) this.#ofNetwork()
    else if (roll < 0.6) this.#ofUpgrade()
    else this.#ofLine()
    this.#upgrades.count()
  }

  #ofNetwork(): void {
    const line = pick(this.#gates, this.#random)?.newest
    if (line?.live !== true) return
    if (this.#random() < 0.5) {
      this.#ledger.fault('network: cut')
      return line.cut()
    }
    this.#ledger.fault('network: freeze')
    line.freeze()
    setTimeout(() => line.thaw(), 50 + this.#random() * 600).unref()
  }

  #ofUpgrade(): void {
    const trouble = pick(UPGRADE_TROUBLE, this.#random)
    if (trouble !== undefined && this.#upgrades.waiting < this.#gates.length) this.#upgrades.enqueue(trouble)
  }

  #ofLine(): void {
    const open = this.#server.connections().filter((one) => one.open)
    const strike = pick(STRIKES, this.#random)
    const line = pick(open, this.#random)
    if (strike === undefined || line === undefined) return
    const [kind, fault] = strike
    this.#ledger.fault(kind)
    line.strike(fault)
  }
}
