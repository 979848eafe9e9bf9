import type { InputContentPart } from './content-parts.ts'

/** The answer to a `function_call`. */
export interface FunctionCallOutput {
  readonly type: 'function_call_output'
  /**
   * The `call_id` of the call, 1 to 64 characters. Every answer needs it; it is optional here because the
   * official types have it so, and a history typed by them has to fit.
   */
  readonly call_id?: string | null | undefined
  /** At most 10 485 760 characters. */
  readonly output: string | readonly InputContentPart[]
  readonly id?: string | null | undefined
  readonly name?: string | null | undefined
  readonly namespace?: string | null | undefined
  readonly status?: 'in_progress' | 'completed' | 'incomplete' | null | undefined
  readonly caller?: unknown
  readonly created_by?: string | undefined
}

/** The answer to a `custom_tool_call`. */
export interface CustomToolCallOutput {
  readonly type: 'custom_tool_call_output'
  readonly call_id: string
  readonly output: string | readonly InputContentPart[]
  readonly id?: string | null | undefined
  readonly status?: 'in_progress' | 'completed' | 'incomplete' | null | undefined
  readonly caller?: unknown
  readonly created_by?: string | undefined
}

/** The answer to an `mcp_approval_request`. */
export interface McpApprovalResponse {
  readonly type: 'mcp_approval_response'
  readonly approval_request_id: string
  readonly approve: boolean
  readonly reason?: string | null | undefined
  readonly id?: string | null | undefined
}

/** An answer that a client owes the model, of the kinds that Holdline builds itself. */
export type ToolOutput = FunctionCallOutput | CustomToolCallOutput | McpApprovalResponse
