import { answeredCallOf, callIdOf, isClientCall } from '../../protocol/calls.ts'
import type { FunctionCallItem, OutputItem, ResponseObject } from '../../protocol/index.ts'

/** The work that a completed response leaves to its client. */
export interface PendingCalls {
  /** Calls for `runToolCalls`, in the order of the output. */
  readonly calls: readonly FunctionCallItem[]
  /**
   * Work that tools made by `defineTool` cannot do: custom, computer, shell, patch and tool-search calls, MCP
   * approvals, and function calls without a name or a `call_id`. The application has to answer it: the server
   * takes no further input for the response until every call has its output.
   */
  readonly unserved: readonly OutputItem[]
}

/**
 * Finds the calls in a completed response's output that wait for an answer.
 *
 * Give it the items that the response is known to have: `output` of a terminal event can be empty although items
 * were streamed. A response of another status than `completed` leaves no work, because tools of a response that did
 * not complete must not run; one without a status counts as completed. Calls that the server runs itself, or whose
 * output stands in the same response, are not listed.
 */
export function pendingCalls(response: Pick<ResponseObject, 'output' | 'status'>): PendingCalls {
  const { output, status } = response
  if ((status ?? 'completed') !== 'completed') return { calls: [], unserved: [] }
  const answered = new Set(output.map(answeredCallOf))
  const open = output.filter((item) => isClientCall(item) && !isAnswered(item, answered))
  return { calls: open.filter(isWholeCall), unserved: open.filter((item) => !isWholeCall(item)) }
}

/** A call without an id can have no answer. */
function isAnswered(item: OutputItem, answered: ReadonlySet<string | null>): boolean {
  const id = callIdOf(item)
  return id !== null && answered.has(id)
}

/** A server's frame is not checked this deep, so the fields may be missing whatever the type says. */
function isWholeCall(item: OutputItem): item is FunctionCallItem {
  return item.type === 'function_call' && isText(item.call_id) && isText(item.name)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
