import { Secret } from '../protocol/secret.ts'
import { REDACTED } from './format.ts'

/** Stands for every text and secret that a recording does not show. */
const NOT_SHOWN = 'not shown'

/**
 * A context or an event from a recording, fit for a chart: secrets are secrets again, though not the same ones, and
 * functions are gone.
 */
export function revive(value: unknown): unknown {
  if (value === REDACTED) return new Secret(NOT_SHOWN)
  if (Array.isArray(value)) return value.map(revive)
  if (typeof value !== 'object' || value === null) return value
  if ('$text' in value) return 'same' in value ? `${NOT_SHOWN} ${String(value.same)}` : NOT_SHOWN
  if ('$function' in value || '$class' in value || '$error' in value || '$actor' in value) return null
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revive(field)]))
}
