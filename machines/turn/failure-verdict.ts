import type { Remedy } from './refusal-verdict.ts'

/** What a `response.failed` means. */
export interface FailureVerdict {
  /**
   * `back-off`: the same may end better later; `wait`: after the rate limit; `compact`: with a shorter history;
   * `none`: it would end the same way.
   */
  readonly remedy: Extract<Remedy, 'back-off' | 'wait' | 'compact' | 'none'>
}

/** Codes of `response.error` after which the same turn may succeed, if none of its output was used. */
const TRANSIENT: ReadonlySet<string> = new Set(['server_error', 'vector_store_timeout'])

/**
 * Judges `response.error.code`. Holdline never sends such a turn again by itself, because the response had begun;
 * the verdict is for the application that asks whether it may.
 */
export function failureVerdict(code: string | null): FailureVerdict {
  if (code === 'rate_limit_exceeded') return { remedy: 'wait' }
  if (code === 'context_length_exceeded') return { remedy: 'compact' }
  return { remedy: code !== null && TRANSIENT.has(code) ? 'back-off' : 'none' }
}
