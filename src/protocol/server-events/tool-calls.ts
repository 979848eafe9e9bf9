import type { DeltaFields, EventBase, ItemEvent, ItemEventOf } from './event-base.ts'

/** `call_id` is on the item; some gateways repeat it here. Never rely on it. */
export interface FunctionCallArgumentsDeltaEvent
  extends ItemEvent<'response.function_call_arguments.delta'>, DeltaFields {
  readonly call_id?: string | undefined
}

/** `name` and `call_id` are on the item; some servers repeat them here. Never rely on them. */
export interface FunctionCallArgumentsDoneEvent extends ItemEvent<'response.function_call_arguments.done'> {
  readonly arguments: string
  readonly call_id?: string | undefined
  readonly name?: string | undefined
}

export interface CustomToolCallInputDeltaEvent
  extends ItemEvent<'response.custom_tool_call_input.delta'>, DeltaFields {}

export interface CustomToolCallInputDoneEvent extends ItemEvent<'response.custom_tool_call_input.done'> {
  readonly input: string
}

export interface McpCallArgumentsDeltaEvent
  extends ItemEvent<'response.mcp_call_arguments.delta'>, DeltaFields {}

export interface McpCallArgumentsDoneEvent extends ItemEvent<'response.mcp_call_arguments.done'> {
  readonly arguments: string
}

export interface CodeInterpreterCallCodeDeltaEvent
  extends ItemEvent<'response.code_interpreter_call_code.delta'>, DeltaFields {}

export interface CodeInterpreterCallCodeDoneEvent extends ItemEvent<'response.code_interpreter_call_code.done'> {
  readonly code: string
}

export interface ImageGenerationPartialImageEvent extends ItemEvent<'response.image_generation_call.partial_image'> {
  readonly partial_image_b64: string
  readonly partial_image_index: number
  readonly background?: string | undefined
  readonly output_format?: string | undefined
  readonly quality?: string | undefined
  readonly size?: string | undefined
}

interface ShellCommandEvent<Type extends string> extends EventBase {
  readonly type: Type
  readonly output_index: number
  readonly command_index: number
}

export interface ShellCallCommandAddedEvent extends ShellCommandEvent<'response.shell_call_command.added'> {
  readonly command: string
}

export interface ShellCallCommandDeltaEvent
  extends ShellCommandEvent<'response.shell_call_command.delta'>, DeltaFields {}

export interface ShellCallCommandDoneEvent extends ShellCommandEvent<'response.shell_call_command.done'> {
  readonly command: string
}

/** The one delta that is not a string. */
export interface ShellCallOutputContentDeltaEvent extends ItemEvent<'response.shell_call_output_content.delta'> {
  readonly command_index: number
  readonly delta: { readonly stdout?: string | undefined; readonly stderr?: string | undefined }
}

export interface ShellCallOutputContentDoneEvent extends ItemEvent<'response.shell_call_output_content.done'> {
  readonly command_index: number
  readonly output: ReadonlyArray<{
    readonly stdout: string
    readonly stderr: string
    readonly outcome: unknown
    readonly created_by?: string | undefined
  }>
}

/** A piece of the patch that the model writes. */
export interface ApplyPatchDiffDeltaEvent
  extends ItemEvent<'response.apply_patch_call_operation_diff.delta'>, DeltaFields {}

export interface ApplyPatchDiffDoneEvent extends ItemEvent<'response.apply_patch_call_operation_diff.done'> {
  readonly diff?: string | undefined
}

/** How far a hosted tool has come. */
export type ToolProgressEvent = ItemEventOf<
  | 'response.code_interpreter_call.completed'
  | 'response.code_interpreter_call.in_progress'
  | 'response.code_interpreter_call.interpreting'
  | 'response.compaction.compacting'
  | 'response.file_search_call.completed'
  | 'response.file_search_call.in_progress'
  | 'response.file_search_call.searching'
  | 'response.image_generation_call.completed'
  | 'response.image_generation_call.generating'
  | 'response.image_generation_call.in_progress'
  | 'response.mcp_call.completed'
  | 'response.mcp_call.failed'
  | 'response.mcp_call.in_progress'
  | 'response.mcp_list_tools.completed'
  | 'response.mcp_list_tools.failed'
  | 'response.mcp_list_tools.in_progress'
  | 'response.web_search_call.completed'
  | 'response.web_search_call.in_progress'
  | 'response.web_search_call.searching'
>

export type ToolCallEvent =
  | FunctionCallArgumentsDeltaEvent
  | FunctionCallArgumentsDoneEvent
  | CustomToolCallInputDeltaEvent
  | CustomToolCallInputDoneEvent
  | McpCallArgumentsDeltaEvent
  | McpCallArgumentsDoneEvent
  | CodeInterpreterCallCodeDeltaEvent
  | CodeInterpreterCallCodeDoneEvent
  | ImageGenerationPartialImageEvent
  | ShellCallCommandAddedEvent
  | ShellCallCommandDeltaEvent
  | ShellCallCommandDoneEvent
  | ShellCallOutputContentDeltaEvent
  | ShellCallOutputContentDoneEvent
  | ApplyPatchDiffDeltaEvent
  | ApplyPatchDiffDoneEvent
  | ToolProgressEvent
