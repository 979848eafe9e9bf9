import type { IncomingHttpHeaders } from 'node:http'
import { isCredentialName } from '../protocol/credential-names.ts'
import type { Scrub } from './scrub.ts'

/** The headers of a peer's answer as they may be shown: without credentials, and without what it echoes of ours. */
export function shownHeaders(headers: IncomingHttpHeaders, scrub: Scrub): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || isCredentialName(name)) continue
    shown[scrub(name)] = scrub(Array.isArray(value) ? value.join(', ') : value)
  }
  return shown
}
