import type { Gate } from '../../../src/testing/network/gate.ts'
import { judgeAttempt, judgeGap, judgeRefusal, judgeShown } from './judge.ts'
import type { Ledger } from './ledger.ts'
import { MAX_RETRIES, MIN_RETRY_MS, Watched } from './watched.ts'

/** One line that is kept busy with single creates: it shows how a connection is lost and had again. */
export class SoakClient {
  readonly watched: Watched
  #sent = 0
  #proved = true
  #lastDial = -Infinity

  constructor(gate: Gate, ledger: Ledger) {
    this.watched = new Watched(gate, ledger, () => this.#dialed())
    this.watched.connection.on('*', ({ type }) => {
      if (type === 'response.completed') this.#proved = true
      else if (type === 'connection.lost') this.watched.judge(judgeAttempt(this.#attempt, MAX_RETRIES))
    })
  }

  /** Creates that were handed to a socket. */
  get turns(): number {
    return this.#sent
  }

  /** Connects where it is closed, else sends a turn. */
  act(): void {
    const { connection } = this.watched
    if (connection.state === 'idle' || connection.state === 'closed') connection.connect().catch(() => {})
    else this.#send()
  }

  async stop(): Promise<void> {
    await this.watched.stop()
  }

  get #attempt(): number {
    return this.watched.connection.actor.getSnapshot().context.retry.attempt
  }

  #send(): void {
    const { watched } = this
    try {
      watched.connection.send({
        type: 'response.create',
        model: 'm',
        input: `turn ${this.#sent}`,
        store: false,
      })
      this.#sent += 1
    } catch (error) {
      watched.judge(judgeRefusal(error), judgeShown(error, 'an error'))
    }
  }

  #dialed(): void {
    const isExempt = this.#proved || this.#attempt === 0
    const now = performance.now()
    if (!isExempt) this.watched.judge(judgeGap(now - this.#lastDial, MIN_RETRY_MS))
    this.#proved = false
    this.#lastDial = now
  }
}
