import { BadOptionError } from '../../protocol/errors.ts'
import type { FunctionToolDefinition } from '../../protocol/index.ts'
import type { Tool } from './tool.ts'

/**
 * The `tools` of a `response.create`, in the order given.
 *
 * @throws {BadOptionError} when two tools have the same name
 */
export function toolDefinitions(tools: readonly Tool[]): FunctionToolDefinition[] {
  return [...toolsByName(tools).values()].map(({ name, description, parameters, strict }) => ({
    type: 'function',
    name,
    description,
    parameters,
    strict,
  }))
}

/**
 * Finds tools by name.
 *
 * @throws {BadOptionError} when two tools have the same name
 */
export function toolsByName(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  const byName = new Map<string, Tool>()
  for (const [index, tool] of tools.entries()) {
    if (byName.has(tool.name)) {
      throw new BadOptionError(`tools.${index}.name`, `repeats "${tool.name}": names must differ`)
    }
    byName.set(tool.name, tool)
  }
  return byName
}
