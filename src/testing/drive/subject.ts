import type { ConnectionStep } from '../model/steps.ts'
import type { ConnectionView } from '../model/view.ts'

/** A connection that steps can be done to, and that shows itself as the model does. */
export interface ConnectionSubject {
  /** Does one step, and comes to rest. */
  take(step: ConnectionStep): Promise<void>
  /** What is seen now. `told` is since the last step. */
  view(): ConnectionView
  /** What more disagrees, in words, as between the class and its server; empty where all is well. */
  complaints(): readonly string[]
  /** Leaves nothing behind. */
  stop(): Promise<void>
}
