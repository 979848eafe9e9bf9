import type { AnyStateMachine } from 'xstate'
import type { ExploreOptions } from './explore.ts'

/** A path that is written down, not found. */
export interface ExtraPath<Step, Options> {
  readonly goal: string
  readonly options: Options
  readonly steps: readonly Step[]
}

/** A chart that paths are generated for. */
export interface PathSubject<Step, Options> {
  readonly machine: AnyStateMachine
  /** Options under which it behaves differently, by a name for people. */
  readonly profiles: Readonly<Record<string, Options>>
  /** Paths for what no generator can know of, as the faults of a wire. Default: none. */
  readonly extras?: readonly ExtraPath<Step, Options>[] | undefined
  readonly explore: (options: Options) => ExploreOptions<Step>
  /** Whether all steps of a path can be caused from outside. Default: all can. */
  readonly isOutside?: ((steps: readonly Step[], options: Options) => boolean) | undefined
  /**
   * Why something cannot be reached from outside: by the id of a covered item, by `STATE|EVENT`, by an event, or by a
   * guard's name. Default: none.
   */
  readonly reasons?: Readonly<Record<string, string>> | undefined
}
