import type { OutputItem } from './output-items.ts'

/** Open, because the server may add one. */
export type ResponseStatus =
  | 'queued'
  | 'in_progress'
  | 'completed'
  | 'incomplete'
  | 'failed'
  | 'cancelled'
  | (string & {})

/** Tokens, as counted by the server. Only terminal events carry it. */
export interface UsageInfo {
  readonly input_tokens?: number | null | undefined
  readonly input_tokens_details?: InputTokensDetails | null | undefined
  readonly output_tokens?: number | null | undefined
  readonly output_tokens_details?:
    | { readonly reasoning_tokens?: number | null | undefined }
    | null
    | undefined
  readonly total_tokens?: number | null | undefined
  /** Some gateways' name for `input_tokens`. */
  readonly prompt_tokens?: number | null | undefined
  /** Some gateways' name for `output_tokens`. */
  readonly completion_tokens?: number | null | undefined
}

export interface InputTokensDetails {
  readonly cached_tokens?: number | null | undefined
  readonly cache_write_tokens?: number | null | undefined
  readonly cache_write_tokens_details?: unknown
}

/** Why a response failed. `code` is an open set: `server_error`, `rate_limit_exceeded`, `invalid_prompt`, … */
export interface ResponseFailure {
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
  readonly param?: string | null | undefined
  readonly type?: string | null | undefined
  readonly misalignment?: unknown
}

export interface IncompleteDetails {
  readonly reason?:
    | 'max_output_tokens'
    | 'max_messages'
    | 'content_filter'
    | 'steered'
    | (string & {})
    | null
    | undefined
}

/**
 * A response as events carry it.
 *
 * `id` is there and `output` is an array, whatever the server sent: `parseServerEvent` sees to it. Of the rest
 * a server may leave out anything. Fields typed `unknown` are passed on unread.
 *
 * `output` of a terminal event can be empty although items were streamed. Collect the items of
 * `response.output_item.done` and use them when it is.
 */
export interface ResponseObject {
  readonly id: string
  readonly output: readonly OutputItem[]
  readonly object?: string | null | undefined
  /** Unix time, in seconds. */
  readonly created_at?: number | null | undefined
  /** Unix time, in seconds. */
  readonly completed_at?: number | null | undefined
  readonly status?: ResponseStatus | null | undefined
  readonly model?: string | null | undefined
  readonly usage?: UsageInfo | null | undefined
  readonly error?: ResponseFailure | null | undefined
  readonly incomplete_details?: IncompleteDetails | null | undefined
  readonly previous_response_id?: string | null | undefined
  /** Whether the response outlives the connection. Absent means unknown. */
  readonly store?: boolean | null | undefined
  /** Unread where a server sends it: that of a turn's response is made of its messages. */
  readonly output_text?: unknown
  readonly access_programs?: unknown
  readonly background?: unknown
  readonly conversation?: unknown
  readonly image?: unknown
  readonly input_transformations?: unknown
  readonly instructions?: unknown
  readonly max_output_tokens?: unknown
  readonly max_tool_calls?: unknown
  readonly metadata?: unknown
  readonly moderation?: unknown
  readonly parallel_tool_calls?: unknown
  readonly prompt?: unknown
  readonly prompt_cache_diagnostics?: unknown
  readonly prompt_cache_key?: unknown
  readonly prompt_cache_options?: unknown
  readonly prompt_cache_retention?: unknown
  readonly reasoning?: unknown
  readonly safety_identifier?: unknown
  readonly service_tier?: unknown
  readonly temperature?: unknown
  readonly text?: unknown
  readonly tool_choice?: unknown
  readonly tool_usage?: unknown
  readonly tools?: unknown
  readonly top_logprobs?: unknown
  readonly top_p?: unknown
  readonly truncation?: unknown
  readonly user?: unknown
}

/** The response of a turn: its `output` has every item that was finished, wherever the server put them. */
export interface TurnResponse extends ResponseObject {
  /** The text of its messages, one after the other; empty where there is none. */
  readonly output_text: string
}
