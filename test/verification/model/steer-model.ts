/** One thing that a steer is told, by the server or by the end of its connection. */
export type SteerStep =
  | { readonly do: 'accepted' }
  | { readonly do: 'pending' }
  | { readonly do: 'committed' }
  /** `unnamed`: the server refused it before it had an id. */
  | { readonly do: 'failed'; readonly code: string; readonly unnamed?: boolean }
  | { readonly do: 'cut' }

/** What can be seen of a steer. */
export interface SteerView {
  readonly state: string
  readonly targetId: string
  readonly steerId: string | null
  readonly code: string | null
  /** Null before there is one. */
  readonly outcome: string | null
}

/** The ids of all runs. */
export const STEER_TARGET = 'resp_1'
export const STEER_ID = 'steer_1'

const NAMES: ReadonlySet<string> = new Set(['accepted', 'pending', 'committed', 'failed', 'cut'])

/** What one `response.steer` must come to. No time passes in it. */
export class SteerModel {
  readonly now = 0
  readonly nextDue = null
  #state = 'sent'
  #outcome: string | null = null
  #steerId: string | null = null
  #code: string | null = null

  applies(step: SteerStep): boolean {
    return this.#outcome === null && NAMES.has(step.do)
  }

  view(): SteerView {
    const [steerId, code, outcome] = [this.#steerId, this.#code, this.#outcome]
    return { state: outcome ?? this.#state, targetId: STEER_TARGET, steerId, code, outcome }
  }

  take(step: SteerStep): void {
    if (!this.applies(step)) return
    switch (step.do) {
      case 'accepted':
        if (this.#state === 'sent') this.#taken('accepted')
        return
      case 'pending':
        this.#taken('pending')
        return
      case 'committed':
        // The successor of a response commits what the server had taken before, and nothing else.
        if (this.#state !== 'sent') this.#outcome = 'committed'
        return
      case 'failed':
        this.#outcome = 'failed'
        this.#code = step.code
        if (step.unnamed !== true) this.#steerId = STEER_ID
        return
      case 'cut':
        this.#outcome = 'unknown'
    }
  }

  #taken(state: string): void {
    this.#state = state
    this.#steerId = STEER_ID
  }
}

/** The reference model of a steer: what must be seen after each step. */
export function createSteerModel(): SteerModel {
  return new SteerModel()
}

/** Whether a path can be caused from outside: a steer that has an id is refused by its id. */
export function isSteerOutside(steps: readonly SteerStep[]): boolean {
  const model = createSteerModel()
  return steps.every((step) => {
    const isNamed = model.view().steerId !== null
    model.take(step)
    return !(isNamed && step.do === 'failed' && step.unnamed === true)
  })
}
