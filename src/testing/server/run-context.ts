import type { Clock } from '../clock.ts'
import type { ErrorForm, Turn } from '../script/types.ts'
import type { TurnByHand } from './by-hand.ts'
import type { Ids } from './ids.ts'
import type { ModelRequest } from './request.ts'
import type { Item, Wire } from './wire.ts'

/** How a run ended. `dropped` is an end without a terminal event: the connection is gone, or a fault cut it. */
export type Outcome = 'completed' | 'incomplete' | 'failed' | 'error' | 'dropped'

/** What a run needs from its surroundings. */
export interface RunContext {
  readonly clock: Clock
  readonly ids: Ids
  readonly wire: Wire
  /** Where a response that a test gives is to be found while it runs. */
  readonly byHand: Set<TurnByHand>
  readonly request: ModelRequest
  readonly turn: Turn
  readonly errors: ErrorForm
  /** A warm-up is the terminal event alone, unless this is true. */
  readonly warmupCreated: boolean
  /** What each event names the response by. Null: its own id. */
  readonly responseId: (() => string) | null
  /** An id of an earlier response, for the stale event. */
  readonly staleId: () => string
  /** Asked after each output item: true ends the response as `incomplete`, reason `steered`. */
  readonly interrupted: (output: readonly Item[]) => boolean
  /** Fails the oldest steer that is not applied yet. `isNamed`: the response was created. Default: nothing. */
  readonly failSteer?: (isNamed: boolean) => void
  /** Called once with the terminal event just written, before anything else is. */
  readonly settled: (outcome: Outcome) => void
  /** Called once, when the run has settled and is at rest or over: the lane may go on. */
  readonly released: (outcome: Outcome) => void
  /** Called once, when the run will write nothing more of itself. */
  readonly finished?: () => void
}
