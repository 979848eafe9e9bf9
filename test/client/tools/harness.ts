import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { defineTool, type Tool, type ToolContext } from '../../../src/client/tools/index.ts'
import type { FunctionCallItem } from '../../../src/protocol/index.ts'

/** A call of the model; the arguments are JSON text, or what to write as such. */
export function callOf(name: string, args: unknown = {}, callId = `call_${name}`): FunctionCallItem {
  const text = typeof args === 'string' ? args : JSON.stringify(args)
  return { type: 'function_call', id: `fc_${callId}`, call_id: callId, name, arguments: text }
}

/** A tool without arguments that does what it is given. */
export function toolOf(
  name: string,
  execute: (args: object, context: ToolContext) => unknown,
  timeoutMs?: number | false,
): Tool {
  return defineTool({ name, description: `Does ${name}.`, schema: v.object({}), execute, timeoutMs })
}

/** A Standard Schema written by hand, of a library that nobody knows. */
export function doubled(): StandardSchemaV1<{ n: number }, { twice: number }> {
  return {
    '~standard': {
      version: 1,
      vendor: 'by-hand',
      validate: async (value) => {
        const { n } = value as { n?: unknown }
        if (typeof n === 'number') return { value: { twice: 2 * n } }
        return { issues: [{ message: 'must be a number', path: [{ key: 'n' }] }] }
      },
    },
  }
}

export const DOUBLED_PARAMETERS = {
  type: 'object',
  properties: { n: { type: 'number' } },
  required: ['n'],
  additionalProperties: false,
}
