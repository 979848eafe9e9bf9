const PLAIN_CODE = /^[A-Za-z0-9_.-]{1,64}$/

/** The value if it looks like an error code, else null: codes of a peer are shown and compared. */
export function plainCode(value: unknown): string | null {
  return typeof value === 'string' && PLAIN_CODE.test(value) ? value : null
}
