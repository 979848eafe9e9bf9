import type { FunctionCallItem } from '../../protocol/index.ts'
import { checkedArguments } from './call-arguments.ts'
import { type CallOutput, outputOf } from './call-output.ts'
import { CallProblem, tookTooLong } from './call-problem.ts'
import type { CallSettings } from './run-options.ts'
import type { ErrorForModel, Tool } from './tool.ts'

/** What a call came to. */
export type CallOutcome = CallOutput | CallProblem

/** One call that is about to run. */
export interface CallPlan {
  readonly call: FunctionCallItem
  readonly tools: ReadonlyMap<string, Tool>
  readonly settings: CallSettings
  /** Stops it. */
  readonly controller: AbortController
  /**
   * Is given what the call came to, once, before `tool.finished` is reported. Of a call that was stopped, it is what
   * its tool comes to later, or null when the tool had not begun.
   */
  readonly keep: (outcome: CallOutcome | null) => void
}

/**
 * Runs one call to its end, or until it is stopped, and reports it.
 *
 * @throws what reporting its start throws; nothing ran then
 */
export async function runCall({ call, tools, settings, controller, keep }: CallPlan): Promise<void> {
  const { call_id: callId, name } = call
  const startedAt = settings.now()
  await settings.report({ type: 'tool.started', callId, name })
  const work = new Work(call, tools, controller.signal)
  const timeoutMs = tools.get(name)?.timeoutMs ?? settings.timeoutMs
  const outcome = await withinTime(work, timeoutMs, settings, controller)
  const problem = outcome instanceof CallProblem ? outcome.problem : null
  if (problem === 'aborted') void work.outcome.then((late) => keep(work.hasBegun ? asStopped(late) : null))
  else keep(outcome)
  const ms = Math.max(0, Math.round(settings.now() - startedAt))
  const done = { type: 'tool.finished', callId, name, ok: problem === null, ms, problem } as const
  await settings.report({ ...done, ...thrownIn(outcome) })
}

/** What the tool threw, if it did. */
function thrownIn(outcome: CallOutcome): { error?: unknown } {
  return outcome instanceof CallProblem && 'cause' in outcome ? { error: outcome.cause } : {}
}

/** What the tool makes of a call. */
class Work {
  /** Never rejects. */
  readonly outcome: Promise<CallOutcome>
  #hasBegun = false

  constructor(call: FunctionCallItem, tools: ReadonlyMap<string, Tool>, signal: AbortSignal) {
    // Whoever listens for the time to be up comes first.
    const begin = (): Promise<CallOutput> => this.#execute(call, tools, signal)
    this.outcome = Promise.resolve()
      .then(begin)
      .catch((error: unknown) => problemOf(error, tools.get(call.name)?.errorForModel))
  }

  /** The tool itself was called. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  async #execute(
    call: FunctionCallItem,
    tools: ReadonlyMap<string, Tool>,
    signal: AbortSignal,
  ): Promise<CallOutput> {
    const tool = toolOf(call, tools)
    const args = await checkedArguments(tool, call.arguments)
    // A check can take its time too, and a tool must not start once it was told to stop.
    signal.throwIfAborted()
    this.#hasBegun = true
    return outputOf(await tool.execute(args, { signal, callId: call.call_id, name: tool.name }))
  }
}

/** A tool that was stopped, and gave nothing. */
function asStopped(outcome: CallOutcome): CallOutcome {
  if (!(outcome instanceof CallProblem) || outcome.problem !== 'threw') return outcome
  return new CallProblem('aborted', 'The tool was stopped while it ran. Nobody knows how far it came.')
}

function toolOf(call: FunctionCallItem, tools: ReadonlyMap<string, Tool>): Tool {
  if (call.status === 'incomplete') {
    throw new CallProblem('incomplete-call', 'The call was cut short. The tool did not run.')
  }
  const tool = tools.get(call.name)
  if (tool !== undefined) return tool
  const names = tools.size === 0 ? 'There are none.' : `There are: ${[...tools.keys()].join(', ')}.`
  throw new CallProblem('unknown-tool', `There is no tool of this name. ${names} Nothing ran.`)
}

/** Ends with the work, or at once when the controller fires, which it does when the time is up. Never rejects. */
async function withinTime(
  work: Work,
  timeoutMs: number | false,
  { clock }: CallSettings,
  controller: AbortController,
): Promise<CallOutcome> {
  const { signal } = controller
  let problem = new CallProblem('aborted', 'The run was aborted.')
  let stop: (problem: CallProblem) => void
  const stopped = new Promise<CallProblem>((resolve) => {
    stop = resolve
  })
  const onAbort = (): void => stop(problem)
  // Before the tool can listen: what the tool makes of the signal comes too late to count.
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  const timer =
    timeoutMs !== false &&
    clock.setTimeout(() => {
      problem = tookTooLong(timeoutMs)
      controller.abort(new DOMException(`The tool did not finish within ${timeoutMs} ms.`, 'TimeoutError'))
    }, timeoutMs)
  const outcome = await Promise.race([stopped, work.outcome])
  if (timer !== false) clock.clearTimeout(timer)
  return outcome
}

function problemOf(error: unknown, errorForModel: ErrorForModel = TOOL_FAILED): CallProblem {
  if (error instanceof CallProblem) return error
  return new CallProblem('threw', textForModel(error, errorForModel), { cause: error })
}

const TOOL_FAILED = 'The tool failed.'

/** A text that cannot be made must cost the model no more than its details. */
function textForModel(error: unknown, errorForModel: ErrorForModel): string {
  if (typeof errorForModel === 'string') return errorForModel
  try {
    const text: unknown = errorForModel(error)
    return typeof text === 'string' && text !== '' ? text : TOOL_FAILED
  } catch {
    return TOOL_FAILED
  }
}
