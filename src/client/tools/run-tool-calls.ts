import pLimit from 'p-limit'
import { callerOf } from '../../protocol/calls.ts'
import type { FunctionCallItem, FunctionCallOutput } from '../../protocol/index.ts'
import { CallProblem, errorOutput } from './call-problem.ts'
import { type CallOutcome, runCall } from './run-call.ts'
import { type RunToolCallsOptions, runSettings } from './run-options.ts'
import type { Tool } from './tool.ts'
import { toolsByName } from './tool-set.ts'

/** The answer to one call. */
export interface ToolCallOutput extends FunctionCallOutput {
  readonly call_id: string
}

/**
 * Runs the calls of one response, several at a time, and gives one output for each `call_id`, in the order of the
 * calls. A `call_id` that comes twice runs once, as it came first.
 *
 * Arguments are parsed and checked before a tool runs. A tool that is unknown, gets bad arguments, throws, takes too
 * long or gives what cannot be sent is answered with a JSON text `{"error": "…"}` for the model, never with a stack;
 * an output of more than 10 485 760 characters (parts: as JSON) is replaced by one too.
 *
 * A tool that goes on after its signal fired is not waited for, and no longer counts as running.
 *
 * @throws {BadOptionError} for a bad option, or two tools of one name; nothing ran
 * @throws the reason of `signal` when that fires, after every running tool was told; there are no outputs then
 */
export async function runToolCalls(
  calls: readonly FunctionCallItem[],
  tools: readonly Tool[],
  options: RunToolCallsOptions = {},
): Promise<ToolCallOutput[]> {
  const settings = runSettings(options)
  const byName = toolsByName(tools)
  const { signal } = settings
  signal?.throwIfAborted()

  const running = new Set<AbortController>()
  const tellAll = (): void => {
    for (const controller of running) controller.abort(signal?.reason)
  }
  signal?.addEventListener('abort', tellAll)
  const limit = pLimit(settings.concurrency)
  const outputs: ToolCallOutput[] = []
  const run = async (call: FunctionCallItem, index: number): Promise<void> => {
    if (signal?.aborted) return
    const controller = new AbortController()
    running.add(controller)
    const keep = (outcome: CallOutcome | null): void => {
      if (outcome !== null) outputs[index] = answerTo(call, outcome)
    }
    await runCall({ call, tools: byName, settings, controller, keep })
    running.delete(controller)
  }
  try {
    await Promise.all(firstOfEach(calls).map((call, index) => limit(run, call, index)))
  } finally {
    signal?.removeEventListener('abort', tellAll)
  }
  signal?.throwIfAborted()
  return outputs
}

function firstOfEach(calls: readonly FunctionCallItem[]): FunctionCallItem[] {
  const byId = new Map<string, FunctionCallItem>()
  for (const call of calls) {
    if (!byId.has(call.call_id)) byId.set(call.call_id, call)
  }
  return [...byId.values()]
}

/** The item that answers a call. */
export function answerTo(call: FunctionCallItem, outcome: CallOutcome): ToolCallOutput {
  const output = outcome instanceof CallProblem ? errorOutput(outcome) : outcome
  return { type: 'function_call_output', call_id: call.call_id, output, ...callerOf(call) }
}
