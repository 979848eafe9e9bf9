import { vi } from 'vitest'

/** Waits until a check holds. Longer than Vitest's second, for a machine that does other work as well. */
export function waitFor<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 10_000 })
}
