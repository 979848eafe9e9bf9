import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { JsonSchema } from '../schema/schema.ts'

/** What the model reads when a tool throws: a text, or what makes one of the error. */
export type ErrorForModel = string | ((error: unknown) => string)

/** What a tool hears about the call that it serves. */
export interface ToolContext {
  /** Fires when the tool's time is up (reason: a `TimeoutError`), and when the whole run is aborted. */
  readonly signal: AbortSignal
  /** The `call_id` of the call. */
  readonly callId: string
  /** The tool's own name. */
  readonly name: string
}

/** A function that the model may call, and what runs when it does. Made by `defineTool`. */
export interface Tool<Args = unknown> {
  readonly name: string
  readonly description: string
  /** What the arguments are checked with before `execute` runs. */
  readonly schema: StandardSchemaV1<unknown, Args>
  /** What the model is told about the arguments. */
  readonly parameters: JsonSchema
  /** Whether the provider makes the model keep to `parameters` exactly. */
  readonly strict: boolean
  /** Limit of one call, in ms; false is none. Undefined leaves it to whoever runs the call. */
  readonly timeoutMs: number | false | undefined
  /** What the model reads when `execute` throws. Undefined: `The tool failed.` */
  readonly errorForModel?: ErrorForModel | undefined
  /** The model goes on without the output, which comes with a later turn. */
  readonly async: boolean
  // Methods, so that a list of tools with different arguments is a `Tool[]`: they compare both ways.
  /** Whether a call waits for `conversation.approve` before it runs. Without it, none does. */
  needsApproval?(args: Args): boolean | Promise<boolean>
  execute(args: Args, context: ToolContext): unknown
}
