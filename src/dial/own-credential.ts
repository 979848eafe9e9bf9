import { hash } from 'node:crypto'
import type { Secret } from '../protocol/secret.ts'
import type { TransportOptions } from '../protocol/transport.ts'
import { resolveCredential } from './credential.ts'
import { upgradeHeaders } from './headers.ts'
import { openTransport } from './plan.ts'

/** Who a request over HTTP is made for, as its headers say it. */
export interface RequestCredential {
  /** Of `Authorization: Bearer` or `api-key`; null for none. */
  readonly apiKey: string | null
  /** `OpenAI-Organization`, or null. */
  readonly organization: string | null
  /** `OpenAI-Project`, or null. */
  readonly project: string | null
}

/** Another scheme than `Bearer` is part of the key. */
function credentialOf(headers: Headers): RequestCredential {
  const bearer = headers.get('authorization')?.replace(/^bearer +/i, '')
  return {
    apiKey: bearer ?? headers.get('api-key'),
    organization: headers.get('openai-organization'),
    project: headers.get('openai-project'),
  }
}

/**
 * Whether a connection dials with the same key, organization and project. A provider is asked for its key.
 * False also where there is no key to compare with.
 */
export async function isOwnCredential(
  transport: Secret<TransportOptions>,
  credential: RequestCredential,
  signal: AbortSignal,
): Promise<boolean> {
  const options = openTransport(transport)
  let own: RequestCredential
  try {
    const key = await resolveCredential(options, { signal, renew: false })
    const headers = upgradeHeaders(options, key)
    own = credentialOf(new Headers(headers))
    if (options.auth.mode === 'header') own = { ...own, apiKey: headers[options.auth.headerName] ?? null }
  } catch {
    return false
  }
  return (['apiKey', 'organization', 'project'] as const).every((field) =>
    isSame(own[field], credential[field]),
  )
}

/** By their digests: how long it takes says nothing of how much was right. */
function isSame(own: string | null, given: string | null): boolean {
  if (own === null || given === null) return own === given
  return hash('sha256', own) === hash('sha256', given)
}
