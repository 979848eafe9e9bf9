import type { StateValue } from 'xstate'

/** A state's path: `reconnecting.waiting.inFloor`, or `open { health: stable, age: fresh }` for a parallel one. */
export function statePath(value: StateValue): string {
  if (typeof value === 'string') return value
  const children = entriesOf(value)
  const [only] = children
  if (children.length !== 1 || only === undefined) return braces(children)
  const [name, child] = only
  if (typeof child === 'string') return `${name}.${child}`
  return entriesOf(child).length === 1 ? `${name}.${statePath(child)}` : `${name} ${braces(entriesOf(child))}`
}

/** The path of what has changed: inside one parallel state, only the regions that moved. */
export function changedPath(before: StateValue | null, after: StateValue): string {
  if (before === null || typeof before === 'string' || typeof after === 'string') return statePath(after)
  const [[name, child] = []] = entriesOf(after)
  const was = name === undefined ? undefined : before[name]
  if (name === undefined || typeof child !== 'object' || typeof was !== 'object') return statePath(after)
  if (entriesOf(child).length < 2) return statePath(after)
  const moved = entriesOf(child).filter(([region, state]) => statePath(state) !== statePathOf(was[region]))
  return `${name} ${braces(moved)}`
}

function statePathOf(value: StateValue | undefined): string | null {
  return value === undefined ? null : statePath(value)
}

function braces(regions: readonly (readonly [string, StateValue])[]): string {
  return `{ ${regions.map(([name, child]) => `${name}: ${statePath(child)}`).join(', ')} }`
}

function entriesOf(value: StateValue): [string, StateValue][] {
  if (typeof value === 'string') return [[value, '']]
  return Object.entries(value).filter((entry): entry is [string, StateValue] => entry[1] !== undefined)
}
