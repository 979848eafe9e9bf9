/** A guard's name; composed ones read as `isA and isB`, `not isA`. Null where there is none. */
export function guardName(guard: unknown): string | null {
  if (guard === undefined || guard === null) return null
  if (typeof guard === 'string') return guard
  if (typeof guard === 'object') return readText(guard, 'type') ?? 'inline guard'
  if (typeof guard !== 'function') return 'inline guard'
  const parts: unknown = Reflect.get(guard, 'guards')
  if (Array.isArray(parts))
    return composed(
      guard.name,
      parts.map((part) => guardName(part) ?? 'inline guard'),
    )
  return guard.name === '' || guard.name === 'guard' ? 'inline guard' : guard.name
}

function composed(kind: string, parts: readonly string[]): string {
  if (kind.startsWith('not')) return `not ${parts[0] ?? ''}`
  return parts.join(kind.startsWith('or') ? ' or ' : ' and ')
}

function readText(value: object, field: string): string | null {
  const text: unknown = Reflect.get(value, field)
  return typeof text === 'string' ? text : null
}
