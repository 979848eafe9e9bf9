import type { OutputItem, ResponseObject, ServerEvent } from '../index.ts'
import { type TerminalEvent, isTerminalEvent, settlementOf } from '../protocol/public.ts'

/**
 * Types of the events that a response streams over HTTP. `client.responses.stream()` of the `openai` package throws
 * on any other, so what only a WebSocket or a gateway sends is left out.
 */
const TYPES = [
  'error',
  'response.apply_patch_call_operation_diff.delta',
  'response.apply_patch_call_operation_diff.done',
  'response.audio.delta',
  'response.audio.done',
  'response.audio.transcript.delta',
  'response.audio.transcript.done',
  'response.code_interpreter_call.completed',
  'response.code_interpreter_call.in_progress',
  'response.code_interpreter_call.interpreting',
  'response.code_interpreter_call_code.delta',
  'response.code_interpreter_call_code.done',
  'response.compaction.compacting',
  'response.completed',
  'response.content_part.added',
  'response.content_part.done',
  'response.created',
  'response.custom_tool_call_input.delta',
  'response.custom_tool_call_input.done',
  'response.failed',
  'response.file_search_call.completed',
  'response.file_search_call.in_progress',
  'response.file_search_call.searching',
  'response.function_call_arguments.delta',
  'response.function_call_arguments.done',
  'response.image_generation_call.completed',
  'response.image_generation_call.generating',
  'response.image_generation_call.in_progress',
  'response.image_generation_call.partial_image',
  'response.in_progress',
  'response.incomplete',
  'response.mcp_call.completed',
  'response.mcp_call.failed',
  'response.mcp_call.in_progress',
  'response.mcp_call_arguments.delta',
  'response.mcp_call_arguments.done',
  'response.mcp_list_tools.completed',
  'response.mcp_list_tools.failed',
  'response.mcp_list_tools.in_progress',
  'response.output_item.added',
  'response.output_item.done',
  'response.output_text.annotation.added',
  'response.output_text.delta',
  'response.output_text.done',
  'response.queued',
  'response.reasoning_summary_part.added',
  'response.reasoning_summary_part.done',
  'response.reasoning_summary_text.delta',
  'response.reasoning_summary_text.done',
  'response.reasoning_text.delta',
  'response.reasoning_text.done',
  'response.refusal.delta',
  'response.refusal.done',
  'response.shell_call_command.added',
  'response.shell_call_command.delta',
  'response.shell_call_command.done',
  'response.shell_call_output_content.delta',
  'response.shell_call_output_content.done',
  'response.web_search_call.completed',
  'response.web_search_call.in_progress',
  'response.web_search_call.searching',
] as const

export type HttpEventType = (typeof TYPES)[number]
export const HTTP_EVENTS: ReadonlySet<string> = new Set(TYPES)

/** An event as it goes out: its type, and all that is written. */
export interface HttpEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** Gives the events of one response the shapes that they have over HTTP. */
export class HttpEvents {
  readonly #items = new Map<number, OutputItem>()
  #last = -1
  #response: ResponseObject | null = null

  /** The terminal response, with all of its output; null before it has come. */
  get response(): ResponseObject | null {
    return this.#response
  }

  /** The event as HTTP has it, or null where HTTP has none. */
  take(event: ServerEvent): HttpEvent | null {
    if (event.type === 'response.output_item.done') this.#items.set(event.output_index, event.item)
    if (isTerminalEvent(event)) return this.#end(event)
    if (!HTTP_EVENTS.has(event.type)) return null
    return this.numbered(event)
  }

  /** Some parsers refuse an event without a number. */
  numbered(event: ServerEvent | HttpEvent): HttpEvent {
    const { sequence_number: given } = event as { readonly sequence_number?: unknown }
    this.#last = typeof given === 'number' ? given : this.#last + 1
    const { stream_id: lane } = event as { readonly stream_id?: unknown }
    if (typeof given === 'number' && lane === undefined) return event as HttpEvent
    // Undefined is not written, and costs a quarter of taking the field away.
    return { ...(event as HttpEvent), stream_id: undefined, sequence_number: this.#last }
  }

  /** `response.done` and its like get the name that HTTP has for them. */
  #end(event: TerminalEvent): HttpEvent | null {
    const { outcome, response } = settlementOf(event)
    if (response === null) return null
    const items = [...this.#items].toSorted(([a], [b]) => a - b).map(([, item]) => item)
    const output = response.output.length > 0 ? response.output : items
    this.#response = { ...response, output }
    const { sequence_number: number, stream_id: lane } = event
    return this.numbered({
      type: `response.${outcome}`,
      sequence_number: number,
      stream_id: lane,
      response: this.#response,
    })
  }
}
