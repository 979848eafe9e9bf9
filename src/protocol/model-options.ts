export interface ReasoningOptions {
  readonly effort?:
    | 'none'
    | 'minimal'
    | 'low'
    | 'medium'
    | 'high'
    | 'xhigh'
    | 'max'
    | (string & {})
    | null
    | undefined
  readonly summary?: 'auto' | 'concise' | 'detailed' | (string & {}) | null | undefined
  readonly context?: 'auto' | 'current_turn' | 'all_turns' | (string & {}) | null | undefined
  readonly mode?: string | null | undefined
  /** @deprecated Use `summary`. */
  readonly generate_summary?: 'auto' | 'concise' | 'detailed' | null | undefined
}

export interface TextOptions {
  /** Plain text, JSON, or JSON by a schema, as `POST /v1/responses` takes it. */
  readonly format?: object | undefined
  readonly verbosity?: 'low' | 'medium' | 'high' | null | undefined
}
