import type { ReasoningOptions, TextOptions } from './model-options.ts'
import type { ContentPart } from './content-parts.ts'
import type { ItemStatus, OpenAIResponsesAssistantPhase, OutputItem } from './output-items.ts'
import type { ToolOutput } from './tool-outputs.ts'
import type { ToolDefinition } from './tools.ts'

/** A message. `type` may be left out. */
export interface InputMessage {
  readonly type?: 'message' | undefined
  readonly role: 'user' | 'assistant' | 'system' | 'developer'
  readonly content: string | readonly ContentPart[]
  readonly phase?: OpenAIResponsesAssistantPhase | null | undefined
  readonly status?: ItemStatus | null | undefined
  readonly id?: string | null | undefined
}

/** Compacted history, sent back as it came. `encrypted_content` is at most 20 971 520 characters. */
export interface CompactionInput {
  readonly type: 'compaction'
  readonly encrypted_content: string
  readonly id?: string | null | undefined
}

/** Asks for compaction now. Must be the last input item. */
export interface CompactionTrigger {
  readonly type: 'compaction_trigger'
  readonly id?: string | null | undefined
}

/** Other settings from here on, in the middle of a chain: the prompt cache stays (openai types, 2026-11). */
export interface ConfigurationUpdate {
  readonly type: 'configuration_update'
  readonly id?: string | null | undefined
  readonly reasoning?: Pick<ReasoningOptions, 'effort'> | null | undefined
  readonly text?: Pick<TextOptions, 'format'> | null | undefined
}

/** Tools that the model has from here on, beside those of the request (openai types, 2026-11). */
export interface AdditionalTools {
  readonly type: 'additional_tools'
  readonly role: 'developer'
  readonly tools: readonly ToolDefinition[]
  readonly id?: string | null | undefined
}

/** Names an item that the server has stored. */
export interface ItemReference {
  readonly type?: 'item_reference' | null | undefined
  readonly id: string
}

interface OtherInputItemFields<Type extends string> {
  readonly type: Type
  // `unknown` would shut out items typed as interfaces, the `openai` package's among them: TypeScript gives
  // an interface no implicit index signature, except where the target's is `any`.
  readonly [field: string]: any
}

type OtherInputItemOf<Type extends string> = Type extends string ? OtherInputItemFields<Type> : never

/** Answers to built-in tools, and hosted items of earlier turns. Passed on as they are. */
export type OtherInputItem = OtherInputItemOf<
  | 'apply_patch_call'
  | 'apply_patch_call_output'
  | 'code_interpreter_call'
  | 'computer_call'
  | 'computer_call_output'
  | 'file_search_call'
  | 'image_generation_call'
  | 'local_shell_call'
  | 'local_shell_call_output'
  | 'mcp_approval_request'
  | 'mcp_call'
  | 'mcp_list_tools'
  | 'program'
  | 'program_output'
  | 'shell_call'
  | 'shell_call_output'
  | 'tool_search_call'
  | 'tool_search_output'
  | 'web_search_call'
>

/** One item of the input. An output item of an earlier response is an input item as it stands. */
export type InputItem =
  | InputMessage
  | ToolOutput
  | CompactionInput
  | CompactionTrigger
  | ConfigurationUpdate
  | AdditionalTools
  | ItemReference
  | OtherInputItem
  | OutputItem
