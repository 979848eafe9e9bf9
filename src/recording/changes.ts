import type { ContextChange } from './format.ts'

/** More than this of one transition is not listed: the log is to be read. */
export const MAX_CHANGES = 32

/** What differs between two values that are JSON, as paths with what stood there and what stands there now. */
export function changesBetween(before: unknown, after: unknown): ContextChange[] {
  const changes: ContextChange[] = []
  compare(before, after, [], changes)
  return changes
}

/** The value with the changes made in it. The value given is not changed. */
export function withChanges(value: unknown, changes: readonly ContextChange[]): unknown {
  return changes.reduce((current, change) => withChange(current, change.path, change), value)
}

/** What stands at a path; undefined for nothing. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value)
}

/** Whether nothing of a value was left out for its size. */
export function isWhole(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return !('$more' in value) && Object.values(value).every(isWhole)
}

function compare(before: unknown, after: unknown, path: (string | number)[], changes: ContextChange[]): void {
  if (Object.is(before, after) || changes.length >= MAX_CHANGES) return
  if (isRecord(before) && isRecord(after) && !isPlaceholder(before) && !isPlaceholder(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(before[name], after[name], [...path, name], changes)
    }
    return
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return
  changes.push({
    path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  })
}

function withChange(
  value: unknown,
  [name, ...rest]: readonly (string | number)[],
  change: { readonly after?: unknown },
): unknown {
  if (name === undefined) return change.after
  const fields: Record<string, unknown> = isRecord(value) ? { ...value } : {}
  const inner = withChange(fields[name], rest, change)
  if (inner === undefined) delete fields[name]
  else fields[name] = inner
  return fields
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A placeholder is one value, not an object to look into. */
function isPlaceholder(value: Record<string, unknown>): boolean {
  return Object.keys(value).some((name) => name.startsWith('$') && name !== '$more')
}
