import type { InputItem } from './input-items.ts'
import type { OutputItem } from './output-items.ts'

/** How a kind of call that the model leaves to its client is answered. */
interface CallKind {
  /** The type of the item that answers it. */
  readonly output: string
  /** The field of the call that names it, and the field of the answer that names the call. */
  readonly id: 'call_id' | 'id'
  readonly of: 'call_id' | 'id' | 'approval_request_id'
}

const byCallId = (output: string): CallKind => ({ output, id: 'call_id', of: 'call_id' })

/** Every kind of work that a response can leave to its client (openai types, output items). */
const KINDS: ReadonlyMap<string, CallKind> = new Map([
  ['function_call', byCallId('function_call_output')],
  ['custom_tool_call', byCallId('custom_tool_call_output')],
  ['computer_call', byCallId('computer_call_output')],
  ['shell_call', byCallId('shell_call_output')],
  // Its answer has no `call_id`: what it calls `id` is that of the call.
  ['local_shell_call', { output: 'local_shell_call_output', id: 'call_id', of: 'id' }],
  ['apply_patch_call', byCallId('apply_patch_call_output')],
  ['tool_search_call', byCallId('tool_search_output')],
  ['mcp_approval_request', { output: 'mcp_approval_response', id: 'id', of: 'approval_request_id' }],
])

const ANSWERS: ReadonlyMap<string, CallKind> = new Map([...KINDS.values()].map((kind) => [kind.output, kind]))

/** An item of any shape: nothing that a server sends is checked this deep. */
export interface AnyItem {
  readonly type?: unknown
}

type Fields = Readonly<Record<string, unknown>>

/** True for work that the client has to do; calls that the server runs itself are none. */
export function isClientCall(item: AnyItem): item is OutputItem {
  const { type, execution, environment } = item as Fields
  if (type === 'tool_search_call') return execution !== 'server'
  if (type === 'shell_call') return !runsInContainer(environment)
  return typeof type === 'string' && KINDS.has(type)
}

/** The id by which a call of the client's is answered; null for every other item, and for a call without one. */
export function callIdOf(item: AnyItem): string | null {
  if (!isClientCall(item)) return null
  return textIn(item as unknown as Fields, KINDS.get(item.type)?.id ?? 'call_id')
}

/** The id of the call that an item answers; null for an item that answers none. */
export function answeredCallOf(item: AnyItem): string | null {
  const kind = typeof item.type === 'string' ? ANSWERS.get(item.type) : undefined
  if (kind === undefined) return null
  return textIn(item as Fields, 'call_id') ?? textIn(item as Fields, kind.of)
}

/** True for an item that can answer a call, whether it says which or not. */
export function isAnswer(item: AnyItem): boolean {
  return typeof item.type === 'string' && ANSWERS.has(item.type)
}

/** The server takes further input before such a call is answered. */
export function isAsyncCall(item: AnyItem): boolean {
  return (item as Fields)['async'] === true
}

/**
 * The answer to a call that was not run, with the reason for the model to read; null for a call to which no answer in
 * words exists (a `computer_call` is answered by a screenshot).
 */
export function notRunAnswer(call: OutputItem, reason: string): InputItem | null {
  const id = callIdOf(call)
  if (id === null) return null
  switch (call.type) {
    case 'function_call':
    case 'custom_tool_call': {
      const output = JSON.stringify({ error: reason })
      return { type: `${call.type}_output`, call_id: id, output, ...callerOf(call) } as InputItem
    }
    case 'shell_call': {
      const output = [{ stdout: '', stderr: reason, outcome: { type: 'exit', exit_code: 1 } }]
      return { type: 'shell_call_output', call_id: id, output, ...callerOf(call) }
    }
    case 'local_shell_call':
      return {
        type: 'local_shell_call_output',
        id,
        output: JSON.stringify({ error: reason }),
        status: 'incomplete',
      }
    case 'apply_patch_call':
      return {
        type: 'apply_patch_call_output',
        call_id: id,
        status: 'failed',
        output: reason,
        ...callerOf(call),
      }
    case 'tool_search_call':
      return {
        type: 'tool_search_output',
        call_id: id,
        execution: 'client',
        status: 'completed',
        tools: [],
      }
    case 'mcp_approval_request':
      return { type: 'mcp_approval_response', approval_request_id: id, approve: false, reason }
    default:
      return null
  }
}

/** A call made by the model's own program is answered to that program; a direct call needs no mark. */
export function callerOf(call: AnyItem): { readonly caller?: unknown } {
  const { caller } = call as Fields
  const isProgram =
    typeof caller === 'object' && caller !== null && 'type' in caller && caller.type === 'program'
  return isProgram ? { caller } : {}
}

/** A shell call in a container is the server's own. */
function runsInContainer(environment: unknown): boolean {
  if (typeof environment !== 'object' || environment === null || !('type' in environment)) return false
  return typeof environment.type === 'string' && environment.type.startsWith('container')
}

function textIn(item: Fields, field: string): string | null {
  const value = item[field]
  return typeof value === 'string' && value !== '' ? value : null
}
