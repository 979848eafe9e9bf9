import type { ServerEvent } from './server-events/index.ts'

/**
 * What an event means to whoever follows a response.
 *
 * | kind | event |
 * | --- | --- |
 * | `queued`, `created`, `running` | the server has taken the request: `response.queued`, `.created`, `.in_progress` |
 * | `alive` | a keepalive, or side information: it says nothing of a response |
 * | `delta` | output whose `delta` is a text |
 * | `object-delta` | output whose `delta` is an object |
 * | `item` | an output item in its final form |
 * | `content` | other output |
 * | `steering` | what has become of a `response.steer` |
 * | `terminal` | the response has ended |
 * | `error` | a request was refused, or something went wrong |
 * | `unknown` | a type that this version does not know. It may be output |
 */
export type EventKind =
  | 'queued'
  | 'created'
  | 'running'
  | 'alive'
  | 'delta'
  | 'object-delta'
  | 'item'
  | 'content'
  | 'steering'
  | 'terminal'
  | 'error'
  | 'unknown'

const KINDS: { readonly [Type in ServerEvent['type']]: Exclude<EventKind, 'unknown'> } = {
  'codex.keepalive': 'alive',
  'codex.rate_limits': 'alive',
  'codex.response.metadata': 'alive',
  error: 'error',
  keepalive: 'alive',
  'rate_limits.updated': 'alive',
  'response.audio.delta': 'delta',
  'response.audio.done': 'content',
  'response.audio.transcript.delta': 'delta',
  'response.audio.transcript.done': 'content',
  'response.code_interpreter_call.completed': 'content',
  'response.code_interpreter_call.in_progress': 'content',
  'response.code_interpreter_call.interpreting': 'content',
  'response.code_interpreter_call_code.delta': 'delta',
  'response.code_interpreter_call_code.done': 'content',
  'response.compaction.compacting': 'content',
  'response.completed': 'terminal',
  'response.content_part.added': 'content',
  'response.content_part.done': 'content',
  'response.created': 'created',
  'response.custom_tool_call_input.delta': 'delta',
  'response.apply_patch_call_operation_diff.delta': 'delta',
  'response.apply_patch_call_operation_diff.done': 'content',
  'response.custom_tool_call_input.done': 'content',
  'response.done': 'terminal',
  'response.error': 'terminal',
  'response.failed': 'terminal',
  'response.file_search_call.completed': 'content',
  'response.file_search_call.in_progress': 'content',
  'response.file_search_call.searching': 'content',
  'response.function_call_arguments.delta': 'delta',
  'response.function_call_arguments.done': 'content',
  'response.image_generation_call.completed': 'content',
  'response.image_generation_call.generating': 'content',
  'response.image_generation_call.in_progress': 'content',
  'response.image_generation_call.partial_image': 'content',
  'response.in_progress': 'running',
  'response.incomplete': 'terminal',
  'response.mcp_call.completed': 'content',
  'response.mcp_call.failed': 'content',
  'response.mcp_call.in_progress': 'content',
  'response.mcp_call_arguments.delta': 'delta',
  'response.mcp_call_arguments.done': 'content',
  'response.mcp_list_tools.completed': 'content',
  'response.mcp_list_tools.failed': 'content',
  'response.mcp_list_tools.in_progress': 'content',
  'response.metadata': 'alive',
  'response.output_item.added': 'content',
  'response.output_item.done': 'item',
  'response.output_text.annotation.added': 'content',
  'response.output_text.delta': 'delta',
  'response.output_text.done': 'content',
  'response.queued': 'queued',
  'response.reasoning_summary_part.added': 'content',
  'response.reasoning_summary_part.done': 'content',
  'response.reasoning_summary_text.delta': 'delta',
  'response.reasoning_summary_text.done': 'content',
  'response.reasoning_text.delta': 'delta',
  'response.reasoning_text.done': 'content',
  'response.refusal.delta': 'delta',
  'response.refusal.done': 'content',
  'response.shell_call_command.added': 'content',
  'response.shell_call_command.delta': 'delta',
  'response.shell_call_command.done': 'content',
  'response.shell_call_output_content.delta': 'object-delta',
  'response.shell_call_output_content.done': 'content',
  'response.steer.accepted': 'steering',
  'response.steer.failed': 'steering',
  'response.steer.pending': 'steering',
  'response.web_search_call.completed': 'content',
  'response.web_search_call.in_progress': 'content',
  'response.web_search_call.searching': 'content',
  'responsesapi.websocket_timing': 'alive',
}

/** The kind of each event, by its type. A map, so that `__proto__` is no entry: the key comes from the server. */
const eventKinds: ReadonlyMap<string, EventKind> = new Map(Object.entries(KINDS))

export function kindOf(type: string): EventKind {
  return eventKinds.get(type) ?? 'unknown'
}

/** Types of events of one kind. */
export function typesOf(kind: EventKind): readonly string[] {
  return [...eventKinds].filter(([, one]) => one === kind).map(([type]) => type)
}
