import { BadOptionError } from '../../protocol/errors.ts'
import type { ToolDefinition } from '../../protocol/index.ts'
import type { Tool } from './tool.ts'

/**
 * One entry of a list of tools: made by `defineTool`, or an object as the API takes it, for a tool that the server
 * runs, or for a function whose calls the application answers itself.
 */
export type AnyTool = Tool | ToolDefinition

/** Whether a tool has been made by `defineTool`. */
export function isTool(tool: AnyTool): tool is Tool {
  return 'execute' in tool && typeof tool.execute === 'function' && 'schema' in tool
}

/** The tools of a list that can be run here. */
export function runnable(tools: readonly AnyTool[]): Tool[] {
  return tools.filter(isTool)
}

/** The names of functions in a list whose calls the application answers itself. */
export function ownFunctions(tools: readonly AnyTool[]): ReadonlySet<string> {
  const own = tools.filter((tool) => !isTool(tool) && tool.type === 'function')
  return new Set(own.map((tool) => String((tool as { name?: unknown }).name)))
}

/**
 * The `tools` of a `response.create`, in the order given.
 *
 * @throws {BadOptionError} when two functions have the same name
 */
export function toolDefinitions(tools: readonly AnyTool[]): ToolDefinition[] {
  checkNames(tools)
  return tools.map((tool) => {
    if (!isTool(tool)) return tool
    const { name, description, parameters, strict, async } = tool
    return { type: 'function', name, description, parameters, strict, ...(async && { async }) }
  })
}

/**
 * Finds tools by name.
 *
 * @throws {BadOptionError} when two tools have the same name
 */
export function toolsByName(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  checkNames(tools)
  return new Map(tools.map((tool) => [tool.name, tool]))
}

/**
 * What a list of tools must be, apart from its types.
 *
 * @throws {BadOptionError} with the path of what is no tool, or repeats a name
 */
export function checkTools(tools: readonly unknown[]): void {
  for (const [index, tool] of tools.entries()) {
    const path = `tools.${index}`
    if (typeof tool !== 'object' || tool === null) throw new BadOptionError(path, NO_TOOL)
    if (isTool(tool as AnyTool)) continue
    if ('execute' in tool) throw new BadOptionError(path, 'has execute, but was not made by defineTool')
    if (!('type' in tool) || typeof tool.type !== 'string') throw new BadOptionError(path, NO_TOOL)
    if (tool.type === 'function' && !('name' in tool && typeof tool.name === 'string')) {
      throw new BadOptionError(`${path}.name`, 'must be the name of the function')
    }
  }
  checkNames(tools as readonly AnyTool[])
}

const NO_TOOL = 'must be a tool made by defineTool, or an object with a "type" as the API takes it'

function checkNames(tools: readonly AnyTool[]): void {
  const names = new Set<unknown>()
  for (const [index, tool] of tools.entries()) {
    if (!isTool(tool) && tool.type !== 'function') continue
    if (names.has(tool.name)) {
      throw new BadOptionError(`tools.${index}.name`, `repeats "${tool.name}": names must differ`)
    }
    names.add(tool.name)
  }
}
