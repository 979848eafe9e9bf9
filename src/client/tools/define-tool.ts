import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { clock } from '../../protocol/options/rules.ts'
import { parseOptions } from '../../protocol/options/parse.ts'
import { parametersOf } from './parameters.ts'
import { fitsStrictMode } from './strict-mode.ts'
import type { ParametersSchema, Tool, ToolContext } from './tool.ts'

/** Schemas whose JSON Schema need not be given. */
export type ValibotSchema = v.GenericSchema | v.GenericSchemaAsync

/** What a tool is made of, apart from `parameters`. */
export interface ToolPlan<Schema extends StandardSchemaV1> {
  /** 1 to 64 letters, digits, underscores and hyphens: the rule of the Responses API. */
  readonly name: string
  /** Tells the model what the tool does and when to use it. Not empty. */
  readonly description: string
  /** An object schema that checks the arguments: valibot, or any Standard Schema. */
  readonly schema: Schema
  /**
   * Runs the tool. A string that it gives is the output as it stands, an array of content parts (`input_text`,
   * `input_image`, `input_file`) is sent as parts, and anything else is sent as JSON; `undefined` counts as null.
   *
   * What it throws becomes an error output, whose message the model reads. It should stop when `signal` fires:
   * it is not waited for after that, and what it gives is dropped.
   */
  execute(args: StandardSchemaV1.InferOutput<Schema>, context: ToolContext): unknown
  /**
   * Whether the provider makes the model keep to the JSON Schema exactly. Default: true if the JSON Schema holds
   * only what strict mode is known to take (closed objects, every property required), else false.
   */
  readonly strict?: boolean | undefined
  /** Limit of one call, in ms; false for none. Default: that of whoever runs the call. */
  readonly timeoutMs?: number | false | undefined
}

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/

const planSchema = v.strictObject({
  name: v.custom<string>(
    (value) => typeof value === 'string' && TOOL_NAME.test(value),
    'must be 1 to 64 letters, digits, underscores and hyphens',
  ),
  description: v.custom<string>(
    (value) => typeof value === 'string' && value.trim() !== '',
    'must be a text that tells the model what the tool does',
  ),
  schema: v.custom<StandardSchemaV1>(isStandardSchema, 'must be a valibot schema or another Standard Schema'),
  execute: v.custom<ToolPlan<StandardSchemaV1>['execute']>(
    (value) => typeof value === 'function',
    'must be a function',
  ),
  parameters: v.optional(
    v.custom<ParametersSchema>(
      (value) => typeof value === 'object' && value !== null && 'type' in value && value.type === 'object',
      'must be a JSON Schema of type "object"',
    ),
  ),
  strict: v.optional(v.boolean()),
  timeoutMs: v.optional(clock),
})

/**
 * Makes a tool whose arguments are checked before it runs.
 *
 * The JSON Schema for the model comes from a valibot schema by itself; rules that JSON Schema cannot say, such as
 * `v.check`, are left out of it and still checked. For any other Standard Schema, and to say something else than
 * the conversion would, give it as `parameters`.
 *
 * @throws {BadOptionError} with the path, when the plan is incomplete, the name breaks the rule, the schema is not
 *   one of an object, or there is no JSON Schema and none can be made
 */
export function defineTool<const Schema extends ValibotSchema>(
  plan: ToolPlan<Schema> & { readonly parameters?: ParametersSchema | undefined },
): Tool<StandardSchemaV1.InferOutput<Schema>>
export function defineTool<const Schema extends StandardSchemaV1>(
  plan: ToolPlan<Schema> & { readonly parameters: ParametersSchema },
): Tool<StandardSchemaV1.InferOutput<Schema>>
export function defineTool(
  plan: ToolPlan<StandardSchemaV1> & { readonly parameters?: ParametersSchema | undefined },
): Tool {
  // A key that is missing is reported as such only where the key exists.
  const required = { name: undefined, description: undefined, schema: undefined, execute: undefined }
  const { name, description, schema, strict, timeoutMs, ...rest } = parseOptions(planSchema, {
    ...required,
    ...plan,
  })
  const parameters = parametersOf(schema, rest.parameters)
  return Object.freeze({
    name,
    description,
    schema,
    parameters,
    strict: strict ?? fitsStrictMode(parameters),
    timeoutMs,
    execute: (args: unknown, context: ToolContext) => plan.execute(args, context),
  })
}

function isStandardSchema(value: unknown): boolean {
  // Some libraries' schemas are functions.
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  const standard = (value as Partial<StandardSchemaV1>)['~standard']
  return typeof standard === 'object' && typeof standard?.validate === 'function'
}
