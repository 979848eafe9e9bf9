/** The name of the top-level state in a snapshot's value. */
export function topName(value: unknown): string {
  return typeof value === 'object' && value !== null ? String(Object.keys(value)[0]) : String(value)
}
