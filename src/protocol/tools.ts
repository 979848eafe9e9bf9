/** A function that the model can ask the client to run. `parameters` is a JSON schema. */
export interface FunctionToolDefinition {
  readonly type: 'function'
  readonly name: string
  readonly description?: string | null | undefined
  readonly parameters?: Readonly<Record<string, unknown>> | null | undefined
  readonly strict?: boolean | null | undefined
  readonly output_schema?: Readonly<Record<string, unknown>> | null | undefined
  readonly async?: boolean | undefined
  readonly defer_loading?: boolean | undefined
  readonly allowed_callers?: ReadonlyArray<'direct' | 'programmatic'> | null | undefined
}

/**
 * Any other tool, open, because each provider has its own. The pattern lets in every name with an underscore
 * (`web_search`, `x_search`, …) and keeps `function` out, so that a misspelt function tool is still an error.
 */
export interface OtherToolDefinition {
  readonly type: 'custom' | 'computer' | 'mcp' | 'namespace' | 'shell' | `${string}_${string}`
  // `any` and not `unknown`: see the same line in input-items.ts.
  readonly [field: string]: any
}

export type ToolDefinition = FunctionToolDefinition | OtherToolDefinition

/** Which tool the model may or must use. */
export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'custom'; readonly name: string }
  | {
      readonly type: 'mcp'
      readonly server_label?: string | undefined
      readonly name?: string | null | undefined
    }
  | {
      readonly type: 'allowed_tools'
      readonly mode: 'auto' | 'required'
      readonly tools: ReadonlyArray<Readonly<Record<string, unknown>>>
    }
  | { readonly type: HostedToolChoice }

type HostedToolChoice =
  | 'apply_patch'
  | 'code_interpreter'
  | 'computer'
  | 'computer_use'
  | 'computer_use_preview'
  | 'file_search'
  | 'image_generation'
  | 'programmatic_tool_calling'
  | 'shell'
  | 'web_search_preview'
  | 'web_search_preview_2025_03_11'
