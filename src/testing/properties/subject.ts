import type { ConnectionStep } from '../model/steps.ts'
import type { ConnectionView } from '../model/view.ts'

/** Something that steps can be done to, and that shows itself as its model does. */
export interface Subject<Step> {
  /** Does one step, and comes to rest. */
  take(step: Step): Promise<void>
  /** What is seen now. */
  view(): object
  /** What more disagrees, in words, as between a class and its server; empty where all is well. */
  complaints(): readonly string[]
  /** Leaves nothing behind. */
  stop(): Promise<void>
}

/** Says what must be seen after each step. */
export interface ReferenceModel<Step> {
  /** In ms from the beginning. */
  readonly now: number
  /** When the next thing happens by itself, or null. */
  readonly nextDue: number | null
  /** Whether a step does more than nothing here. */
  applies(step: Step): boolean
  take(step: Step): void
  view(): object
}

/** A connection as a subject. */
export interface ConnectionSubject extends Subject<ConnectionStep> {
  /** What is seen now. `told` is since the last step. */
  view(): ConnectionView
}
