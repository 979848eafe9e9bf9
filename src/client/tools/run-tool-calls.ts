import pLimit from 'p-limit'
import type { FunctionCallItem, FunctionCallOutput } from '../../protocol/index.ts'
import type { CallOutput } from './call-output.ts'
import { CallProblem, errorOutput } from './call-problem.ts'
import { runCall } from './run-call.ts'
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
    outputs[index] = answer(call, await runCall(call, byName, settings, controller))
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

function answer({ call_id, caller }: FunctionCallItem, outcome: CallOutput | CallProblem): ToolCallOutput {
  const output = outcome instanceof CallProblem ? errorOutput(outcome) : outcome
  return {
    type: 'function_call_output',
    call_id,
    output,
    // A call made by the model's own program is answered to that program; a direct call needs no mark.
    ...(isProgram(caller) ? { caller } : {}),
  }
}

function isProgram(caller: unknown): boolean {
  return typeof caller === 'object' && caller !== null && 'type' in caller && caller.type === 'program'
}
