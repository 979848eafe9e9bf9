import { HoldlineError } from '../protocol/errors.ts'
import { type CredentialRequest, Secret } from '../protocol/secret.ts'
import type { TransportOptions } from '../protocol/transport.ts'
import { isFieldValue } from '../protocol/http-syntax.ts'

/**
 * The key for this attempt, or null where the options authenticate in another way.
 *
 * A provider is asked on every call. What it throws is left out of the error, cause included, because such
 * errors often quote the request that failed.
 *
 * @throws HoldlineError `ERR_CREDENTIAL_MISSING`, `ERR_CREDENTIAL_PROVIDER`, `ERR_BAD_OPTION`
 */
export async function resolveCredential(
  options: TransportOptions,
  request: CredentialRequest,
): Promise<string | null> {
  if (options.auth.mode !== 'provider-default') return null
  const { credential } = options
  if (credential === null) {
    if (Object.keys(options.headers).some((name) => name.toLowerCase() === 'authorization')) return null
    throw missing()
  }
  if (typeof credential !== 'function') return fixedKey(credential)
  let given: unknown
  try {
    given = await credential(request)
  } catch {
    throw providerError('failed')
  }
  const key = Secret.is(given) ? Secret.reveal(given) : given
  if (typeof key !== 'string' || key === '') throw providerError('gave no key')
  if (!isFieldValue(key)) throw providerError('gave a key with a line break or another forbidden character')
  return key
}

function fixedKey(credential: string | Secret): string {
  const key: unknown = Secret.is(credential) ? Secret.reveal(credential) : credential
  if (typeof key !== 'string' || key === '') throw missing()
  if (isFieldValue(key)) return key
  throw new HoldlineError(
    'ERR_BAD_OPTION',
    'The API key holds a line break or another character that no HTTP header may carry. ' +
      'No connection was made. Check how the key is read, a trailing newline for example.',
  )
}

function missing(): HoldlineError {
  return new HoldlineError(
    'ERR_CREDENTIAL_MISSING',
    'There is no API key. No connection was made. Pass one as apiKey, or choose another auth mode.',
  )
}

function providerError(what: string): HoldlineError {
  return new HoldlineError(
    'ERR_CREDENTIAL_PROVIDER',
    `The credential provider ${what}. No connection was made. ` +
      'It must return a string or a Secret, or a promise of one; its own error is not shown, because it may hold secrets.',
  )
}
