import * as v from 'valibot'
import { clock as limit } from '../../protocol/options/rules.ts'
import { parseOptions } from '../../protocol/options/parse.ts'
import type { ToolProblem } from './call-problem.ts'

/** Timers, as XState's clocks have them. `now` gives ms since any fixed moment. */
export interface ToolClock {
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(id: unknown): void
  now?(): number
}

/** What happens to a call. Each call that started also finishes. Neither arguments nor outputs stand in it. */
export type ToolEvent =
  | { readonly type: 'tool.started'; readonly callId: string; readonly name: string }
  | {
      readonly type: 'tool.finished'
      readonly callId: string
      readonly name: string
      /** False when the output is an error output, or the call was aborted. */
      readonly ok: boolean
      /** From `tool.started` on, in ms. */
      readonly ms: number
      /** Null when `ok`. */
      readonly problem: ToolProblem | null
      /** What the tool, or the check of its arguments, threw; absent where nothing was. */
      readonly error?: unknown
    }

/** Options of `runToolCalls`. */
export interface RunToolCallsOptions {
  /** Ends the run: running tools are told through their own signals, waiting calls never start. */
  readonly signal?: AbortSignal | undefined
  /** Calls that run at once, at least 1. Default: 4. */
  readonly concurrency?: number | undefined
  /** Limit of each call whose tool has none of its own, in ms; false for none. Default: 60 000. */
  readonly toolTimeoutMs?: number | false | undefined
  /** Hears when calls start and finish. What it throws is thrown again from a timer; the calls go on. */
  readonly onTool?: ((event: ToolEvent) => void) | undefined
  /** What limits run on. Default: Node's timers; without `now`, the durations are Node's `performance.now()`. */
  readonly clock?: ToolClock | undefined
}

/** What running one call takes. */
export interface CallSettings {
  /** Limit of a call whose tool has none of its own, in ms; false for none. */
  readonly timeoutMs: number | false
  readonly clock: ToolClock
  readonly now: () => number
  /** Is waited for before a tool starts. What it throws then keeps it from starting. */
  readonly report: (event: ToolEvent) => void | Promise<void>
}

/** The options of `runToolCalls` with every default filled in. */
export interface RunSettings extends CallSettings {
  readonly signal: AbortSignal | undefined
  readonly concurrency: number
}

const DEFAULT_CONCURRENCY = 4
const DEFAULT_TIMEOUT_MS = 60_000

/** Node's own timers. */
export const nodeClock: ToolClock = {
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
}

const AT_LEAST_ONE = 'must be a whole number of at least 1'

/** The options that `runToolCalls` and `conversation.run` share. */
export const toolRunSchema = v.strictObject({
  signal: v.optional(v.instance(AbortSignal, 'must be an AbortSignal')),
  concurrency: v.optional(
    v.pipe(v.number(AT_LEAST_ONE), v.safeInteger(AT_LEAST_ONE), v.minValue(1, AT_LEAST_ONE)),
  ),
  toolTimeoutMs: v.optional(limit),
  onTool: v.optional(
    v.custom<(event: ToolEvent) => void>((value) => typeof value === 'function', 'must be a function'),
  ),
  clock: v.optional(
    v.custom<ToolClock>(
      (value) =>
        typeof value === 'object' && value !== null && 'setTimeout' in value && 'clearTimeout' in value,
      'must have setTimeout and clearTimeout',
    ),
  ),
})

/** Checks the options of a run and fills in the defaults. Throws a `BadOptionError`. */
export function runSettings(options: RunToolCallsOptions): RunSettings {
  const {
    signal,
    concurrency,
    toolTimeoutMs,
    onTool,
    clock = nodeClock,
  } = parseOptions(toolRunSchema, options)
  return {
    signal,
    concurrency: concurrency ?? DEFAULT_CONCURRENCY,
    timeoutMs: toolTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    clock,
    now: () => clock.now?.() ?? performance.now(),
    report(event) {
      try {
        onTool?.(event)
      } catch (error) {
        // Not swallowed, and not allowed to cost the model its outputs.
        clock.setTimeout(() => {
          throw error
        }, 0)
      }
    },
  }
}
