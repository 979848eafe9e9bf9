import type { InputContentPart } from './content-parts.ts'
import type { InputItem } from './input-items.ts'
import type { ReasoningOptions, TextOptions } from './model-options.ts'
import type { ToolChoice, ToolDefinition } from './tools.ts'

/** What the server may be asked to put into the output beside its usual fields. */
export type Includable =
  | 'code_interpreter_call.outputs'
  | 'computer_call_output.output.image_url'
  | 'file_search_call.results'
  | 'message.input_image.image_url'
  | 'message.output_text.logprobs'
  | 'reasoning.encrypted_content'
  | 'web_search_call.action.sources'
  | 'web_search_call.results'

/**
 * Asks for one response. The body is that of `POST /v1/responses`, less `stream` (implied by the transport) and
 * `background` (not supported over a WebSocket).
 *
 * Settings are not inherited through `previous_response_id`: send them on every turn.
 *
 * For a field that only your gateway knows, widen the type: `ResponseCreateEvent & { my_field: string }` can
 * be sent wherever a `ResponseCreateEvent` can.
 *
 * Source: Responses WebSocket guide.
 */
export interface ResponseCreateEvent {
  readonly type: 'response.create'
  /** The lane: 1 to 256 of `A-Z a-z 0-9 _ . -`. Leave it out for the default lane. See `isLaneName`. */
  readonly stream_id?: string | undefined
  /** `false` warms the connection up: no output, but an id to continue from. Default: true. */
  readonly generate?: boolean | undefined
  readonly model?: string | undefined
  /** The whole context, or only the new items when `previous_response_id` is set. */
  readonly input?: string | readonly InputItem[] | undefined
  /** The response to continue. Not together with `conversation`. */
  readonly previous_response_id?: string | null | undefined
  /** Whether the server keeps the response beyond this connection. The server's default: true. */
  readonly store?: boolean | null | undefined
  readonly instructions?: string | null | undefined
  readonly tools?: readonly ToolDefinition[] | undefined
  readonly tool_choice?: ToolChoice | undefined
  readonly parallel_tool_calls?: boolean | null | undefined
  readonly include?: readonly Includable[] | null | undefined
  /** Lets the server compact the history. `compact_threshold` is in tokens, at least 1000. */
  readonly context_management?: readonly ContextManagement[] | null | undefined
  readonly conversation?: string | { readonly id: string } | null | undefined
  readonly reasoning?: ReasoningOptions | null | undefined
  readonly text?: TextOptions | undefined
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly top_logprobs?: number | null | undefined
  /** Counts for one response. In tokens. */
  readonly max_output_tokens?: number | null | undefined
  readonly max_tool_calls?: number | null | undefined
  readonly metadata?: Readonly<Record<string, string>> | null | undefined
  readonly service_tier?: string | null | undefined
  /** At most 64 characters. */
  readonly prompt_cache_key?: string | null | undefined
  readonly prompt_cache_options?: PromptCacheOptions | undefined
  /** @deprecated Use `prompt_cache_options`. */
  readonly prompt_cache_retention?: 'in_memory' | '24h' | null | undefined
  readonly prompt?: PromptTemplate | null | undefined
  /** At most 128 characters. */
  readonly safety_identifier?: string | null | undefined
  /** @deprecated Use `safety_identifier`. */
  readonly user?: string | undefined
  /** @deprecated Use `context_management`. */
  readonly truncation?: 'auto' | 'disabled' | null | undefined
  readonly stream_options?: { readonly include_obfuscation?: boolean | undefined } | null | undefined
  readonly access_programs?: object | null | undefined
  readonly image?: object | null | undefined
  readonly moderation?: object | null | undefined
}

export interface ContextManagement {
  readonly type: 'compaction' | (string & {})
  readonly compact_threshold?: number | null | undefined
}

export interface PromptCacheOptions {
  readonly mode?: 'implicit' | 'explicit' | undefined
  readonly ttl?: '30m' | '12h' | undefined
  /** `true` makes the server treat `generate` as `false`. */
  readonly prewarm?: boolean | undefined
  readonly comparison_response_id?: string | null | undefined
}

export interface PromptTemplate {
  readonly id: string
  readonly version?: string | null | undefined
  readonly variables?: Readonly<Record<string, string | InputContentPart>> | null | undefined
}

/** A `response.create` that generates nothing: it loads model, tools and instructions and gives an id. */
export interface WarmUpEvent extends ResponseCreateEvent {
  readonly generate: false
}

/** A user's message for a running response. Other roles are refused. */
export interface SteerMessage {
  readonly type: 'message'
  readonly role: 'user'
  readonly content: string | readonly InputContentPart[]
}

/**
 * Adds a user's words to a response that is running. These three keys and no other: the lane is that of the
 * response. Send it only after `response.created` of that response.
 *
 * Source: Responses steering guide.
 */
export interface ResponseSteerEvent {
  readonly type: 'response.steer'
  /** The running response. */
  readonly previous_response_id: string
  /** Not empty. */
  readonly input: string | readonly SteerMessage[]
}

/** Everything that a client may send. */
export type ClientEvent = ResponseCreateEvent | WarmUpEvent | ResponseSteerEvent
