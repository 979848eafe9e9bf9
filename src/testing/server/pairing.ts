import type { Item } from './wire.ts'
import { stringField } from './wire.ts'

/** Each kind of work that a model leaves to its client, and the kind of item that answers it. */
const answers: Readonly<Record<string, string>> = {
  function_call: 'function_call_output',
  custom_tool_call: 'custom_tool_call_output',
  computer_call: 'computer_call_output',
  shell_call: 'shell_call_output',
  apply_patch_call: 'apply_patch_call_output',
  tool_search_call: 'tool_search_output',
  mcp_approval_request: 'mcp_approval_response',
}
const answerTypes = new Set(Object.values(answers))

/** A call that waits for its client: the stub of the item that answers it. */
export interface PendingCall {
  readonly type: string
  readonly id: string
  readonly stub: Item
}

/** The calls of an output that the client has to answer. */
export function pendingCalls(output: readonly Item[]): PendingCall[] {
  return output.flatMap((item) => {
    const type = answers[stringField(item, 'type') ?? '']
    if (type === undefined || runsOnServer(item)) return []
    const id = callId(item, type)
    return id === undefined ? [] : [{ type, id, stub: stubOf(type, id, item) }]
  })
}

function runsOnServer(item: Item): boolean {
  return item['type'] === 'tool_search_call' && item['execution'] === 'server'
}

/** An approval answers by the request's own `id`, everything else by `call_id`. */
function callId(item: Item, answer: string): string | undefined {
  return stringField(item, answer === 'mcp_approval_response' ? 'id' : 'call_id')
}

function stubOf(type: string, id: string, item: Item): Item {
  if (type === 'mcp_approval_response') return { type, approval_request_id: id }
  if (type === 'function_call_output') return { type, call_id: id, name: item['name'] }
  return type === 'tool_search_output' ? { type, call_id: id, execution: 'client' } : { type, call_id: id }
}

/**
 * Checks that every call is answered once and every answer has its call. `before` is the chain so far.
 *
 * @returns the message to refuse the request with, or null
 */
export function pairingProblem(before: readonly Item[], input: readonly Item[]): string | null {
  const open = new Map<string, string | null>()
  for (const item of [...before, ...input]) {
    for (const call of pendingCalls([item])) {
      // Such a call may be answered in a later request, or never.
      const kind = item['async'] === true ? null : (stringField(item, 'type') ?? 'call')
      open.set(call.id, kind)
    }
    const type = stringField(item, 'type')
    if (type === undefined || !answerTypes.has(type)) continue
    const id = stringField(item, type === 'mcp_approval_response' ? 'approval_request_id' : 'call_id') ?? ''
    if (!open.delete(id)) return `No tool call found for ${spaced(type)} with call_id ${id}.`
  }
  for (const [id, kind] of open) {
    if (kind !== null) return `No tool output found for ${spaced(kind)} ${id}.`
  }
  return null
}

function spaced(type: string): string {
  return type.replaceAll('_', ' ')
}

/**
 * Checks that each reasoning item of an input is followed by what the model made after it. What is left of a response
 * that was cut short is refused like this.
 *
 * @returns the message to refuse the request with, or null
 */
export function orphanProblem(input: readonly Item[]): string | null {
  const at = input.findIndex((item, index) => item['type'] === 'reasoning' && !follows(input[index + 1]))
  if (at === -1) return null
  const id = stringField(input[at], 'id') ?? `input[${at}]`
  return `Item '${id}' of type 'reasoning' was provided without its required following item.`
}

function follows(next: Item | undefined): boolean {
  if (next === undefined) return false
  const type = stringField(next, 'type') ?? 'message'
  if (type === 'message') return next['role'] === 'assistant'
  return !answerTypes.has(type) && type !== 'compaction_trigger'
}
