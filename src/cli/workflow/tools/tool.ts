import * as v from 'valibot'
import type { FunctionCallItem, FunctionToolDefinition } from '../../../protocol/index.ts'

/** What came of one call. */
export interface ToolResult {
  /** For the model: JSON text. */
  readonly output: string
  /** For people: a few words. */
  readonly summary: string
}

/** A function that the model may call, and what runs when it does. */
export interface Tool {
  readonly definition: FunctionToolDefinition
  /** `args` is what the model wrote, parsed but not checked. */
  run(args: unknown): Promise<ToolResult>
}

interface ToolPlan<Schema extends v.GenericSchema> {
  readonly name: string
  readonly description: string
  /** The JSON schema of one argument each. All of them are required. */
  readonly parameters: Readonly<Record<string, object>>
  /** The same as a schema that can check. */
  readonly schema: Schema
  run(args: v.InferOutput<Schema>): Promise<{ readonly output: object; readonly summary: string }>
}

/** Makes a tool whose arguments are checked before it runs. */
export function defineTool<Schema extends v.GenericSchema>(plan: ToolPlan<Schema>): Tool {
  const { name, description, parameters, schema } = plan
  return {
    definition: {
      type: 'function',
      name,
      description,
      strict: true,
      parameters: {
        type: 'object',
        properties: parameters,
        required: Object.keys(parameters),
        additionalProperties: false,
      },
    },
    async run(args) {
      const { output, summary } = await plan.run(v.parse(schema, args))
      return { output: JSON.stringify(output), summary }
    },
  }
}

/** Runs the tool that a call names. A call that cannot be run is answered too: the model may correct it. */
export async function runCall(tools: readonly Tool[], call: FunctionCallItem): Promise<ToolResult> {
  try {
    const tool = tools.find(({ definition }) => definition.name === call.name)
    if (tool === undefined) throw new Error(`There is no tool "${call.name}".`)
    return await tool.run(JSON.parse(call.arguments))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { output: JSON.stringify({ error: message }), summary: `failed: ${message}` }
  }
}
