/** A text that goes to the model. */
export interface InputText {
  readonly type: 'input_text'
  readonly text: string
  readonly prompt_cache_breakpoint?: PromptCacheBreakpoint | null | undefined
}

/** An image that goes to the model. One of `image_url` (a URL or a data URL) and `file_id` names it. */
export interface InputImage {
  readonly type: 'input_image'
  readonly detail?: 'low' | 'high' | 'auto' | 'original' | null | undefined
  readonly image_url?: string | null | undefined
  readonly file_id?: string | null | undefined
  readonly prompt_cache_breakpoint?: PromptCacheBreakpoint | null | undefined
}

/** A file that goes to the model. One of `file_data` (base64), `file_id` and `file_url` names it. */
export interface InputFile {
  readonly type: 'input_file'
  readonly detail?: 'auto' | 'low' | 'high' | null | undefined
  readonly file_data?: string | null | undefined
  readonly file_id?: string | null | undefined
  readonly file_url?: string | null | undefined
  readonly filename?: string | null | undefined
  readonly prompt_cache_breakpoint?: PromptCacheBreakpoint | null | undefined
}

/** Ends a stretch of input that the server should cache. */
export interface PromptCacheBreakpoint {
  readonly mode: 'explicit'
  readonly ttl?: '30m' | '12h' | undefined
}

/** A text that the model wrote. */
export interface OutputText {
  readonly type: 'output_text'
  readonly text: string
  /** Citations and file paths inside `text`. Passed through, not read. */
  readonly annotations?: readonly unknown[] | undefined
  readonly logprobs?: readonly unknown[] | undefined
}

/** The model's words where it declined to answer. */
export interface Refusal {
  readonly type: 'refusal'
  readonly refusal: string
}

/** A piece of the model's reasoning, where the server shows it. */
export interface ReasoningText {
  readonly type: 'reasoning_text'
  readonly text: string
}

/** What a message, or the output of a tool call, may be made of when a client sends it. */
export type InputContentPart = InputText | InputImage | InputFile

/** What the server streams as parts of an output item. */
export type OutputContentPart = OutputText | Refusal | ReasoningText

/** Any part that can stand in the `content` of a message in the history. */
export type ContentPart = InputContentPart | OutputText | Refusal
