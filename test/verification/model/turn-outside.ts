import { TurnModel } from './turn-model.ts'
import type { TurnStep } from './turn-steps.ts'

const SERVERS: ReadonlySet<string> = new Set(['output', 'ended', 'errored', 'steer closed'])

/** Steers that a server keeps for one response. */
const MOST_STEERS = 8

/**
 * What a server, a network and an application can do to a turn, step by step: the bare chart can be told more than
 * ever happens, as that a steer was accepted of a response that has no name yet.
 */
export class TurnCauses {
  /** The server gives a response. */
  #isGiving = false
  #isNamed = false
  /** Steers that the response has taken. */
  #taken = 0
  /** The last sending was refused with what does not prove that nothing ran. */
  #isDoubtful = false
  /** Steers that it is to start from. */
  #from = 0

  /** Why a step that applies cannot be caused, or null. */
  whyNot(step: TurnStep): string | null {
    if (step.do === 'faulted') return 'no server is known to say what cannot be read on'
    if (step.do === 'created' && (!this.#isGiving || this.#isNamed)) return 'a response is named once'
    if (step.do === 'steer accepted' && (!this.#isNamed || this.#taken === MOST_STEERS)) {
      return 'a steer is for a response with a name'
    }
    if (step.do === 'ended' && step.end === 'failed' && this.#isDoubtful && !this.#isNamed) {
      return 'a failure that names a response nobody heard of may be that of the sending before'
    }
    const isServers = SERVERS.has(step.do)
    return isServers && !this.#isGiving ? 'the server gives no response any more' : null
  }

  /** Notes that it was done. */
  note(step: TurnStep): void {
    if (step.do === 'dispatch') this.#begins(0)
    else if (step.do === 'created') {
      this.#isNamed = true
      this.#from = 0
    } else if (step.do === 'steer accepted') this.#taken += 1
    else if (step.do === 'steer closed') this.#fails()
    else if (step.do === 'ended') this.#ends(step)
    else if (step.do === 'errored' || step.do === 'cut' || step.do === 'faulted') {
      this.#isGiving = false
      this.#isDoubtful ||= step.do === 'errored' && step.status >= 500 && !this.#isNamed
    }
  }

  #begins(from: number): void {
    this.#isGiving = true
    this.#isNamed = false
    this.#taken = 0
    this.#from = from
  }

  #fails(): void {
    if (this.#taken > 0) this.#taken -= 1
    else {
      this.#from -= 1
      // A successor with nothing left to start from is not started.
      if (this.#from === 0) this.#isGiving = false
    }
  }

  #ends({ end, code, waits = false }: Extract<TurnStep, { do: 'ended' }>): void {
    const isFollowed =
      (end === 'incomplete' && code === 'steered') || (end === 'completed' && this.#taken > 0)
    if (isFollowed && !waits) this.#begins(this.#taken)
    else this.#isGiving = false
  }
}

/** Whether all steps of a path can be caused from outside: by a server, a network, a clock and an application. */
export function isTurnOutside(steps: readonly TurnStep[]): boolean {
  const causes = new TurnCauses()
  return steps.every((step) => {
    if (causes.whyNot(step) !== null) return false
    causes.note(step)
    return true
  })
}

/** The reference model of a turn, to which only those steps apply that can be caused from outside. */
export class OutsideTurnModel extends TurnModel {
  readonly #causes = new TurnCauses()

  override applies(step: TurnStep): boolean {
    return super.applies(step) && this.#causes.whyNot(step) === null
  }

  override take(step: TurnStep): void {
    super.take(step)
    this.#causes.note(step)
  }
}
