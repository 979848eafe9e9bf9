/**
 * Items of tools that Holdline does not read: it keeps them verbatim and hands them on.
 *
 * Every field that any of these items has stands here as `unknown`. A type of its own for each kind would be
 * a copy of the schema that nothing in Holdline reads.
 */
interface HostedItem<Type extends string> {
  readonly type: Type
  readonly id?: string | null | undefined
  readonly call_id?: string | null | undefined
  readonly status?: string | null | undefined
  readonly caller?: unknown
  readonly created_by?: unknown
  readonly name?: unknown
  readonly namespace?: unknown
  readonly arguments?: unknown
  readonly action?: unknown
  readonly output?: unknown
  readonly outputs?: unknown
  readonly result?: unknown
  readonly results?: unknown
  readonly error?: unknown
  readonly code?: unknown
  readonly container_id?: unknown
  readonly fingerprint?: unknown
  readonly queries?: unknown
  readonly role?: unknown
  readonly tools?: unknown
  readonly execution?: unknown
  readonly server_label?: unknown
  readonly approval_request_id?: unknown
  readonly acknowledged_safety_checks?: unknown
  readonly max_output_length?: unknown
  readonly background?: unknown
  readonly output_format?: unknown
  readonly quality?: unknown
  readonly revised_prompt?: unknown
  readonly size?: unknown
  readonly svg_usage?: unknown
}

/** Spelled as a distribution so that `Extract<OutputItem, { type: 'mcp_call' }>` finds its member. */
type HostedItemOf<Type extends string> = Type extends string ? HostedItem<Type> : never

/** Items that the server runs by itself, and outputs that it echoes. No answer is due from the client. */
export type HostedOutputItem = HostedItemOf<
  | 'web_search_call'
  | 'file_search_call'
  | 'code_interpreter_call'
  | 'image_generation_call'
  | 'mcp_call'
  | 'mcp_list_tools'
  | 'program'
  | 'program_output'
  | 'additional_tools'
  | 'computer_call_output'
  | 'local_shell_call_output'
  | 'shell_call_output'
  | 'apply_patch_call_output'
  | 'tool_search_output'
>
