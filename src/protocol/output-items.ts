import type { OutputText, ReasoningText, Refusal } from './content-parts.ts'
import type { HostedOutputItem } from './hosted-items.ts'
import type { ToolOutput } from './tool-outputs.ts'

/** Whether a message is a remark on the way (`commentary`) or the answer. */
export type OpenAIResponsesAssistantPhase = 'commentary' | 'final_answer'

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

/** What the model says. */
export interface OutputMessage {
  readonly type: 'message'
  readonly id: string
  readonly role: 'assistant'
  readonly content: ReadonlyArray<OutputText | Refusal>
  readonly phase?: OpenAIResponsesAssistantPhase | null | undefined
  readonly status?: ItemStatus | undefined
}

/** The model asks the client to run a function. The answer is a `function_call_output` with its `call_id`. */
export interface FunctionCallItem {
  readonly type: 'function_call'
  readonly id?: string | undefined
  readonly call_id: string
  readonly name: string
  /** JSON text, as the model wrote it: it may be broken. */
  readonly arguments: string
  readonly status?: ItemStatus | undefined
  readonly async?: boolean | undefined
  readonly namespace?: string | undefined
  readonly caller?: unknown
}

/** The model asks the client to run a tool that takes free text. */
export interface CustomToolCallItem {
  readonly type: 'custom_tool_call'
  readonly id?: string | undefined
  readonly call_id: string
  readonly name: string
  readonly input: string
  readonly async?: boolean | undefined
  readonly namespace?: string | undefined
  readonly caller?: unknown
}

/**
 * The model's reasoning. Take `encrypted_content` from `response.output_item.done`: in `.added` it can be
 * partial.
 */
export interface ReasoningItem {
  readonly type: 'reasoning' | `reasoning.${string}`
  readonly id: string
  readonly summary?: ReadonlyArray<{ readonly type: 'summary_text'; readonly text: string }> | undefined
  readonly content?: readonly ReasoningText[] | undefined
  readonly encrypted_content?: string | null | undefined
  readonly status?: ItemStatus | undefined
}

/** What is left of the history after the server compacted it. Items before it may be dropped from a replay. */
export interface CompactionItem {
  readonly type: 'compaction'
  readonly id: string
  readonly encrypted_content: string
  readonly created_by?: string | undefined
}

/** The server asks whether it may run an MCP tool. The answer is an `mcp_approval_response`. */
export interface McpApprovalRequestItem {
  readonly type: 'mcp_approval_request'
  readonly id: string
  readonly name: string
  readonly arguments: string
  readonly server_label: string
}

interface ClientRunItem<Type extends string> {
  readonly type: Type
  readonly id: string
  readonly call_id: string
  readonly status?: string | undefined
  readonly action?: unknown
  readonly actions?: unknown
  readonly caller?: unknown
  readonly created_by?: unknown
  readonly environment?: unknown
  readonly operation?: unknown
  readonly pending_safety_checks?: unknown
}

type ClientRunItemOf<Type extends string> = Type extends string ? ClientRunItem<Type> : never

/** Calls of built-in tools that the client runs; `shell_call` is the server's when it has a container. */
export type BuiltInToolCallItem = ClientRunItemOf<
  'computer_call' | 'shell_call' | 'local_shell_call' | 'apply_patch_call'
>

/** A search for tools. Only one with `execution: 'client'` waits for the client; the other has no `call_id`. */
export interface ToolSearchCallItem {
  readonly type: 'tool_search_call'
  readonly id: string
  readonly call_id: string | null
  readonly arguments: unknown
  readonly execution: 'server' | 'client'
  readonly status?: string | undefined
  readonly created_by?: string | undefined
}

/**
 * One item of a response's output.
 *
 * The server can add kinds at any time, so a `switch` over `type` needs a `default`.
 */
export type OutputItem =
  | OutputMessage
  | FunctionCallItem
  | CustomToolCallItem
  | ReasoningItem
  | CompactionItem
  | McpApprovalRequestItem
  | BuiltInToolCallItem
  | ToolSearchCallItem
  | ToolOutput
  | HostedOutputItem
