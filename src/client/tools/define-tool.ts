import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { clock } from '../../protocol/options/rules.ts'
import { BadOptionError } from '../../protocol/errors.ts'
import { parseOptions } from '../../protocol/options/parse.ts'
import { jsonSchemaOf } from '../schema/json-schema.ts'
import {
  type JsonSchema,
  type TypedSchema,
  checkedBy,
  isJsonSchema,
  isStandardSchema,
} from '../schema/schema.ts'
import { fitsStrictMode } from '../schema/strict-mode.ts'
import type { ErrorForModel, Tool, ToolContext } from './tool.ts'

/** What a tool is made of, apart from `parameters`. */
export interface ToolPlan<Schema extends StandardSchemaV1> {
  /** 1 to 64 letters, digits, underscores and hyphens: the rule of the Responses API. */
  readonly name: string
  /** Tells the model what the tool does and when to use it. Not empty. */
  readonly description: string
  /** An object schema that checks the arguments, and is told to the model: zod 4, valibot, ArkType, … */
  readonly schema: Schema
  /**
   * Runs the tool. A string that it gives is the output as it stands, an array of content parts (`input_text`,
   * `input_image`, `input_file`) is sent as parts, and anything else is sent as JSON; `undefined` counts as null.
   *
   * What it throws is told to the application; the model reads `errorForModel`. It should stop when `signal` fires:
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
  /**
   * What the model reads when the tool throws: a text, or a function that makes one of the error. An error's own
   * message can hold a path, a connection string or somebody's data. Default: `The tool failed.`
   */
  readonly errorForModel?: ErrorForModel | undefined
  /**
   * The model goes on without the output, which comes with a later turn. For models that know async tools. Default:
   * false.
   */
  readonly async?: boolean | undefined
  /**
   * Whether a call waits for `conversation.approve` before it runs: always, or where a function of the checked
   * arguments says so. Default: false.
   */
  readonly needsApproval?:
    | boolean
    | ((args: StandardSchemaV1.InferOutput<Schema>) => boolean | Promise<boolean>)
    | undefined
}

/** A tool by plain JSON Schema: as `schema`, or as `parameters`, which is what the API calls it. */
export type JsonToolPlan<Args> = Omit<ToolPlan<StandardSchemaV1<unknown, Args>>, 'schema'> &
  (
    | { readonly schema: JsonSchema; readonly parameters?: undefined }
    | { readonly schema?: undefined; readonly parameters: JsonSchema }
  )

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
  schema: v.custom<StandardSchemaV1 | JsonSchema>(
    (value) => isStandardSchema(value) || isJsonSchema(value),
    'must be a schema of zod, valibot or another library with Standard Schema, or a plain JSON Schema',
  ),
  execute: v.custom<ToolPlan<StandardSchemaV1>['execute']>(
    (value) => typeof value === 'function',
    'must be a function',
  ),
  parameters: v.optional(
    v.custom<JsonSchema>(
      (value) => isJsonSchema(value) && value['type'] === 'object',
      'must be a JSON Schema of type "object"',
    ),
  ),
  strict: v.optional(v.boolean()),
  timeoutMs: v.optional(clock),
  errorForModel: v.optional(
    v.custom<ErrorForModel>(
      (value) => typeof value === 'string' || typeof value === 'function',
      'must be a text, or a function that makes one of an error',
    ),
  ),
  async: v.optional(v.boolean()),
  needsApproval: v.optional(
    v.custom<NonNullable<ToolPlan<StandardSchemaV1>['needsApproval']>>(
      (value) => typeof value === 'boolean' || typeof value === 'function',
      'must be true, false, or a function',
    ),
  ),
})

/**
 * Makes a tool whose arguments are checked before it runs.
 *
 * The JSON Schema for the model comes from the schema by itself; rules that JSON Schema cannot say, such as
 * `v.check` or `z.refine`, are left out of it and still checked. To say something else than the conversion would,
 * or for a Standard Schema that cannot say itself, give it as `parameters`.
 *
 * @example
 * ```ts
 * const readFile = defineTool({
 *   name: 'read_file',
 *   description: 'Reads a text file.',
 *   schema: z.object({ path: z.string() }),
 *   execute: ({ path }) => fs.readFile(path, 'utf8'),
 * })
 * ```
 *
 * @throws {BadOptionError} with the path, when the plan is incomplete, the name breaks the rule, the schema is not
 *   one of an object, or there is no JSON Schema and none can be made
 */
export function defineTool<const Schema extends TypedSchema>(
  plan: ToolPlan<Schema> & { readonly parameters?: JsonSchema | undefined },
): Tool<StandardSchemaV1.InferOutput<Schema>>
export function defineTool<const Schema extends StandardSchemaV1>(
  plan: ToolPlan<Schema> & { readonly parameters: JsonSchema },
): Tool<StandardSchemaV1.InferOutput<Schema>>
export function defineTool<Args extends object = Record<string, unknown>>(
  plan: JsonToolPlan<Args>,
): Tool<Args>
export function defineTool(
  plan: Omit<ToolPlan<StandardSchemaV1>, 'schema'> & {
    readonly schema?: StandardSchemaV1 | JsonSchema | undefined
    readonly parameters?: JsonSchema | undefined
  },
): Tool {
  // A key that is missing is reported as such only where the key exists.
  const required = { name: undefined, description: undefined, execute: undefined }
  const {
    execute: _,
    needsApproval,
    schema,
    parameters: given,
    strict,
    ...rest
  } = parseOptions(planSchema, { ...required, ...plan, schema: plan?.schema ?? plan?.parameters })
  const parameters = jsonSchemaOf(given ?? schema, given === undefined ? 'schema' : 'parameters')
  if (parameters['type'] !== 'object') {
    throw new BadOptionError('schema', 'must be an object schema: the model gives arguments by name')
  }
  return Object.freeze({
    ...rest,
    timeoutMs: rest.timeoutMs,
    errorForModel: rest.errorForModel,
    schema: isJsonSchema(schema) ? checkedBy(parameters) : schema,
    parameters,
    strict: strict ?? fitsStrictMode(parameters),
    async: rest.async ?? false,
    ...approvalOf(needsApproval),
    execute: (args: unknown, context: ToolContext) => plan.execute(args, context),
  })
}

function approvalOf(needs: ToolPlan<StandardSchemaV1>['needsApproval']): Pick<Tool, 'needsApproval'> {
  if (needs === undefined || needs === false) return {}
  return { needsApproval: needs === true ? () => true : (args) => needs(args) }
}
