/** What a config may hold besides its structure: values of the app. */
const VALUES: ReadonlySet<string> = new Set(['context', 'input', 'params', 'output', 'meta', 'data'])

/** A machine's config as JSON text, functions as `{ type: name }`, without values. An actor without one has an id. */
export function definitionOf(config: unknown, name: string): string {
  const text = JSON.stringify(config, (key, value: unknown) => {
    if (VALUES.has(key)) return undefined
    return typeof value === 'function' ? { type: value.name } : value
  })
  return text ?? JSON.stringify({ id: name })
}
