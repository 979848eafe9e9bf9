import type { FunctionCallItem } from '../../protocol/index.ts'
import { checkedArguments } from './call-arguments.ts'
import { type CallOutput, outputOf } from './call-output.ts'
import { CallProblem } from './call-problem.ts'
import type { RunSettings } from './run-options.ts'
import type { ErrorForModel, Tool } from './tool.ts'

/** Runs one call to its end and reports it. Never rejects; `controller` stops it. */
export async function runCall(
  call: FunctionCallItem,
  tools: ReadonlyMap<string, Tool>,
  settings: RunSettings,
  controller: AbortController,
): Promise<CallOutput | CallProblem> {
  const { call_id: callId, name } = call
  const startedAt = settings.now()
  settings.report({ type: 'tool.started', callId, name })
  const outcome = await settled(call, tools, settings, controller)
  const problem = outcome instanceof CallProblem ? outcome.problem : null
  const ms = Math.max(0, Math.round(settings.now() - startedAt))
  const done = { type: 'tool.finished', callId, name, ok: problem === null, ms, problem } as const
  settings.report({ ...done, ...thrownIn(outcome) })
  return outcome
}

/** What the tool threw, if it did. */
function thrownIn(outcome: CallOutput | CallProblem): { error?: unknown } {
  return outcome instanceof CallProblem && 'cause' in outcome ? { error: outcome.cause } : {}
}

async function settled(
  call: FunctionCallItem,
  tools: ReadonlyMap<string, Tool>,
  settings: RunSettings,
  controller: AbortController,
): Promise<CallOutput | CallProblem> {
  try {
    const tool = toolOf(call, tools)
    return await withinTime(tool.timeoutMs ?? settings.timeoutMs, settings, controller, () =>
      execute(call, tool, controller.signal),
    )
  } catch (error) {
    return problemOf(error, tools.get(call.name)?.errorForModel)
  }
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

async function execute(call: FunctionCallItem, tool: Tool, signal: AbortSignal): Promise<CallOutput> {
  const args = await checkedArguments(tool, call.arguments)
  // A check can take its time too, and a tool must not start once it was told to stop.
  signal.throwIfAborted()
  return outputOf(await tool.execute(args, { signal, callId: call.call_id, name: tool.name }))
}

/** Ends with `work`, or at once when the controller fires, which it does when the time is up. */
async function withinTime<Result>(
  timeoutMs: number | false,
  { clock }: RunSettings,
  controller: AbortController,
  work: () => Promise<Result>,
): Promise<Result> {
  const { signal } = controller
  let problem = new CallProblem('aborted', 'The run was aborted.')
  let fail: (error: CallProblem) => void
  const stopped = new Promise<never>((_, reject) => {
    fail = reject
  })
  const onAbort = (): void => fail(problem)
  // Before the tool can listen: what the tool makes of the signal comes too late to count.
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  const timer =
    timeoutMs !== false &&
    clock.setTimeout(() => {
      problem = new CallProblem(
        'timed-out',
        `The tool did not finish within ${timeoutMs} ms and was stopped.`,
      )
      controller.abort(new DOMException(`The tool did not finish within ${timeoutMs} ms.`, 'TimeoutError'))
    }, timeoutMs)
  try {
    return await Promise.race([stopped, work()])
  } finally {
    if (timer !== false) clock.clearTimeout(timer)
  }
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
