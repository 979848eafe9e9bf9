/** Actions of XState's own that say nothing about a chart's author: delays show as `after`. */
const PLUMBING: ReadonlySet<string> = new Set(['xstate.raise', 'xstate.cancel'])

/** The names of actions, in order. Inline ones are called by what they do: `assign`, `emit`, or by their function. */
export function actionNames(actions: readonly unknown[]): string[] {
  return actions.flatMap((action) => {
    const type = typeof action === 'string' ? action : readText(action, 'type')
    if (type !== null) return PLUMBING.has(type) ? [] : [type.replace(/^xstate\./, '')]
    return typeof action === 'function' ? [action.name === '' ? 'inline' : action.name] : []
  })
}

function readText(value: unknown, field: string): string | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return null
  const text: unknown = Reflect.get(value, field)
  return typeof text === 'string' ? text : null
}
