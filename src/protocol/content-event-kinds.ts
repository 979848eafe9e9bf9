import type { ContentEvent } from './server-events/index.ts'

/**
 * What there is to check in an event that carries content.
 *
 * - `text-delta`: `delta` is a string
 * - `object-delta`: `delta` is an object
 * - `other`: nothing beyond `type`
 */
export type ContentEventKind = 'text-delta' | 'object-delta' | 'other'

const KINDS: { readonly [Type in ContentEvent['type']]: ContentEventKind } = {
  'codex.keepalive': 'other',
  'codex.rate_limits': 'other',
  'codex.response.metadata': 'other',
  keepalive: 'other',
  'rate_limits.updated': 'other',
  'response.audio.delta': 'text-delta',
  'response.audio.done': 'other',
  'response.audio.transcript.delta': 'text-delta',
  'response.audio.transcript.done': 'other',
  'response.code_interpreter_call.completed': 'other',
  'response.code_interpreter_call.in_progress': 'other',
  'response.code_interpreter_call.interpreting': 'other',
  'response.code_interpreter_call_code.delta': 'text-delta',
  'response.code_interpreter_call_code.done': 'other',
  'response.compaction.compacting': 'other',
  'response.content_part.added': 'other',
  'response.content_part.done': 'other',
  'response.custom_tool_call_input.delta': 'text-delta',
  'response.custom_tool_call_input.done': 'other',
  'response.file_search_call.completed': 'other',
  'response.file_search_call.in_progress': 'other',
  'response.file_search_call.searching': 'other',
  'response.function_call_arguments.delta': 'text-delta',
  'response.function_call_arguments.done': 'other',
  'response.image_generation_call.completed': 'other',
  'response.image_generation_call.generating': 'other',
  'response.image_generation_call.in_progress': 'other',
  'response.image_generation_call.partial_image': 'other',
  'response.mcp_call.completed': 'other',
  'response.mcp_call.failed': 'other',
  'response.mcp_call.in_progress': 'other',
  'response.mcp_call_arguments.delta': 'text-delta',
  'response.mcp_call_arguments.done': 'other',
  'response.mcp_list_tools.completed': 'other',
  'response.mcp_list_tools.failed': 'other',
  'response.mcp_list_tools.in_progress': 'other',
  'response.metadata': 'other',
  'response.output_item.added': 'other',
  'response.output_item.done': 'other',
  'response.output_text.annotation.added': 'other',
  'response.output_text.delta': 'text-delta',
  'response.output_text.done': 'other',
  'response.reasoning_summary_part.added': 'other',
  'response.reasoning_summary_part.done': 'other',
  'response.reasoning_summary_text.delta': 'text-delta',
  'response.reasoning_summary_text.done': 'other',
  'response.reasoning_text.delta': 'text-delta',
  'response.reasoning_text.done': 'other',
  'response.refusal.delta': 'text-delta',
  'response.refusal.done': 'other',
  'response.shell_call_command.added': 'other',
  'response.shell_call_command.delta': 'text-delta',
  'response.shell_call_command.done': 'other',
  'response.shell_call_output_content.delta': 'object-delta',
  'response.shell_call_output_content.done': 'other',
  'response.web_search_call.completed': 'other',
  'response.web_search_call.in_progress': 'other',
  'response.web_search_call.searching': 'other',
  'responsesapi.websocket_timing': 'other',
}

/** A map and not the object above: the key that it is asked for comes from the server. */
export const contentEventKinds: ReadonlyMap<string, ContentEventKind> = new Map(Object.entries(KINDS))
